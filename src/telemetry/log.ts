/**
 * What the process tells whoever runs it: lines of JSON for machines, readable ones in a terminal; and the audit of
 * operations, which may have a file of its own.
 */
import { destination, pino, stdTimeFunctions, type DestinationStream, type Logger } from 'pino';
import pretty from 'pino-pretty';
import type { AuditEntry } from '../server/observability/audit-entry.ts';

export type Log = Pick<Logger, 'info' | 'warn' | 'error'>;

export const logLevels = ['debug', 'info', 'warn', 'error', 'silent'] as const;

export interface LogConfig {
  readonly level: (typeof logLevels)[number];
  /** Of the audit, beside the log; null where it has none. */
  readonly auditFile: string | null;
}

/** @param isTerminal whether a person reads it as it comes */
export function createLog({ level }: LogConfig, isTerminal: boolean): Log {
  return createLogger(
    level,
    isTerminal
      ? pretty({
          ignore: entryFields.join(','),
          messageFormat: (line, messageKey) =>
            'outcome' in line ? briefly(line as unknown as AuditEntry) : String(line[messageKey]),
          singleLine: true,
          translateTime: 'SYS:HH:MM:ss.l',
        })
      : destination({ dest: 1, sync: false }),
  );
}

/** What a line in a terminal says in words, or leaves out. */
const entryFields: readonly (keyof AuditEntry)[] = [
  'requestId',
  'profile',
  'operation',
  'kind',
  'hash',
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

export interface AuditLog {
  /** Null where nobody would read it. */
  readonly write: ((entry: AuditEntry) => void) | null;
  /** Begins the file anew, after it was moved away. */
  readonly reopen: () => void;
}

/** Operations go to the log where it takes lines of information, and to the audit's own file where there is one. */
export function createAuditLog(log: Log, { level, auditFile }: LogConfig): AuditLog {
  const isLogged = level === 'debug' || level === 'info';
  const file = auditFile === null ? null : destination({ dest: auditFile, sync: false, mkdir: true });
  file?.on('error', (error) => {
    log.error({ err: error }, 'the audit file takes no more lines');
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
  };
}

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
