/**
 * Windows of a list in its own order, read no further than they reach. A cursor notes how long the list was, its row and
 * the rows around it on the same page. If the list has another length now, or other rows are seen in these places, rows
 * have come, gone or moved: the place is then looked for on the pages at hand, around where it was, and ever further.
 */
import {
  decodeAnchor,
  encodeAnchor,
  lastPosition,
  isPosition,
  fingerprintsAround,
  lostPlace,
  fingerprintOf,
  Fingerprints,
  type Anchor,
  type Found,
  type Side,
} from '../list-query/anchor.ts';
import type { CursorRange } from '../list-query/top-k-window.ts';
import { isPromise, type MaybePromise } from '../maybe-promise.ts';
import type { RowReader, Window, WindowRange, WindowRequest } from '../planner/list-reader.ts';
import type { Planner } from '../planner/planner.ts';

/** A row's place in a list, and how long the list said it was; null if it did not. */
export interface ListedPlace {
  readonly anchor: Anchor;
  readonly length: number | null;
}

type Request = Omit<WindowRequest, 'range'> & Pick<Planner, 'pace'>;

/** Distance from where a row stood, in both directions, within which its place is looked for: a cursor may say anything. */
const maxDistance = 10_000;
/** The same, beyond what the list's length has changed by. */
const maxMove = 1000;
/** Growth factor of the distance from one step of the search to the next. */
const stride = 8;
/** Times that a place is looked for in a list that goes on changing. */
const maxSearches = 4;

/** A window with as many rows as its span asks for, or as there are. Rejects as `ListReader.window`. */
export function readSpan<Row>(
  reader: RowReader<Row>,
  span: CursorRange<ListedPlace>,
  request: Request,
): MaybePromise<Window<Row>> {
  const range = rangeOf(span, cutsAsNoted(span), span.size);
  const asked = { ...request, isUneven: [span.after, span.before].some(isBehindLength) };
  const window = reader.window({ ...asked, range });
  if (!isPromise(window) && !hasMoved(reader, span, window)) return window;
  return readFound(reader, span, asked, window);
}

/** Whether a place shows that the list's length does not count all places, as if rows are left out of pages and of it. */
function isBehindLength(place: ListedPlace | null): boolean {
  return place !== null && place.length !== null && lastPosition(place.anchor) >= place.length;
}

/** The place of one of a window's rows: the same in each window of the list. */
export function placesOf<Row>(
  reader: Pick<RowReader<Row>, 'identityOf'>,
  { offsets, range, pages }: Pick<Window<Row>, 'offsets' | 'range' | 'pages'>,
): (index: number) => ListedPlace {
  // By the page alone, since others may not be at hand in another window.
  const marks = pages.map((page) => marksOf(reader, { pages: [page], endsAt: page.totalCount }));
  return (index) => {
    const position = offsets?.[index] ?? range.start + index;
    const at = pages.findIndex(({ start, rows }) => position >= start && position < start + rows.length);
    const anchor = marks[at]?.anchor(position) ?? { position, marks: [], own: 0 };
    return { anchor, length: pages[at]?.totalCount ?? null };
  };
}

export function encodeListedPlace({ anchor, length }: ListedPlace): readonly unknown[] {
  return [length, ...encodeAnchor(anchor)];
}

/** A place as `JSON.parse` gave it back; null for what is none. */
export function decodeListedPlace(value: unknown): ListedPlace | null {
  if (!Array.isArray(value)) return null;
  const [length, ...rest] = value as readonly unknown[];
  const anchor = decodeAnchor(rest);
  if (anchor === null || (length !== null && !isPosition(length))) return null;
  return { anchor, length };
}

/** Offsets of the first rows behind the two ends of a span; null where it has no end. */
interface Cuts {
  readonly after: number | null;
  readonly before: number | null;
  /** Whether they were found, or stand where they were noted. */
  readonly isCertain: boolean;
}

/** Cuts, and the length that the list told when they were found. */
interface Located {
  readonly cuts: Cuts;
  readonly toldLength: number | null;
}

async function readFound<Row>(
  reader: RowReader<Row>,
  span: CursorRange<ListedPlace>,
  request: Request,
  first: MaybePromise<Window<Row>>,
): Promise<Window<Row>> {
  let located: Located | null = null;
  let cuts = cutsAsNoted(span);
  let reach = span.size;
  let next: MaybePromise<Window<Row>> | null = first;
  // Of what is cached, many may be looked for at once.
  const pace = request.pace(1);
  for (let searches = 0; ;) {
    // Awaited before it yields: a read that failed meanwhile would be an unhandled rejection, which ends the process.
    const window: Window<Row> = await (next ??
      reader.window({ ...request, range: rangeOf(span, cuts, reach) }));
    next = null;
    if (pace.shouldYield) await pace.yield();
    if (window.rows.length > span.size) {
      // Rows that were listed twice have gone meanwhile.
      reach = span.size;
      continue;
    }
    const isMoved =
      located === null ? hasMoved(reader, span, window) : window.statedLength !== located.toldLength;
    if (isMoved && searches < maxSearches) {
      searches += 1;
      located = await locate(reader, span, request, window);
      cuts = located.cuts;
      reach = span.size;
      continue;
    }
    // A repeated row takes an offset and is shown once.
    const lacking = span.size - window.rows.length;
    if (lacking > 0 && canReachFurther(span, cuts, window)) {
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
  // One after the other, so that both are places of one state of the list, which the last one read is.
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
    toldLength: (end?.window ?? start?.window ?? window).statedLength,
  };
}

interface FoundPlace<Row> extends Found {
  /** What it was found in. */
  readonly window: Window<Row>;
}

async function findPlace<Row>(
  reader: RowReader<Row>,
  { anchor, length }: ListedPlace,
  side: Side,
  request: Request,
  atHand: Window<Row>,
): Promise<FoundPlace<Row>> {
  const { position } = anchor;
  const pace = request.pace(1);
  const nearby = marksOf(reader, atHand).find(anchor, side);
  if (nearby?.isCertain === true && nearby.isThere) return { window: atHand, ...nearby };
  const change = atHand.statedLength === null || length === null ? 0 : Math.abs(atHand.statedLength - length);
  const furthest = Math.min(maxDistance, change + maxMove);
  for (let reach = change + anchor.marks.length; ; reach *= stride) {
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
    const found = marksOf(reader, window).find(anchor, side);
    if (found?.isCertain === true || (start === 0 && !window.hasMore) || distance >= furthest) {
      return { window, ...(found ?? lostPlace(anchor, window.statedLength ?? Infinity)) };
    }
  }
}

/** Whether a window shows that rows have come, gone or moved since its span's places were noted. */
function hasMoved<Row>(
  reader: RowReader<Row>,
  { after, before }: CursorRange<ListedPlace>,
  window: Window<Row>,
): boolean {
  if (after === null && before === null) return false;
  const { rows, statedLength: toldLength } = window;
  const marks = marksOf(reader, window);
  /** Rows that stood on the other side of the place alone. */
  const isIn = (some: readonly Row[], others: readonly string[], own: readonly string[]) =>
    some.some((row) => {
      const mark = fingerprintOf(reader.identityOf(row));
      return others.includes(mark) && !own.includes(mark);
    });
  return [after, before].some((place) => {
    if (place === null) return false;
    const { anchor, length } = place;
    const { position, own } = anchor;
    if (length !== null && toldLength !== null && length !== toldLength) return true;
    if (marks.hasMoved(anchor)) return true;
    const row = reader.rowAt(position);
    if (row !== null && fingerprintOf(reader.identityOf(row)) !== anchor.marks[own]) return true;
    // Behind the border of a page that is not at hand, rows of before would come again.
    return place === after
      ? isIn(rows.slice(0, anchor.marks.length), anchor.marks.slice(0, own + 1), anchor.marks.slice(own + 1))
      : isIn(rows.slice(-anchor.marks.length), anchor.marks.slice(own), anchor.marks.slice(0, own));
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
    // Where the cursors have crossed, the start stands behind the end, and rows on either side of both.
    const start = Math.min(after ?? 0, extent ?? Infinity);
    if (!isBackward) return { start, end: Math.min(end, start + reach) };
    return end === Infinity ? null : { start: Math.max(start, end - reach), end };
  };
}

/** The marks of a window's pages, which follow each other. */
function marksOf<Row>(
  reader: Pick<RowReader<Row>, 'identityOf'>,
  { pages, endsAt }: Pick<Window<Row>, 'pages' | 'endsAt'>,
): Fingerprints {
  const start = pages[0]?.start ?? 0;
  const last = pages.at(-1);
  const end = last === undefined ? start : last.start + last.rows.length;
  const nameOf = (row: Row) => reader.identityOf(row);
  const runs = pages.map((page) => ({ start: page.start, markAt: fingerprintsAround(page.rows, nameOf) }));
  let current = 0;
  const markAt = (position: number) => {
    // A scan goes from one page to the next.
    while (position < (runs[current]?.start ?? 0)) current -= 1;
    while (position >= (runs[current + 1]?.start ?? Infinity)) current += 1;
    const run = runs[current];
    return run === undefined ? '' : run.markAt(position - run.start);
  };
  return new Fingerprints({ start, end }, markAt, end === endsAt);
}
