/** Error codes of JSON-RPC 2.0 (https://www.jsonrpc.org/specification#error_object). */
export const rpcCodes = {
  parseError: -32_700,
  invalidRequest: -32_600,
  invalidParams: -32_602,
  internalError: -32_603,
  /** For errors without a code in the specification. */
  serverError: -32_000,
} as const;
