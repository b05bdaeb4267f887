/**
 * A place in a list that has no order but its own: before or behind a row, known by the marks of that row and of those
 * around it, so that it is found again after rows have come, gone and moved. The place is the cut that leaves most of
 * these rows on the side where they stood, and in the order they stood in.
 */

/** A row's position when the place was noted, and the marks of its name and of the names around it, in the list's order. */
export interface Anchor {
  readonly position: number;
  readonly marks: readonly string[];
  /** Which of the marks is the row's own. */
  readonly own: number;
}

/** Positions from `start` up to but not including `end`. */
interface Bounds {
  readonly start: number;
  readonly end: number;
}

/** Rows on either side of the anchor's own that are noted, or twice as many on one side at an end of the list. */
const neighbours = 4;
const maxMarks = 2 * neighbours + 1;
/** How far rows are looked for, in both directions, before all are. */
const near = 128;

/** Where an anchor is found again. */
export interface Found {
  /** The position of the first row behind the place. */
  readonly cut: number;
  /** Whether the anchor's own row stands at the cut. */
  readonly isThere: boolean;
  /** Marks that were found. */
  readonly count: number;
  /** Whether half of the rows are left and agree on the place, the anchor's own among them unless it has gone. */
  readonly isCertain: boolean;
}

/** Which side of the place the anchor's own row stands on: a span begins after a row, and ends before one. */
export type Side = 'after' | 'before';

/** The marks of a list's rows, or of some that follow each other there. */
export class Marks {
  readonly #bounds: Bounds;
  readonly #nameAt: (position: number) => string;
  readonly #known = new Map<number, string>();

  /** @param nameAt what tells the row of this position from all others */
  constructor({ start, end }: Bounds, nameAt: (position: number) => string) {
    this.#bounds = { start, end };
    this.#nameAt = nameAt;
  }

  get length(): number {
    return this.#bounds.end - this.#bounds.start;
  }

  at(position: number): string {
    let mark = this.#known.get(position);
    if (mark === undefined) this.#known.set(position, (mark = markOf(this.#nameAt(position))));
    return mark;
  }

  anchor(position: number): Anchor {
    const { start, end } = this.#bounds;
    const from = Math.max(start, Math.min(position - neighbours, end - maxMarks));
    const marks: string[] = [];
    for (let at = from; at < end && marks.length < maxMarks; at++) marks.push(this.at(at));
    return { position, marks, own: position - from };
  }

  /** Whether another row stands in the place of one of an anchor's, as far as these marks reach. */
  hasMoved({ position, marks, own }: Anchor): boolean {
    const { start, end } = this.#bounds;
    return marks.some((mark, index) => {
      const at = position - own + index;
      return at >= start && at < end && this.at(at) !== mark;
    });
  }

  /** The place of an anchor; null if none of its rows is here. */
  find(anchor: Anchor, side: Side): Found | null {
    const { start, end } = this.#bounds;
    const around = { start: anchor.position - near, end: anchor.position + near };
    const nearby = this.#findWithin(anchor, side, {
      start: Math.max(start, around.start),
      end: Math.min(end, around.end),
    });
    // Rows have seldom moved, and seldom far.
    if (nearby !== null && nearby.isThere && isMost(nearby.count, anchor)) return nearby;
    return this.#findWithin(anchor, side, this.#bounds);
  }

  #findWithin({ position, marks, own }: Anchor, side: Side, { start, end }: Bounds): Found | null {
    const places = new Map<string, number>();
    /** Of a row that is noted twice, its first place counts, and its own before all. */
    const indexes = new Map([...marks.entries()].reverse().map(([index, mark]) => [mark, index]));
    indexes.set(marks[own] ?? '', own);
    for (let at = start; at < end; at++) {
      const mark = this.at(at);
      const index = indexes.get(mark);
      if (index === undefined) continue;
      // Of rows that stand there twice, the one that has moved least.
      const expected = position - own + index;
      const known = places.get(mark);
      if (known === undefined || Math.abs(at - expected) < Math.abs(known - expected)) places.set(mark, at);
    }
    if (places.size === 0) return null;
    const firstBehind = side === 'after' ? own + 1 : own;
    const placesFrom = (from: number, to: number) =>
      marks
        .slice(from, to)
        .flatMap((mark, offset) => (indexes.get(mark) === from + offset ? (places.get(mark) ?? []) : []));
    const before = placesFrom(0, firstBehind);
    const behind = placesFrom(firstBehind, marks.length);
    const cuts = [...before.map((at) => at + 1), ...behind].map((cut) => ({
      cut,
      agreeing: mostInOrder(before.filter((at) => at < cut)) + mostInOrder(behind.filter((at) => at >= cut)),
    }));
    const most = Math.max(...cuts.map(({ agreeing }) => agreeing));
    const best = cuts.flatMap(({ cut, agreeing }) => (agreeing === most ? [cut] : []));
    const [lowest, highest] = [Math.min(...best), Math.max(...best)];
    const count = before.length + behind.length;
    const isOnePlace = [...before, ...behind].every((at) => at < lowest || at >= highest);
    // What has come between two of the rows is shown.
    const cut = side === 'after' ? lowest : highest;
    const ownAt = places.get(marks[own] ?? '');
    const isThere = ownAt === (side === 'after' ? cut - 1 : cut);
    // A row of its own that stands elsewhere may have moved, and so may the others.
    const isElsewhere = ownAt !== undefined && !isThere;
    return { cut, isThere, count, isCertain: isOnePlace && !isElsewhere && 2 * most >= indexes.size };
  }
}

/** The most of some positions that stand in ascending order: rows that have moved are not among them. */
function mostInOrder(positions: readonly number[]): number {
  const lengths: number[] = [];
  for (const [index, at] of positions.entries()) {
    const earlier = lengths.filter((_length, other) => (positions[other] ?? at) < at);
    lengths[index] = 1 + Math.max(0, ...earlier);
  }
  return Math.max(0, ...lengths);
}

/** Where the place of an anchor is taken to be if none of its rows is left, in a list of this length. */
export function lostPlace({ position, own }: Anchor, length: number): Found {
  // If the rows from the beginning of the list on have gone, none that stayed is before it.
  const isBeginning = own === position;
  const cut = isBeginning ? 0 : Math.min(position, length);
  return { cut, isThere: false, count: 0, isCertain: isBeginning };
}

/** Whether so many of an anchor's rows are as good as all of them. */
export function isMost(count: number, { marks }: Anchor): boolean {
  return 2 * count > new Set(marks).size;
}

/** An anchor as `JSON.parse` gave it back; null for what is none. */
export function decodeAnchor(value: unknown): Anchor | null {
  if (!Array.isArray(value) || value.length !== 3) return null;
  const [position, own, text] = value as readonly unknown[];
  if (!isPosition(position) || !isPosition(own)) return null;
  const marks = typeof text === 'string' ? (text.match(/.{6}/g) ?? []) : [];
  return own < marks.length && marks.length <= maxMarks ? { position, marks, own } : null;
}

export function encodeAnchor({ position, marks, own }: Anchor): readonly unknown[] {
  return [position, own, marks.join('')];
}

/** Whether a value of a cursor can be a position, or a number of rows. */
export function isPosition(value: unknown): value is number {
  return typeof value === 'number' && Number.isSafeInteger(value) && value >= 0;
}

const letters = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_';

/** 36 bits of a name, as six letters: a wrong one would only cost its reader's own place. */
export function markOf(name: string): string {
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
