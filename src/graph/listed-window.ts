/**
 * Windows in the upstream's order, read from only the pages they need. A cursor has the list's length and the
 * fingerprints of its row and the rows around it. If the length or a fingerprint differs, rows have come, gone or
 * moved: the place is then searched on cached pages and at growing distances from its position.
 */
import {
  decodeAnchor,
  encodeAnchor,
  lastPosition,
  isPosition,
  fingerprintsAround,
  estimatedLocation,
  fingerprintOf,
  Fingerprints,
  type Anchor,
  type AnchorLocation,
  type Side,
} from '../list-query/anchor.ts';
import type { CursorRange } from '../list-query/top-k-window.ts';
import { isPromise, type MaybePromise } from '../maybe-promise.ts';
import type { RowReader, Window, WindowRange, WindowRequest } from '../planner/list-reader.ts';
import type { Planner } from '../planner/planner.ts';

/** A row's place, and the list's length at that time; null if not reported. */
export interface ListedPlace {
  readonly anchor: Anchor;
  readonly length: number | null;
}

type Request = Omit<WindowRequest, 'range'> & Pick<Planner, 'pace'>;

/** Limit of the search around a row's former position, since a cursor may contain any number. */
const maxDistance = 10_000;
/** Limit of the search beyond the change in the list's length. */
const maxMove = 1000;
/** Growth factor of the search distance. */
const stride = 8;
/** Maximum searches in a list that keeps changing. */
const maxSearches = 4;

/** Window with as many rows as its range requests, or as many as exist. Rejects as `ListReader.window`. */
export function readCursorRange<Row>(
  reader: RowReader<Row>,
  cursorRange: CursorRange<ListedPlace>,
  request: Request,
): MaybePromise<Window<Row>> {
  const range = rangeOf(cursorRange, cutsAsNoted(cursorRange), cursorRange.size);
  const windowRequest = {
    ...request,
    isUneven: [cursorRange.after, cursorRange.before].some(isBehindLength),
  };
  const window = reader.window({ ...windowRequest, range });
  if (!isPromise(window) && !hasMoved(reader, cursorRange, window)) return window;
  return readLocated(reader, cursorRange, windowRequest, window);
}

/** Whether the row was behind the reported length, as if the length excluded some rows. */
function isBehindLength(place: ListedPlace | null): boolean {
  return place !== null && place.length !== null && lastPosition(place.anchor) >= place.length;
}

/** Places of a window's rows; a row has the same place in every window. */
export function placesOf<Row>(
  reader: Pick<RowReader<Row>, 'identityOf'>,
  { offsets, range, pages }: Pick<Window<Row>, 'offsets' | 'range' | 'pages'>,
): (index: number) => ListedPlace {
  // From one page only, since another window may have other pages.
  const fingerprints = pages.map((page) =>
    fingerprintsOfPages(reader, { pages: [page], endsAt: page.totalCount }),
  );
  return (index) => {
    const position = offsets?.[index] ?? range.start + index;
    const at = pages.findIndex(({ start, rows }) => position >= start && position < start + rows.length);
    const anchor = fingerprints[at]?.anchor(position) ?? { position, fingerprints: [], own: 0 };
    return { anchor, length: pages[at]?.totalCount ?? null };
  };
}

export function encodeListedPlace({ anchor, length }: ListedPlace): readonly unknown[] {
  return [length, ...encodeAnchor(anchor)];
}

/** Place from parsed JSON; null if malformed. */
export function decodeListedPlace(value: unknown): ListedPlace | null {
  if (!Array.isArray(value)) return null;
  const [length, ...rest] = value as readonly unknown[];
  const anchor = decodeAnchor(rest);
  if (anchor === null || (length !== null && !isPosition(length))) return null;
  return { anchor, length };
}

/** Offsets of the first row behind each cursor; null without that cursor. */
interface Cuts {
  readonly after: number | null;
  readonly before: number | null;
  /** Whether each cursor was found or has not moved. */
  readonly isCertain: boolean;
}

/** Cuts, and the list's length when they were found. */
interface Located {
  readonly cuts: Cuts;
  readonly statedLength: number | null;
}

async function readLocated<Row>(
  reader: RowReader<Row>,
  cursorRange: CursorRange<ListedPlace>,
  request: Request,
  first: MaybePromise<Window<Row>>,
): Promise<Window<Row>> {
  let located: Located | null = null;
  let cuts = cutsAsNoted(cursorRange);
  let reach = cursorRange.size;
  let next: MaybePromise<Window<Row>> | null = first;
  // Many cached windows may be searched at once.
  const pace = request.pace(1);
  for (let searches = 0; ;) {
    // Awaited before yielding: an unhandled rejection would end the process.
    const window: Window<Row> = await (next ??
      reader.window({ ...request, range: rangeOf(cursorRange, cuts, reach) }));
    next = null;
    if (pace.shouldYield) await pace.yield();
    if (window.rows.length > cursorRange.size) {
      // Repeated rows have gone since the first read.
      reach = cursorRange.size;
      continue;
    }
    const isMoved =
      located === null ? hasMoved(reader, cursorRange, window) : window.statedLength !== located.statedLength;
    if (isMoved && searches < maxSearches) {
      searches += 1;
      located = await locate(reader, cursorRange, request, window);
      cuts = located.cuts;
      reach = cursorRange.size;
      continue;
    }
    // A repeated row takes an offset but is shown once.
    const lacking = cursorRange.size - window.rows.length;
    if (lacking > 0 && canReachFurther(cursorRange, cuts, window)) {
      reach += lacking;
      continue;
    }
    const isUncertain = isMoved || !cuts.isCertain;
    return isUncertain ? { ...window, changedWhileRead: true } : window;
  }
}

function canReachFurther<Row>(
  { isBackward }: CursorRange<ListedPlace>,
  { after, before }: Cuts,
  { range, hasMore }: Window<Row>,
): boolean {
  return isBackward ? range.start > (after ?? 0) : hasMore && range.end < (before ?? Infinity);
}

async function locate<Row>(
  reader: RowReader<Row>,
  { after, before }: CursorRange<ListedPlace>,
  request: Request,
  window: Window<Row>,
): Promise<Located> {
  // Sequential, so that both cursors refer to the same state of the list.
  const start = after === null ? null : await findPlace(reader, after, 'after', request, window);
  const end =
    before === null ? null : await findPlace(reader, before, 'before', request, start?.window ?? window);
  const isOneState = start === null || end === null || start.window.statedLength === end.window.statedLength;
  return {
    cuts: {
      after: start === null ? null : start.cut,
      before: end === null ? null : end.cut,
      isCertain: isOneState && (start?.isCertain ?? true) && (end?.isCertain ?? true),
    },
    statedLength: (end?.window ?? start?.window ?? window).statedLength,
  };
}

interface LocatedPlace<Row> extends AnchorLocation {
  /** Window that contains the place. */
  readonly window: Window<Row>;
}

async function findPlace<Row>(
  reader: RowReader<Row>,
  { anchor, length }: ListedPlace,
  side: Side,
  request: Request,
  firstWindow: Window<Row>,
): Promise<LocatedPlace<Row>> {
  const { position } = anchor;
  const pace = request.pace(1);
  const nearby = fingerprintsOfPages(reader, firstWindow).find(anchor, side);
  if (nearby?.isCertain === true && nearby.isPresent) return { window: firstWindow, ...nearby };
  const change =
    firstWindow.statedLength === null || length === null ? 0 : Math.abs(firstWindow.statedLength - length);
  const furthest = Math.min(maxDistance, change + maxMove);
  for (let reach = change + anchor.fingerprints.length; ; reach *= stride) {
    if (pace.shouldYield) await pace.yield();
    const distance = Math.min(reach, furthest);
    const start = Math.max(0, position - distance);
    const end = position + distance + 1;
    const window = await reader.window({
      ...request,
      prefetchJoin: null,
      range: (extent) => ({
        start: Math.min(start, extent ?? Infinity),
        end: Math.min(end, extent ?? Infinity),
      }),
    });
    const found = fingerprintsOfPages(reader, window).find(anchor, side);
    if (found?.isCertain === true || (start === 0 && !window.hasMore) || distance >= furthest) {
      return { window, ...(found ?? estimatedLocation(anchor, window.statedLength ?? Infinity)) };
    }
  }
}

/** Whether the list has changed since the cursors were made. */
function hasMoved<Row>(
  reader: RowReader<Row>,
  { after, before }: CursorRange<ListedPlace>,
  window: Window<Row>,
): boolean {
  if (after === null && before === null) return false;
  const { rows, statedLength } = window;
  const fingerprints = fingerprintsOfPages(reader, window);
  /** Whether one of these rows was on the other side of the cursor, and not on its own side. */
  const hasRowFrom = (some: readonly Row[], others: readonly string[], own: readonly string[]) =>
    some.some((row) => {
      const fingerprint = fingerprintOf(reader.identityOf(row));
      return others.includes(fingerprint) && !own.includes(fingerprint);
    });
  return [after, before].some((place) => {
    if (place === null) return false;
    const { anchor, length } = place;
    const { position, own } = anchor;
    if (length !== null && statedLength !== null && length !== statedLength) return true;
    if (fingerprints.hasMoved(anchor)) return true;
    const row = reader.rowAt(position);
    if (row !== null && fingerprintOf(reader.identityOf(row)) !== anchor.fingerprints[own]) return true;
    // If the cursor's page is not cached, rows before a page border would repeat.
    return place === after
      ? hasRowFrom(
          rows.slice(0, anchor.fingerprints.length),
          anchor.fingerprints.slice(0, own + 1),
          anchor.fingerprints.slice(own + 1),
        )
      : hasRowFrom(
          rows.slice(-anchor.fingerprints.length),
          anchor.fingerprints.slice(own),
          anchor.fingerprints.slice(0, own),
        );
  });
}

function cutsAsNoted({ after, before }: CursorRange<ListedPlace>): Cuts {
  return {
    after: after === null ? null : after.anchor.position + 1,
    before: before?.anchor.position ?? null,
    isCertain: true,
  };
}

function rangeOf(
  { isBackward }: CursorRange<ListedPlace>,
  { after, before }: Cuts,
  reach: number,
): WindowRange {
  return (extent) => {
    const end = Math.min(before ?? Infinity, extent ?? Infinity);
    // If the cursors have crossed, the start is behind the end and the window is empty.
    const start = Math.min(after ?? 0, extent ?? Infinity);
    if (!isBackward) return { start, end: Math.min(end, start + reach) };
    return end === Infinity ? null : { start: Math.max(start, end - reach), end };
  };
}

function fingerprintsOfPages<Row>(
  reader: Pick<RowReader<Row>, 'identityOf'>,
  { pages, endsAt }: Pick<Window<Row>, 'pages' | 'endsAt'>,
): Fingerprints {
  const start = pages[0]?.start ?? 0;
  const last = pages.at(-1);
  const end = last === undefined ? start : last.start + last.rows.length;
  const nameOf = (row: Row) => reader.identityOf(row);
  const runs = pages.map((page) => ({
    start: page.start,
    fingerprintAt: fingerprintsAround(page.rows, nameOf),
  }));
  let current = 0;
  const fingerprintAt = (position: number) => {
    // Scans are sequential.
    while (position < (runs[current]?.start ?? 0)) current -= 1;
    while (position >= (runs[current + 1]?.start ?? Infinity)) current += 1;
    const run = runs[current];
    return run === undefined ? '' : run.fingerprintAt(position - run.start);
  };
  return new Fingerprints({ start, end }, fingerprintAt, end === endsAt);
}
