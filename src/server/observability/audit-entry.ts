/** Audit line of one operation: no secret, and nothing of variables and answers but what an export was asked for. */
export interface AuditEntry {
  /** As in the header X-Request-Id of the response. */
  readonly requestId: string;
  /** Null if the caller was not authenticated. */
  readonly caller: string | null;
  /** Null if the gateway has one credential for all. */
  readonly profile: string | null;
  /** Of an export, its file's name; null if the operation is unnamed, or was not understood. */
  readonly operation: string | null;
  readonly kind: 'query' | 'subscription' | 'export' | null;
  /** The tool by which an assistant asked; null if none was called. */
  readonly tool: string | null;
  /** SHA-256 of the document, in hexadecimal; null if there was none, or it was not read. */
  readonly hash: string | null;
  /** What was exported, as it was asked for; null if nothing was. */
  readonly exported: {
    readonly columns: readonly string[];
    readonly filter: object | null;
    readonly customers: object | null;
  } | null;
  /** Ids of the customers whose data was read, the first hundred. */
  readonly customers: readonly string[];
  readonly customerCount: number;
  /** Upstream calls made. */
  readonly calls: number;
  /** Upstream answers read from the cache, fresh. */
  readonly fromCache: number;
  /** Upstream answers read from the cache, past their time to live. */
  readonly stale: number;
  /** Answers of upstream calls that another operation, or another instance, had in flight. */
  readonly shared: number;
  /** `partial`: errors beside the data. `failed`: errors alone. `refused`: not executed. */
  readonly outcome: 'answered' | 'partial' | 'failed' | 'refused' | 'client_closed';
  readonly codes: readonly string[];
  readonly status: number;
  /** Whether the response was cached, or made for an equal request in flight. */
  readonly responseCached: boolean;
  readonly durationMs: number;
  /** How much of it at least one upstream answer was awaited. */
  readonly upstreamMs: number;
}
