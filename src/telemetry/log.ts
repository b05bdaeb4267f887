/**
 * The log: lines of JSON for machines, readable ones in a terminal; and the audit of operations, which may have a file of
 * its own.
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
  /** Of the audit, beside the log; null if it has none. */
  readonly auditFile: string | null;
}

/** Lines that could not be written. */
interface LineSink {
  readonly dropped: number;
  /** Writes what waits; resolves within the time limit, whether or not it could. */
  readonly end: (limitMs: number) => Promise<void>;
}

export interface ProcessLog extends LineSink {
  readonly log: Log;
}

/** @param isTerminal whether it is read as it comes */
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

/** What a line in a terminal says in words, or leaves out. */
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

/** An operation in a line that is read as it comes. */
function briefly(entry: AuditEntry): string {
  const { operation, kind, outcome, codes, customerCount, responseCached, durationMs } = entry;
  const { calls, shared, stale, fromCache } = entry;
  const name = operation ?? kind ?? 'a request';
  const why = codes.length === 0 ? '' : ` (${codes.join(', ')})`;
  const sources = [`${calls} calls`, `${fromCache} from memory`]
    .concat(shared === 0 ? [] : `${shared} shared`)
    .concat(stale === 0 ? [] : `${stale} stale`);
  const cost = responseCached ? 'from the answers' : sources.join(', ');
  return `${name} ${outcome}${why}: ${customerCount} customers, ${cost}, ${durationMs} ms`;
}

export interface AuditLog extends LineSink {
  /** Null if it would not be written anywhere. */
  readonly write: ((entry: AuditEntry) => void) | null;
  /** Begins the file anew, after it was moved away. */
  readonly reopen: () => void;
}

/**
 * Writes operations to the log, if it has lines of level info, and to the audit's own file, if it has one.
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

/** What an error is, and where; whatever else it carries stays out of the log. */
function showError(error: unknown): object {
  if (!(error instanceof Error)) return { message: String(error) };
  const { name, message, stack, cause } = error;
  return { name, message, stack, ...(cause === undefined ? {} : { cause: showError(cause) }) };
}
