/** The last operation that was run, and what it took of the upstream: written by the fetcher, shown by the panel. */
import type { Explanation } from '../src/server/observability/explain.ts';
import { Store } from './store.ts';

export interface LastOperation {
  readonly name: string;
  readonly kind: 'query' | 'subscription';
  readonly isRunning: boolean;
  /** Whether the gateway refused it, and executed nothing. */
  readonly wasRefused: boolean;
  /** Of a query; null if there is none, or none yet. */
  readonly explanation: Explanation | null;
  /** Of a subscription; null if its results do not say. */
  readonly progress: Progress | null;
}

export interface Progress {
  readonly calls?: number;
  readonly tenantsDone?: number;
  readonly tenantsTotal?: number;
}

export const lastOperation = new Store<LastOperation | null>(null);

/** Takes note that an operation has begun. The returned function takes note of its course, until another one begins. */
export function noteOperation(name: string, kind: LastOperation['kind']) {
  let current: LastOperation = {
    name,
    kind,
    isRunning: true,
    wasRefused: false,
    explanation: null,
    progress: null,
  };
  lastOperation.set(current);
  return (changes: Partial<LastOperation>) => {
    if (lastOperation.get() !== current) return;
    current = { ...current, ...changes };
    lastOperation.set(current);
  };
}
