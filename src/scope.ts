/** What one operation hands down every seam: each call made for it ends when the signal aborts. */
export interface Scope {
  readonly signal: AbortSignal;
}
