/** Unusable file of a tool; the message has the file and the reason. */
export class ToolError extends Error {
  override readonly name = 'ToolError';
}
