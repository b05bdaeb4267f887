/** What the last operation has cost: told by the fetcher, shown by the panel. */
import type { Explanation } from '../src/server/observability/explain.ts';

let current: Explanation | null = null;
const listeners = new Set<() => void>();

export const lastExplanation = {
  get: () => current,
  set: (explanation: Explanation | null) => {
    current = explanation;
    for (const listener of listeners) listener();
  },
  subscribe: (listener: () => void) => {
    listeners.add(listener);
    return () => listeners.delete(listener);
  },
};
