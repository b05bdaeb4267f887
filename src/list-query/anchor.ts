/**
 * A place in a list that has no order but its own: before or after a row, known by the fingerprints ("marks") of that row
 * and of those around it, so that it is found again after rows have come, gone and moved.
 *
 * A place is right if each row that stayed is on its side. Rows that stayed keep their order, so if a row is on the wrong
 * side, it or each noted row that it has passed has moved. A place is certain if any row on the wrong side, whether known
 * or not, had passed more noted rows than move together. The ends of the list are noted as well, and never move.
 */

/** A row's position when the place was noted, and the marks of its name and of the names around it, in the list's order. */
export interface Anchor {
  readonly position: number;
  readonly marks: readonly string[];
  /** Index of the row's own mark. */
  readonly own: number;
}

/** Positions from `start` up to but not including `end`. */
interface Bounds {
  readonly start: number;
  readonly end: number;
}

/** Noted rows on either side of the anchor's own, or twice as many on one side at an end of a page. */
const neighbours = 4;
const maxRows = 2 * neighbours + 1;
/** Noted rows that do not all move: as many as a side has. */
const enough = neighbours;
/** Marks of the list's ends, which are no row's. */
const listStart = '<<<<<<';
const listEnd = '>>>>>>';

/** Where an anchor is found again. */
export interface Found {
  /** Position of the first row behind the place. */
  readonly cut: number;
  /** Whether the anchor's own row stands at the cut. */
  readonly isThere: boolean;
  /** Whether each row that stayed is on its side of the cut. */
  readonly isCertain: boolean;
}

/** Which side of the place the anchor's own row stands on: a span begins after a row, and ends before one. */
export type Side = 'after' | 'before';

/** A row with its index among an anchor's marks, or beyond them, and its position now. */
interface Placed {
  readonly index: number;
  readonly at: number;
}

/** The marks of a list's rows, or of some that follow each other there. */
export class Fingerprints {
  readonly #rows: Bounds;
  readonly #endsList: boolean;
  readonly #markAt: (position: number) => string;

  /**
   * @param markAt the mark of the row at this position
   * @param endsList whether no row follows the last one
   */
  constructor(rows: Bounds, markAt: (position: number) => string, endsList = true) {
    this.#rows = rows;
    this.#endsList = endsList;
    this.#markAt = markAt;
  }

  get length(): number {
    return this.#rows.end - this.#rows.start;
  }

  at(position: number): string {
    if (position < 0) return listStart;
    return position >= this.#rows.end ? listEnd : this.#markAt(position);
  }

  anchor(position: number): Anchor {
    const { start, end } = this.#rows;
    const from = Math.max(start, Math.min(position - neighbours, end - maxRows));
    const to = Math.min(end, from + maxRows);
    const marks: string[] = [];
    for (let at = from; at < to; at++) marks.push(this.at(at));
    if (from === 0) marks.unshift(listStart);
    if (to === end && this.#endsList) marks.push(listEnd);
    return { position, marks, own: position - from + Number(from === 0) };
  }

  /** Whether another row stands in the place of one of an anchor's, as far as these marks reach. */
  hasMoved({ position, marks, own }: Anchor): boolean {
    const { start, end } = this.#withEnds();
    return marks.some((mark, index) => {
      const at = position - own + index;
      return at >= start && at < end && this.at(at) !== mark;
    });
  }

  /** The place of an anchor; null if none of its rows is here. */
  find(anchor: Anchor, side: Side): Found | null {
    const { position, marks, own } = anchor;
    if (marks.length >= enough && this.#reachesAround(anchor) && !this.hasMoved(anchor)) {
      return { cut: side === 'after' ? position + 1 : position, isThere: true, isCertain: true };
    }
    const seen = this.#seenOf(anchor);
    const passedBy = (row: Placed) =>
      seen
        .filter(({ index, at }) => index !== row.index && index < row.index !== at < row.at)
        .reduce((sum, { index }) => sum + (isEnd(marks[index]) ? enough : 1), 0);
    const suspects = [...seen, ...this.#unseenOf(anchor, seen)].map((row) => ({
      at: row.at,
      isBefore: side === 'after' ? row.index <= own : row.index < own,
      passed: passedBy(row),
    }));
    const ownRow = seen.find((row) => row.index === own && passedBy(row) < enough);
    const ownCut = ownRow === undefined ? null : side === 'after' ? ownRow.at + 1 : ownRow.at;
    const cuts = ownCut === null ? seen.flatMap(({ at }) => [at, at + 1]) : [ownCut];
    // What has come between two of the rows is shown.
    if (side === 'before') cuts.reverse();
    let best: { readonly cut: number; readonly passed: number } | null = null;
    for (const cut of cuts) {
      if (cut < 0 || cut > this.#rows.end) continue;
      const wrong = suspects.filter((row) => row.isBefore !== row.at < cut);
      const passed = Math.min(enough, ...wrong.map((row) => row.passed));
      if (best === null || passed > best.passed) best = { cut, passed };
    }
    return best && { cut: best.cut, isThere: best.cut === ownCut, isCertain: best.passed >= enough };
  }

  /** The place of an anchor in a whole list, or where it is taken to be. */
  findInWhole(anchor: Anchor, side: Side): Found {
    return this.find(anchor, side) ?? lostPlace(anchor, this.length);
  }

  /** The noted rows that are here, and noted ends of the list, in the order of their positions. */
  #seenOf({ position, marks, own }: Anchor): Placed[] {
    // Of a row that is noted twice, one place counts, and its own before all.
    const indexes = new Map([...marks.entries()].map(([index, mark]) => [mark, index]));
    indexes.set(marks[own] ?? '', own);
    const places = new Map<number, number>();
    for (let at = this.#rows.start; at < this.#rows.end; at++) {
      const index = indexes.get(this.#markAt(at));
      if (index === undefined) continue;
      // Of rows that stand there twice, the one that has moved least.
      const expected = position - own + index;
      const known = places.get(index);
      if (known === undefined || Math.abs(at - expected) < Math.abs(known - expected)) places.set(index, at);
    }
    if (marks[0] === listStart) places.set(0, -1);
    if (marks.at(-1) === listEnd) places.set(marks.length - 1, this.#endsList ? this.#rows.end : Infinity);
    return [...places].map(([index, at]) => ({ index, at })).sort((left, right) => left.at - right.at);
  }

  /** Rows that may stand between those that are seen: noted ones out of sight, and any of before or behind them. */
  #unseenOf({ marks }: Anchor, seen: readonly Placed[]): Placed[] {
    const gaps = seen.flatMap(({ at }, index) => (at + 1 < (seen[index + 1]?.at ?? 0) ? [at + 1] : []));
    const [first, last] = [seen[0]?.at ?? 0, seen.at(-1)?.at ?? 0];
    if (first > 0) gaps.push(first - 1);
    if (this.#endsList ? last + 1 < this.#rows.end : last < Infinity) gaps.push(last + 1);
    // In a whole list, what is out of sight has gone.
    const isWhole = this.#rows.start === 0 && this.#endsList;
    const seenMarks = new Set(seen.map(({ index }) => marks[index]));
    const missing = isWhole ? [] : [...marks.keys()].filter((index) => !seenMarks.has(marks[index]));
    return [-1, ...missing, marks.length].flatMap((index) => gaps.map((at) => ({ index, at })));
  }

  /** Whether all places of an anchor's rows are among these. */
  #reachesAround({ position, marks, own }: Anchor): boolean {
    const { start, end } = this.#withEnds();
    return position - own >= start && position - own + marks.length <= end;
  }

  /** The positions of the rows, and of the list's ends if they are next to them. */
  #withEnds(): Bounds {
    const { start, end } = this.#rows;
    return { start: start === 0 ? -1 : start, end: this.#endsList ? end + 1 : end };
  }
}

const isEnd = (mark: string | undefined) => mark === listStart || mark === listEnd;

/** The position of the last row that an anchor notes. */
export function lastPosition({ position, marks, own }: Anchor): number {
  return position + marks.length - 1 - own - Number(marks.at(-1) === listEnd);
}

/** Where the place of an anchor is taken to be if none of its rows is left, in a list of this length. */
export function lostPlace({ position }: Anchor, length: number): Found {
  return { cut: Math.min(position, length), isThere: false, isCertain: false };
}

/** An anchor as `JSON.parse` gave it back; null for what is none. */
export function decodeAnchor(value: unknown): Anchor | null {
  if (!Array.isArray(value) || value.length !== 3) return null;
  const [position, own, text] = value as readonly unknown[];
  if (!isPosition(position) || !isPosition(own)) return null;
  const marks = typeof text === 'string' ? (text.match(/.{6}/g) ?? []) : [];
  return own < marks.length && marks.length <= maxRows + 2 ? { position, marks, own } : null;
}

export function encodeAnchor({ position, marks, own }: Anchor): readonly unknown[] {
  return [position, own, marks.join('')];
}

/** Whether a value of a cursor can be a position, or a number of rows. */
export function isPosition(value: unknown): value is number {
  return typeof value === 'number' && Number.isSafeInteger(value) && value >= 0;
}

const letters = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_';

/** The marks of arrays of rows, by index. */
const marksOfRows = new WeakMap<readonly unknown[], string[]>();

/**
 * The marks of rows that are kept, such as those of a cached page: each is worked out once, for all who ask.
 *
 * @param nameOf what distinguishes a row from all others of its list; the same function for the same rows
 */
export function fingerprintsAround<Row>(
  rows: readonly Row[],
  nameOf: (row: Row) => string,
): (index: number) => string {
  let marks = marksOfRows.get(rows);
  if (marks === undefined) marksOfRows.set(rows, (marks = []));
  const known = marks;
  return (index) => {
    const row = rows[index];
    return row === undefined ? '' : (known[index] ??= fingerprintOf(nameOf(row)));
  };
}

/** 36 bits of a name, as six letters: a wrong one would only cost its reader's own place. */
export function fingerprintOf(name: string): string {
  let [low, high] = [0x811c_9dc5, 0x01b3_5f29];
  for (let index = 0; index < name.length; index++) {
    const code = name.charCodeAt(index);
    low = Math.imul(low ^ code, 0x0100_0193);
    high = Math.imul(high ^ code, 0x85eb_ca6b);
    high ^= low >>> 15;
  }
  return lettersOf(low) + lettersOf(high);
}

function lettersOf(bits: number): string {
  return [26, 20, 14].map((shift) => letters.charAt((bits >>> shift) & 63)).join('');
}
