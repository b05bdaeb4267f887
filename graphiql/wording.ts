/** Texts of the panel of upstream calls. */
import type { Bar } from './waterfall.ts';

const sources = {
  CALL: 'Call of the API',
  SHARED: 'Call of another operation, shared',
  CACHE: 'From the cache',
  STALE: 'From the cache, outdated',
};

/** Such as "Call of the API: 23 ms, started at 8 ms". */
export function describe({ request: { source, startMs, durationMs }, hasFailed }: Bar): string {
  const what = `${sources[source]}${hasFailed ? ', failed' : ''}`;
  const isCall = source === 'CALL' || source === 'SHARED';
  return isCall
    ? `${what}: ${milliseconds(durationMs)}, started at ${milliseconds(startMs)}`
    : `${what}, at ${milliseconds(startMs)}`;
}

/** Names an endpoint by method and path, or by purpose if it is not the API's. */
export function nameOf(endpoint: string): string {
  return endpoint === 'POST token' ? 'Access token of the API' : endpoint;
}

const maxShown = 12;

export function few(texts: readonly string[]): string {
  const more = texts.length - maxShown;
  return [...texts.slice(0, maxShown), ...(more > 0 ? [`and ${more} more`] : [])].join(', ');
}

export function milliseconds(value: number): string {
  return `${value < 10 ? Number(value.toFixed(1)) : Math.round(value)} ms`;
}

export function kilobytes(value: number): string {
  return value < 1000 ? `${value} B` : `${(value / 1000).toFixed(value < 10_000 ? 1 : 0)} kB`;
}

export function percent(share: number): string {
  return `${share * 100}%`;
}
