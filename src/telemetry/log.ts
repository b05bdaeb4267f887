/**
 * The log, as JSON or as readable lines for a terminal, and the audit of operations, with an optional separate file.
 */
import { pino, stdTimeFunctions, type DestinationStream, type Logger } from 'pino';
import pretty from 'pino-pretty';
import type { AuditEntry } from '../server/observability/audit-entry.ts';
import { LineWriter } from './line-writer.ts';
import { openAuditFile, standardOutput } from './outputs.ts';

export type Log = Pick<Logger, 'info' | 'warn' | 'error'>;

export const logLevels = ['debug', 'info', 'warn', 'error', 'silent'] as const;

export interface LogConfig {
  readonly level: (typeof logLevels)[number];
  /** Separate file of the audit, or null. */
  readonly auditFile: string | null;
}

interface LineSink {
  /** Number of lines that could not be written. */
  readonly dropped: number;
  /** Flushes queued lines; always resolves within the time limit. */
  readonly end: (limitMs: number) => Promise<void>;
}

export interface ProcessLog extends LineSink {
  readonly log: Log;
}

/** @param isTerminal whether to write readable lines instead of JSON */
export function createLog({ level }: LogConfig, isTerminal: boolean): ProcessLog {
  if (isTerminal) {
    const readable = pretty({
      ignore: entryFields.join(','),
      messageFormat: (line, messageKey) =>
        'outcome' in line ? briefly(line as unknown as AuditEntry) : String(line[messageKey]),
      singleLine: true,
      translateTime: 'SYS:HH:MM:ss.l',
    });
    return { log: createLogger(level, readable), dropped: 0, end: () => Promise.resolve() };
  }
  const output = standardOutput((dropped) => {
    log.info(`The standard output can be written again; ${dropped} lines of the log were dropped.`);
  });
  const log = createLogger(level, output);
  return {
    log,
    get dropped() {
      return output.dropped;
    },
    end: (limitMs) => output.end(limitMs),
  };
}

/** Audit fields that readable lines express in words or omit. */
const entryFields: readonly (keyof AuditEntry)[] = [
  'requestId',
  'profile',
  'operation',
  'kind',
  'tool',
  'hash',
  'exported',
  'customers',
  'customerCount',
  'calls',
  'fromCache',
  'stale',
  'shared',
  'outcome',
  'codes',
  'status',
  'responseCached',
  'durationMs',
  'upstreamMs',
];

/** Formats an operation as a readable line. */
function briefly(entry: AuditEntry): string {
  const { operation, kind, outcome, codes, customerCount, responseCached, durationMs } = entry;
  const { calls, shared, stale, fromCache } = entry;
  const name = operation ?? kind ?? 'a request';
  const why = codes.length === 0 ? '' : ` (${codes.join(', ')})`;
  const sources = [`${calls} calls`, `${fromCache} from cache`]
    .concat(shared === 0 ? [] : `${shared} shared`)
    .concat(stale === 0 ? [] : `${stale} stale`);
  const cost = responseCached ? 'cached response' : sources.join(', ');
  return `${name} ${outcome}${why}: ${customerCount} customers, ${cost}, ${durationMs} ms`;
}

export interface AuditLog extends LineSink {
  /** Null if there is no audit. */
  readonly write: ((entry: AuditEntry) => void) | null;
  /** Reopens the file after rotation. */
  readonly reopen: () => void;
}

/**
 * Writes operations to the log if its level includes info, and to the audit file if there is one.
 *
 * @throws AuditFileError if the file can't be opened
 */
export function createAuditLog(log: Log, { level, auditFile }: LogConfig): AuditLog {
  const isLogged = level === 'debug' || level === 'info';
  const file =
    auditFile === null
      ? null
      : new LineWriter({
          open: () => openAuditFile(auditFile),
          onFailure: (error) => {
            log.warn({ err: error ?? new Error('Writes take too long.') }, auditFails);
          },
          onRecovery: (dropped) => {
            log.info(`The audit file can be written again; ${dropped} of its lines were dropped.`);
          },
        });
  const ownLog = file === null ? null : createLogger('info', file);
  const logs = [...(isLogged ? [log] : []), ...(ownLog === null ? [] : [ownLog])];
  return {
    write:
      logs.length === 0
        ? null
        : (entry) => {
            for (const each of logs) each.info(entry, 'operation');
          },
    reopen: () => file?.reopen(),
    get dropped() {
      return file?.dropped ?? 0;
    },
    end: async (limitMs) => file?.end(limitMs),
  };
}

const auditFails = "The audit file can't be written. Its lines are dropped if too many wait.";

function createLogger(level: LogConfig['level'], stream: DestinationStream): Logger {
  return pino(
    {
      level,
      base: null,
      timestamp: stdTimeFunctions.isoTime,
      formatters: { level: (label) => ({ level: label }) },
      serializers: { err: showError },
    },
    stream,
  );
}

/** Serializes an error by an allow-list, to keep its other properties out of the log. */
function showError(error: unknown): object {
  if (!(error instanceof Error)) return { message: String(error) };
  const { name, message, stack, cause } = error;
  return { name, message, stack, ...(cause === undefined ? {} : { cause: showError(cause) }) };
}
