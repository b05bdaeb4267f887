/**
 * A line for each operation: who has asked what, whose data was read for it, what it took, and how it ended. It holds no
 * personal data and no secret: customers by their ids, callers and operations by the names they were given, documents by
 * their hash, and nothing of variables and answers.
 */
import { createHash } from 'node:crypto';
import type { FastifyInstance, FastifyRequest } from 'fastify';
import { AnswerCounts, type Viewer } from '../scope.ts';

export interface AuditEntry {
  /** As its sender, or else the gateway, has named it, in the header X-Request-Id of both directions. */
  readonly requestId: string;
  /** Null where nobody was let in. */
  readonly caller: string | null;
  /** Null where there is one credential for all. */
  readonly profile: string | null;
  /** Null where it has no name, or was not understood. */
  readonly operation: string | null;
  readonly kind: 'query' | 'subscription' | null;
  /** SHA-256 of the document, in hexadecimal; null where none was sent, or none was looked at. */
  readonly hash: string | null;
  /** Ids of the customers whose data was read, a hundred of them at most. */
  readonly customers: readonly string[];
  readonly customerCount: number;
  /** Calls of the upstream that it made. */
  readonly calls: number;
  /** Answers of the upstream that memory had, fresh. */
  readonly fromCache: number;
  /** And past their time to live. */
  readonly stale: number;
  /** Answers to calls that another operation, or another instance, had in the air. */
  readonly shared: number;
  /**
   * `partial`: with errors beside the data. `failed`: with errors alone. `refused`: it was not executed. `left`: its
   * caller had gone.
   */
  readonly outcome: 'answered' | 'partial' | 'failed' | 'refused' | 'left';
  /** Of the errors, each once. */
  readonly codes: readonly string[];
  readonly status: number;
  /** Whether the whole answer was at hand. */
  readonly wasKept: boolean;
  readonly durationMs: number;
  /** Of it, how long at least one answer of the upstream was waited for. */
  readonly upstreamMs: number;
}

const mostCustomers = 100;
const longestName = 100;

/** What becomes known of one operation until it has been answered. */
export class OperationRecord {
  operation: string | null = null;
  kind: AuditEntry['kind'] = null;
  hash: string | null = null;
  /** Whose data was read. */
  customers: ReadonlySet<string> = new Set();
  codes = new Set<string>();
  outcome: AuditEntry['outcome'] | null = null;
  wasKept = false;
  /** Of calls. */
  budget: { readonly made: number } = { made: 0 };
  counts = new AnswerCounts();

  describe(operation: string | null | undefined, kind: string | undefined, hash: string | undefined): void {
    this.operation = operation?.slice(0, longestName) ?? null;
    this.kind = kind === 'query' || kind === 'subscription' ? kind : null;
    this.hash = hash ?? null;
  }

  /**
   * Takes in a result, of which a subscription has many.
   *
   * @param data undefined where it was not executed
   */
  conclude(data: unknown, codes: Iterable<unknown>): void {
    for (const code of codes) this.codes.add(String(code));
    if (data === undefined) this.outcome = 'refused';
    else if (this.codes.size === 0) this.outcome = 'answered';
    else this.outcome = data === null ? 'failed' : 'partial';
  }

  /** It is answered as an earlier one was. */
  repeat({ operation, kind, hash, customers }: OperationRecord): void {
    Object.assign(this, { operation, kind, hash, customers, wasKept: true, outcome: 'answered' });
  }
}

export interface AuditOptions {
  readonly write: (entry: AuditEntry) => void;
  /** Null where it is not known who has sent a request. */
  readonly viewerOf: (request: FastifyRequest) => Viewer | null;
  /** What is no operation. */
  readonly isIgnored: (request: FastifyRequest) => boolean;
}

export class Audit {
  readonly #options: AuditOptions | null;
  readonly #records = new WeakMap<FastifyRequest, OperationRecord>();

  /** @param options null where nobody keeps one */
  constructor(options: AuditOptions | null) {
    this.#options = options;
  }

  /** Null where nobody audits. */
  recordOf(request: FastifyRequest): OperationRecord | null {
    return this.#records.get(request) ?? null;
  }

  /** Of a Fastify scope; before whatever may refuse a request. */
  guard(scope: FastifyInstance): void {
    const options = this.#options;
    if (options === null) return;
    scope.addHook('onRequest', (request, reply, done) => {
      if (!options.isIgnored(request)) {
        const startedAt = performance.now();
        const record = new OperationRecord();
        this.#records.set(request, record);
        reply.raw.once('close', () => {
          const { writableFinished, statusCode } = reply.raw;
          const viewer = options.viewerOf(request);
          const { operation, kind, hash, customers, codes, wasKept, budget, counts } = record;
          options.write({
            requestId: request.id,
            caller: viewer?.name ?? null,
            profile: viewer?.profile ?? null,
            operation,
            kind,
            hash,
            customers: first(customers, mostCustomers),
            customerCount: customers.size,
            calls: budget.made,
            fromCache: counts.fresh,
            stale: counts.stale,
            shared: counts.shared,
            outcome: writableFinished ? (record.outcome ?? outcomeOf(statusCode)) : 'left',
            codes: [...codes],
            status: statusCode,
            wasKept,
            durationMs: roundMs(performance.now() - startedAt),
            upstreamMs: roundMs(counts.waitedMs),
          });
        });
      }
      done();
    });
  }
}

/** SHA-256 of a document, in hexadecimal. */
export function hashOf(document: string): string {
  return createHash('sha256').update(document).digest('hex');
}

function roundMs(milliseconds: number): number {
  return Math.round(milliseconds * 10) / 10;
}

/** Of what no operation was told of. */
function outcomeOf(status: number): AuditEntry['outcome'] {
  if (status < 400) return 'answered';
  return status === 500 ? 'failed' : 'refused';
}

function first(ids: ReadonlySet<string>, most: number): string[] {
  const chosen: string[] = [];
  for (const id of ids) {
    if (chosen.length === most) break;
    chosen.push(id);
  }
  return chosen;
}
