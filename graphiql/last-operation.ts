/** The last operation and its upstream calls: written by the fetcher, shown by the panel. */
import type { Explanation } from '../src/server/observability/explain.ts';
import { Store } from './store.ts';

export interface LastOperation {
  readonly name: string;
  readonly kind: 'query' | 'subscription';
  readonly isRunning: boolean;
  /** Whether the gateway refused the operation without executing it. */
  readonly wasRefused: boolean;
  /** Explanation of a query; null if absent or pending. */
  readonly explanation: Explanation | null;
  /** Progress of a subscription; null if its results have none. */
  readonly progress: Progress | null;
}

export interface Progress {
  readonly calls?: number;
  readonly tenantsDone?: number;
  readonly tenantsTotal?: number;
}

export const lastOperation = new Store<LastOperation | null>(null);

/** Records that an operation has begun. The returned function records its progress until another begins. */
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
