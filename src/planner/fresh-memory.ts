/**
 * What memory has of one list and is fresh for an operation, read at once and without a promise. Where anything is
 * missing or not quite fresh, it has nothing to say, and the list is read in the usual way, which knows all the rest.
 */
import type { ListAnswer, ListMemory } from './list-memory.ts';
import type { PageRun, Range } from './page-shelf.ts';
import type { Join } from './want.ts';

export interface FreshSource<Row> {
  readonly memory: ListMemory<Row>;
  readonly isFresh: (sentAt: number, kind: 'present' | 'absent') => boolean;
  /** Told of each answer that was of use, once for each time it was asked. */
  readonly touch: (answer: ListAnswer<Row>) => void;
}

/** A window of rows in their places, of a list of this length. */
export interface FreshWindow<Row> {
  readonly rows: readonly Row[];
  readonly range: Range;
  readonly totalCount: number;
  /** Those of the range. */
  readonly pages: readonly PageRun<Row>[];
  /** Of the oldest answer in it. */
  readonly sentAt: number;
}

export function windowOf<Row>(
  { memory, isFresh, touch }: FreshSource<Row>,
  pageSize: number,
  rangeFor: (extent: number) => Range | null,
): FreshWindow<Row> | null {
  const { length } = memory;
  if (length === null || !isFresh(length.sentAt, 'present')) return null;
  const { totalCount } = length;
  const range = rangeFor(totalCount);
  if (range === null) return null;
  if (range.start >= range.end) {
    return { rows: [], range, totalCount, pages: [], sentAt: length.sentAt };
  }
  const stretch = memory.stretch({
    pageSize,
    first: Math.floor(range.start / pageSize) + 1,
    last: Math.ceil(range.end / pageSize),
  });
  if (stretch === null) return null;
  let { sentAt } = length;
  for (const answer of stretch.answers) {
    if (!isFresh(answer.sentAt, 'present')) return null;
    sentAt = Math.min(sentAt, answer.sentAt);
  }
  for (const answer of stretch.answers) touch(answer);
  const { start } = stretch;
  const rows = stretch.rows.slice(range.start - start, range.end - start);
  const pages = stretch.answers.map((page, index) => ({
    start: start + index * pageSize,
    rows: page.rows,
    totalCount,
  }));
  return { rows, range, totalCount, pages, sentAt };
}

/** The rows of these keys, null for each that does not exist; null where memory can't tell of all. */
export function rowsOf<Key, Row>(
  { memory, isFresh, touch }: FreshSource<Row>,
  keys: readonly Key[],
  { firstNameOf, wantOf }: Join<Key>,
): (Row | null)[] | null {
  const used = new Map<ListAnswer<Row>, boolean>();
  const isUsable = (answer: ListAnswer<Row>, kind: 'present' | 'absent'): boolean => {
    const known = kind === 'present' ? used.get(answer) : undefined;
    if (known !== undefined) return known;
    const isUsed = isFresh(answer.sentAt, kind);
    if (kind === 'present' || isUsed) used.set(answer, isUsed);
    return isUsed;
  };
  const isPresent = (answer: ListAnswer<Row>) => isUsable(answer, 'present');
  let whole: boolean | null = null;
  const isAbsent = (name: string): boolean => {
    const absence = memory.absence(name);
    if (absence !== undefined && isUsable(absence, 'absent')) return true;
    if (whole === null) {
      const oldest = memory.wholeSince;
      whole = oldest !== null && isFresh(oldest, 'present');
    }
    return whole;
  };
  const rows = new Array<Row | null>(keys.length);
  for (const [position, key] of keys.entries()) {
    const first = memory.row(firstNameOf(key), isPresent);
    if (first !== undefined) {
      if (!isUsable(first.answer, 'present')) return null;
      rows[position] = first.row;
      continue;
    }
    let found: Row | null = null;
    for (const { index, opportunistic } of wantOf(key)) {
      const row = memory.row(index, isPresent);
      if (row !== undefined) {
        if (!isUsable(row.answer, 'present')) return null;
        found = row.row;
        break;
      }
      if (opportunistic !== true && !isAbsent(index)) return null;
    }
    rows[position] = found;
  }
  for (const [answer, isUsed] of used) if (isUsed) touch(answer);
  return rows;
}
