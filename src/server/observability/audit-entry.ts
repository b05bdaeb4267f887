/** Audit line of one operation: no secret, no variables and no results, except the parameters of an export. */
export interface AuditEntry {
  /** Value of the response header X-Request-Id. */
  readonly requestId: string;
  /** Null if the caller was not authenticated. */
  readonly caller: string | null;
  /** Null if the gateway has a single credential. */
  readonly profile: string | null;
  /** Operation name, or an export's file name; null if the operation is unnamed or was not understood. */
  readonly operation: string | null;
  readonly kind: 'query' | 'subscription' | 'export' | null;
  /** MCP tool that was called; null if none was. */
  readonly tool: string | null;
  /** SHA-256 of the document, in hexadecimal; null if there was none or it was not read. */
  readonly hash: string | null;
  /** Parameters of an export; null for other operations. */
  readonly exported: {
    readonly columns: readonly string[];
    readonly filter: object | null;
    readonly customers: object | null;
  } | null;
  /** Ids of the first hundred customers whose data was read. */
  readonly customers: readonly string[];
  readonly customerCount: number;
  readonly calls: number;
  /** Fresh upstream answers from the cache. */
  readonly fromCache: number;
  /** Stale upstream answers from the cache. */
  readonly stale: number;
  /** Answers of upstream calls that another operation or instance had in flight. */
  readonly shared: number;
  /** `partial`: data and errors. `failed`: only errors. `refused`: not executed. */
  readonly outcome: 'answered' | 'partial' | 'failed' | 'refused' | 'client_closed';
  readonly codes: readonly string[];
  readonly status: number;
  /** Whether the response was cached, or shared by an equal request in flight. */
  readonly responseCached: boolean;
  readonly durationMs: number;
  /** Part of `durationMs` in which at least one upstream answer was awaited. */
  readonly upstreamMs: number;
}
