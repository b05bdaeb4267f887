/** Where the upstream calls of an operation stand in a picture: a lane for each endpoint, rows where calls overlap. */
import type { ExplainedRequest, Explanation } from '../src/server/observability/explain.ts';

export interface Waterfall {
  readonly lanes: readonly Lane[];
  /** The end of the last call. */
  readonly durationMs: number;
  /** Moments to mark on the axis, from 0. */
  readonly ticksMs: readonly number[];
  readonly totals: Totals;
}

export interface Lane {
  readonly endpoint: string;
  /** Bars of one row do not overlap. */
  readonly rows: readonly (readonly Bar[])[];
}

export interface Bar {
  readonly request: ExplainedRequest;
  /** Shares of the whole duration, from 0 to 1. */
  readonly start: number;
  readonly width: number;
  readonly hasFailed: boolean;
}

export interface Totals {
  readonly calls: number;
  readonly roundTrips: number;
  readonly fromMemory: number;
  readonly stale: number;
  readonly shared: number;
  readonly bytes: number;
}

/** A bar that is narrower can't be seen, nor pointed at. */
const leastWidth = 0.012;
const mostTicks = 5;

export function createWaterfall({ requests, ...explanation }: Explanation): Waterfall {
  const durationMs = Math.max(1, ...requests.map(({ startMs, durationMs: takes }) => startMs + takes));
  const byEndpoint = new Map<string, ExplainedRequest[]>();
  for (const request of requests) {
    byEndpoint.set(request.endpoint, [...(byEndpoint.get(request.endpoint) ?? []), request]);
  }
  return {
    lanes: [...byEndpoint].map(([endpoint, inLane]) => ({ endpoint, rows: rowsOf(inLane, durationMs) })),
    durationMs,
    ticksMs: ticksOf(durationMs),
    totals: {
      calls: explanation.calls,
      roundTrips: explanation.roundTrips,
      fromMemory: explanation.cacheHits,
      stale: explanation.staleAnswers,
      shared: explanation.sharedFlights,
      bytes: requests.reduce((sum, { bytes }) => sum + (bytes ?? 0), 0),
    },
  };
}

/** Each in the first row that has room for it. */
function rowsOf(requests: readonly ExplainedRequest[], durationMs: number): Bar[][] {
  const rows: Bar[][] = [];
  for (const request of requests.toSorted((left, right) => left.startMs - right.startMs)) {
    const width = Math.max(leastWidth, request.durationMs / durationMs);
    const start = Math.min(request.startMs / durationMs, 1 - width);
    const isOwn = request.source === 'CALL' || request.source === 'SHARED';
    const hasFailed = isOwn && (request.status === null || request.status >= 400);
    const bar = { request, start, width, hasFailed };
    const row = rows.find((bars) => bars.every((other) => other.start + other.width <= start));
    if (row === undefined) rows.push([bar]);
    else row.push(bar);
  }
  return rows;
}

/** Round numbers, a few of them. */
function ticksOf(durationMs: number): number[] {
  const rough = durationMs / mostTicks;
  const magnitude = 10 ** Math.floor(Math.log10(rough));
  const step = [1, 2, 5, 10].map((times) => times * magnitude).find((each) => each >= rough) ?? rough;
  return Array.from({ length: Math.floor(durationMs / step) + 1 }, (_, index) => index * step);
}
