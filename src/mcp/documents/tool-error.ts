/** A file of tools can't be used; the message names the file and says why. */
export class ToolError extends Error {
  override readonly name = 'ToolError';
}
