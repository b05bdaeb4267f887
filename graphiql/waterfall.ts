/** Layout of an operation's upstream calls: a lane for each endpoint, with rows for overlapping calls. */
import type { ExplainedRequest, Explanation } from '../src/server/observability/explain.ts';

export interface Waterfall {
  readonly lanes: readonly Lane[];
  /** End of the last call. */
  readonly durationMs: number;
  /** Times to mark on the axis, from 0. */
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
  readonly cached: number;
  readonly stale: number;
  readonly shared: number;
  readonly bytes: number;
}

/** A narrower bar could be neither seen nor pointed at. */
const minWidth = 0.012;
const maxTicks = 5;

export function createWaterfall({ requests, ...explanation }: Explanation): Waterfall {
  const durationMs = Math.max(1, ...requests.map(({ startMs, durationMs: takes }) => startMs + takes));
  const byEndpoint = new Map<string, ExplainedRequest[]>();
  for (const request of requests) {
    const inLane = byEndpoint.get(request.endpoint);
    if (inLane === undefined) byEndpoint.set(request.endpoint, [request]);
    else inLane.push(request);
  }
  return {
    lanes: [...byEndpoint].map(([endpoint, inLane]) => ({ endpoint, rows: rowsOf(inLane, durationMs) })),
    durationMs,
    ticksMs: ticksOf(durationMs),
    totals: {
      calls: explanation.calls,
      roundTrips: explanation.roundTrips,
      cached: explanation.cacheHits,
      stale: explanation.staleAnswers,
      shared: explanation.sharedFlights,
      bytes: requests.reduce((sum, { bytes }) => sum + (bytes ?? 0), 0),
    },
  };
}

/**
 * Returns the bar that a key moves to: along the lane, or the nearest of the next lane. Null for other keys, and beyond
 * the last bar.
 */
export function neighbourOf(lanes: readonly Lane[], from: Bar, key: string): Bar | null {
  const index = lanes.findIndex(({ rows }) => rows.some((bars) => bars.includes(from)));
  const inLane = inOrder(lanes[index]);
  const position = inLane.indexOf(from);
  switch (key) {
    case 'ArrowRight':
      return inLane[position + 1] ?? null;
    case 'ArrowLeft':
      return inLane[position - 1] ?? null;
    case 'Home':
      return inLane[0] ?? null;
    case 'End':
      return inLane.at(-1) ?? null;
    case 'ArrowDown':
      return nearest(inOrder(lanes[index + 1]), from);
    case 'ArrowUp':
      return nearest(inOrder(lanes[index - 1]), from);
    default:
      return null;
  }
}

function inOrder(lane: Lane | undefined): Bar[] {
  return (lane?.rows ?? []).flat().sort((left, right) => left.request.startMs - right.request.startMs);
}

function nearest(bars: readonly Bar[], { start }: Bar): Bar | null {
  const distance = (bar: Bar) => Math.abs(bar.start - start);
  return bars.toSorted((left, right) => distance(left) - distance(right))[0] ?? null;
}

/** Places each bar in the first row with room for it. */
function rowsOf(requests: readonly ExplainedRequest[], durationMs: number): Bar[][] {
  const rows: Bar[][] = [];
  for (const request of requests.toSorted((left, right) => left.startMs - right.startMs)) {
    const width = Math.max(minWidth, request.durationMs / durationMs);
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

/** Returns a few round numbers. */
function ticksOf(durationMs: number): number[] {
  const rough = durationMs / maxTicks;
  const magnitude = 10 ** Math.floor(Math.log10(rough));
  const step = [1, 2, 5, 10].map((times) => times * magnitude).find((each) => each >= rough) ?? rough;
  return Array.from({ length: Math.floor(durationMs / step) + 1 }, (_, index) => index * step);
}
