/**
 * A place in a list that has no order but its own: before or after a row, known by the fingerprints ("marks") of that row
 * and of those around it, so that it is found again after rows have come, gone and moved.
 *
 * Why a found place is right. The noted rows follow each other without a gap. Take those of them that still do, up to the
 * place or across it: their run. Rows that stay keep their order. So if one row of the run has stayed, all that stood
 * before it still do, and all that stood behind it too; nothing else is inside the run; hence each row that stays is on
 * its side of the place. A place is certain if its run is long enough that not all of its rows can have moved together,
 * or reaches an end of the list, which never moves.
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

/** Noted rows on either side of the anchor's own, or twice as many on one side at an end of the list. */
const neighbours = 4;
const maxMarks = 2 * neighbours + 1;
/** Rows that do not move together: as many as a side has. */
const minRun = neighbours;
/** Distance, in both directions, of the first search. */
const near = 128;
/** Marks of the list's ends, which are no row's. */
const listStart = '<<<<<<';
const listEnd = '>>>>>>';

/** Where an anchor is found again. */
export interface Found {
  /** Position of the first row behind the place. */
  readonly cut: number;
  /** Whether the anchor's own row stands at the cut. */
  readonly isThere: boolean;
  /** Whether each row that stays is on its side of the cut. */
  readonly isCertain: boolean;
}

/** Which side of the place the anchor's own row stands on: a span begins after a row, and ends before one. */
export type Side = 'after' | 'before';

/** A cut that is next to a noted row. */
interface Candidate extends Found {
  /** Indices of the noted rows that still follow each other, up to the cut or across it. */
  readonly run: ReadonlySet<number>;
}

/** The marks of a list's rows, or of some that follow each other there. */
export class Marks {
  readonly #rows: Bounds;
  /** With the ends of the list that are known. */
  readonly #bounds: Bounds;
  readonly #nameAt: (position: number) => string;
  readonly #known = new Map<number, string>();

  /**
   * @param nameAt what distinguishes the row of this position from all others
   * @param endsList whether no row follows the last one
   */
  constructor({ start, end }: Bounds, nameAt: (position: number) => string, endsList = true) {
    this.#rows = { start, end };
    this.#bounds = { start: start === 0 ? -1 : start, end: endsList ? end + 1 : end };
    this.#nameAt = nameAt;
  }

  get length(): number {
    return this.#rows.end - this.#rows.start;
  }

  at(position: number): string {
    if (position < 0) return listStart;
    if (position >= this.#rows.end) return listEnd;
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
    const nearby = this.#findWithin(anchor, side, {
      start: Math.max(start, anchor.position - near),
      end: Math.min(end, anchor.position + near),
    });
    // Rows have seldom moved, and seldom far.
    if (nearby !== null && nearby.isThere && nearby.isCertain) return nearby;
    return this.#findWithin(anchor, side, this.#bounds);
  }

  #findWithin(anchor: Anchor, side: Side, bounds: Bounds): Found | null {
    const noted = new Set(anchor.marks);
    const seen = new Map<string, number[]>();
    for (let at = bounds.start; at < bounds.end; at++) {
      const mark = this.at(at);
      if (!noted.has(mark)) continue;
      const places = seen.get(mark);
      if (places === undefined) seen.set(mark, [at]);
      else places.push(at);
    }
    const expected = side === 'after' ? anchor.position + 1 : anchor.position;
    const cuts = new Set([...seen.values()].flat().flatMap((at) => [at, at + 1]));
    let best: Candidate | null = null;
    let others: Candidate[] = [];
    for (const cut of cuts) {
      if (cut < 0 || cut > this.#rows.end) continue;
      const candidate = this.#judge(anchor, side, cut, bounds, seen);
      if (best === null || isBetter(candidate, best, expected)) {
        others = best === null ? others : [...others, best];
        best = candidate;
      } else others.push(candidate);
    }
    if (best === null) return null;
    const { cut, run, isThere, isCertain } = best;
    // If the list has all of the run twice, either can be the one that was noted.
    const isOnePlace =
      (cut === expected && run.size === anchor.marks.length) ||
      !others.some((other) => other.isCertain && [...other.run].some((index) => run.has(index)));
    return { cut, isThere, isCertain: isCertain && isOnePlace };
  }

  #judge(
    { marks, own }: Anchor,
    side: Side,
    cut: number,
    bounds: Bounds,
    seen: ReadonlyMap<string, readonly number[]>,
  ): Candidate {
    const firstBehind = side === 'after' ? own + 1 : own;
    // What is not seen in the whole list has gone, and leaves no gap.
    const isWhole = bounds.start < 0 && bounds.end > this.#rows.end;
    const run = new Set<number>();
    for (let at = cut - 1, index = firstBehind - 1; at >= bounds.start && index >= 0; at--, index--) {
      const mark = this.at(at);
      if (isWhole) index = marks.lastIndexOf(mark, index);
      if (index < 0 || marks[index] !== mark) break;
      run.add(index);
    }
    for (let at = cut, index = firstBehind; at < bounds.end && index < marks.length; at++, index++) {
      const mark = this.at(at);
      if (isWhole) index = marks.indexOf(mark, index);
      if (marks[index] !== mark) break;
      run.add(index);
    }
    const inRun = new Set([...run].map((index) => marks[index]));
    const isAstray = marks.some((mark, index) => {
      const places = inRun.has(mark) ? undefined : seen.get(mark);
      return places?.every((at) => at < cut !== index < firstBehind) ?? false;
    });
    const isThere = run.has(own);
    // Its own row that stands elsewhere may have moved, and so may the others.
    const isElsewhere = !isThere && seen.has(marks[own] ?? '');
    const isLong = run.size >= minRun || inRun.has(listStart) || inRun.has(listEnd);
    return { cut, run, isThere, isCertain: isLong && !isAstray && !isElsewhere };
  }
}

/** Whether a candidate is rather the place than another one, which of two that are alike is the one nearer to it. */
function isBetter(left: Candidate, right: Candidate, expected: number): boolean {
  const rankOf = ({ cut, run, isThere, isCertain }: Candidate) =>
    [Number(isCertain), Number(isThere), run.size, -Math.abs(cut - expected)] as const;
  const [ranks, others] = [rankOf(left), rankOf(right)];
  const index = ranks.findIndex((rank, at) => rank !== others[at]);
  return (ranks[index] ?? 0) > (others[index] ?? 0);
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
