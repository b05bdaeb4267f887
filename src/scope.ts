import { setMaxListeners } from 'node:events';

/** What one operation hands down every seam: each call made for it ends when the signal aborts. */
export interface Scope {
  readonly signal: AbortSignal;
}

/** A scope and the way to end it. Any number of calls may listen to its signal. */
export function createScope(): { readonly scope: Scope; readonly end: () => void } {
  const controller = new AbortController();
  setMaxListeners(0, controller.signal);
  return {
    scope: { signal: controller.signal },
    end: () => {
      controller.abort();
    },
  };
}
