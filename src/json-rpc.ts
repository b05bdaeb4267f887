/** Error codes of JSON-RPC 2.0 (https://www.jsonrpc.org/specification#error_object). */
export const rpcCodes = {
  parseError: -32_700,
  invalidRequest: -32_600,
  invalidParams: -32_602,
  internalError: -32_603,
  /** An error that the specification has no code for. */
  serverError: -32_000,
} as const;
