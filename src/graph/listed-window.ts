/**
 * Windows of a list in its own order, read no further than they reach. A cursor notes how long the list was: where it is
 * no longer so, or where another row is seen to stand in the place of the cursor's, rows have come or gone, and the
 * cursor's row is looked for around that place.
 */
import { decodeAnchor, encodeAnchor, markOf, Marks, mostMarks, type Anchor } from '../listing/anchor.ts';
import type { Span } from '../listing/ranked-window.ts';
import type { MaybePromise } from '../execution/maybe-promise.ts';
import type { RowReader, Window, WindowRange, WindowRequest } from '../planner/list-reader.ts';

/** A row's place in a list, and how long the list was; null where that was not known. */
export interface ListedPlace {
  readonly anchor: Anchor;
  readonly length: number | null;
}

/** Rows on either side of where a row stood, among which it is looked for. */
const mostMoved = 500;

/** Rejects as `ListReader.window`. */
export function readSpan<Row>(
  reader: RowReader<Row>,
  span: Span<ListedPlace>,
  request: Omit<WindowRequest, 'range'>,
): MaybePromise<Window<Row>> {
  const range = rangeOf({
    ...span,
    after: span.after?.anchor.position ?? null,
    before: span.before?.anchor.position ?? null,
  });
  const now = reader.windowNow({ range });
  if (now !== null && !hasMoved(reader, span, now.totalCount)) return now;
  return readMoved(reader, span, request, range);
}

/** The place of one of a window's rows. */
export function placesOf<Row>(
  reader: RowReader<Row>,
  { rows, offsets, range, totalCount }: Pick<Window<Row>, 'rows' | 'offsets' | 'range' | 'totalCount'>,
): (index: number) => ListedPlace {
  const marks = new Marks(rows.length, (index) => nameAt(reader, rows, index));
  return (index) => ({
    anchor: { position: offsets?.[index] ?? range.start + index, marks: marks.anchor(index).marks },
    length: totalCount,
  });
}

export function encodeListedPlace({ anchor, length }: ListedPlace): readonly unknown[] {
  return [length, ...encodeAnchor(anchor)];
}

/** A place as `JSON.parse` gave it back; null for what is none. */
export function decodeListedPlace(value: unknown): ListedPlace | null {
  if (!Array.isArray(value)) return null;
  const [length, ...rest] = value as readonly unknown[];
  const anchor = decodeAnchor(rest);
  return anchor !== null && (length === null || typeof length === 'number') ? { anchor, length } : null;
}

async function readMoved<Row>(
  reader: RowReader<Row>,
  span: Span<ListedPlace>,
  request: Omit<WindowRequest, 'range'>,
  range: WindowRange,
): Promise<Window<Row>> {
  const window = await reader.window({ ...request, range });
  if (!hasMoved(reader, span, window.totalCount)) return window;
  const positionOf = async (place: ListedPlace | null): Promise<Found | null> => {
    if (place === null) return null;
    const { position } = place.anchor;
    const distance = Math.min(
      mostMoved,
      Math.abs((window.totalCount ?? 0) - (place.length ?? 0)) + mostMarks,
    );
    const start = Math.max(0, position - distance);
    const around = await reader.window({
      ...request,
      thenLooksUp: null,
      range: (extent) => ({
        start: Math.min(start, extent ?? Infinity),
        end: Math.min(position + distance + 1, extent ?? Infinity),
      }),
    });
    const marks = new Marks(around.rows.length, (index) => nameAt(reader, around.rows, index));
    const found = marks.find({ ...place.anchor, position: position - start });
    if (found === null) return { position, isThere: true };
    return { ...found, position: around.offsets?.[found.position] ?? around.range.start + found.position };
  };
  const [after, before] = await Promise.all([positionOf(span.after), positionOf(span.before)]);
  return reader.window({
    ...request,
    range: rangeOf({
      ...span,
      after: after?.position ?? null,
      before: before === null ? null : before.isThere ? before.position : before.position + 1,
    }),
  });
}

interface Found {
  readonly position: number;
  /** Else it is that of the nearest row before it that is left. */
  readonly isThere: boolean;
}

function hasMoved<Row>(
  reader: RowReader<Row>,
  { after, before }: Span<ListedPlace>,
  totalCount: number | null,
): boolean {
  return [after, before].some((place) => {
    if (place === null) return false;
    const { anchor, length } = place;
    if (length !== null && totalCount !== null && length !== totalCount) return true;
    const row = reader.rowNow(anchor.position);
    return row !== null && markOf(reader.identityOf(row)) !== anchor.marks[0];
  });
}

function rangeOf({ size, isBackward, after, before }: Span<number>): WindowRange {
  const from = after === null ? 0 : after + 1;
  const to = before ?? Infinity;
  return (extent) => {
    const end = Math.min(to, extent ?? Infinity);
    const start = Math.min(from, end);
    if (!isBackward) return { start, end: Math.min(end, start + size) };
    return end === Infinity ? null : { start: Math.max(start, end - size), end };
  };
}

function nameAt<Row>(reader: RowReader<Row>, rows: readonly Row[], index: number): string {
  const row = rows[index];
  return row === undefined ? '' : reader.identityOf(row);
}
