/**
 * Places in a list without a sort key. An anchor has the fingerprints of a row and of its neighbours, so the place can
 * be found again after rows have come, gone and moved.
 *
 * A place is right if the remaining rows that were before it still are, and those behind it too. If a row is on the
 * wrong side, either it has moved, or all noted rows between have. A place is certain if any row on the wrong side must
 * have passed a quorum of noted rows. The ends of the list are noted as well, and never move.
 */

/** A row's former position, and the fingerprints of the rows around it in list order. */
export interface Anchor {
  readonly position: number;
  readonly fingerprints: readonly string[];
  /** Index of the row's fingerprint. */
  readonly own: number;
}

/** Positions from `start` up to but not including `end`. */
interface Bounds {
  readonly start: number;
  readonly end: number;
}

/** Noted rows on each side, or twice as many on one side at the end of a page. */
const neighbours = 4;
const maxRows = 2 * neighbours + 1;
/** Number of noted rows that are assumed not to move together. */
const quorum = neighbours;
/** Fingerprints of the list's ends, which no row has. */
const listStart = '<<<<<<';
const listEnd = '>>>>>>';

export interface AnchorLocation {
  /** Position of the first row behind the place. */
  readonly cut: number;
  /** Whether the anchor's row is at the cut. */
  readonly isPresent: boolean;
  /** Whether each remaining row is on its former side of the cut. */
  readonly isCertain: boolean;
}

/** Cursor for which the place is used: a range begins after a row and ends before one. */
export type Side = 'after' | 'before';

/** Index of a row among an anchor's fingerprints (outside them if not noted), and its current position. */
interface PositionedRow {
  readonly index: number;
  readonly at: number;
}

/** Fingerprints of a list's rows, or of consecutive rows in it. */
export class Fingerprints {
  readonly #rows: Bounds;
  readonly #endsList: boolean;
  readonly #fingerprintAt: (position: number) => string;

  /** @param endsList whether the last row ends the list */
  constructor(rows: Bounds, fingerprintAt: (position: number) => string, endsList = true) {
    this.#rows = rows;
    this.#endsList = endsList;
    this.#fingerprintAt = fingerprintAt;
  }

  get length(): number {
    return this.#rows.end - this.#rows.start;
  }

  at(position: number): string {
    if (position < 0) return listStart;
    return position >= this.#rows.end ? listEnd : this.#fingerprintAt(position);
  }

  anchor(position: number): Anchor {
    const { start, end } = this.#rows;
    const from = Math.max(start, Math.min(position - neighbours, end - maxRows));
    const to = Math.min(end, from + maxRows);
    const fingerprints: string[] = [];
    for (let at = from; at < to; at++) fingerprints.push(this.at(at));
    if (from === 0) fingerprints.unshift(listStart);
    if (to === end && this.#endsList) fingerprints.push(listEnd);
    return { position, fingerprints, own: position - from + Number(from === 0) };
  }

  /** Whether any row of an anchor was replaced, as far as these fingerprints show. */
  hasMoved({ position, fingerprints, own }: Anchor): boolean {
    const { start, end } = this.#withEnds();
    return fingerprints.some((fingerprint, index) => {
      const at = position - own + index;
      return at >= start && at < end && this.at(at) !== fingerprint;
    });
  }

  /** Location of an anchor; null if none of its rows is here. */
  find(anchor: Anchor, side: Side): AnchorLocation | null {
    const { position, fingerprints, own } = anchor;
    if (fingerprints.length >= quorum && this.#reachesAround(anchor) && !this.hasMoved(anchor)) {
      return { cut: side === 'after' ? position + 1 : position, isPresent: true, isCertain: true };
    }
    const seen = this.#seenRows(anchor);
    const passedBy = (row: PositionedRow) =>
      seen
        .filter(({ index, at }) => index !== row.index && index < row.index !== at < row.at)
        .reduce((sum, { index }) => sum + (isEnd(fingerprints[index]) ? quorum : 1), 0);
    const suspects = [...seen, ...this.#possibleRows(anchor, seen)].map((row) => ({
      at: row.at,
      isBefore: side === 'after' ? row.index <= own : row.index < own,
      passed: passedBy(row),
    }));
    const ownRow = seen.find((row) => row.index === own && passedBy(row) < quorum);
    const ownCut = ownRow === undefined ? null : side === 'after' ? ownRow.at + 1 : ownRow.at;
    const cuts = ownCut === null ? seen.flatMap(({ at }) => [at, at + 1]) : [ownCut];
    // New rows between two noted rows belong to the window.
    if (side === 'before') cuts.reverse();
    let best: { readonly cut: number; readonly passed: number } | null = null;
    for (const cut of cuts) {
      if (cut < 0 || cut > this.#rows.end) continue;
      const wrong = suspects.filter((row) => row.isBefore !== row.at < cut);
      const passed = Math.min(quorum, ...wrong.map((row) => row.passed));
      if (best === null || passed > best.passed) best = { cut, passed };
    }
    return best && { cut: best.cut, isPresent: best.cut === ownCut, isCertain: best.passed >= quorum };
  }

  /** Location in a whole list, estimated if none of the anchor's rows remain. */
  findInWhole(anchor: Anchor, side: Side): AnchorLocation {
    return this.find(anchor, side) ?? estimatedLocation(anchor, this.length);
  }

  /** Noted rows and list ends that are here, by position. */
  #seenRows({ position, fingerprints, own }: Anchor): PositionedRow[] {
    // A fingerprint noted twice counts once: at the row's own index if it is one of them.
    const indexes = new Map([...fingerprints.entries()].map(([index, fingerprint]) => [fingerprint, index]));
    indexes.set(fingerprints[own] ?? '', own);
    const places = new Map<number, number>();
    for (let at = this.#rows.start; at < this.#rows.end; at++) {
      const index = indexes.get(this.#fingerprintAt(at));
      if (index === undefined) continue;
      // Of several rows with one fingerprint, the row nearest to the expected position.
      const expected = position - own + index;
      const known = places.get(index);
      if (known === undefined || Math.abs(at - expected) < Math.abs(known - expected)) places.set(index, at);
    }
    if (fingerprints[0] === listStart) places.set(0, -1);
    if (fingerprints.at(-1) === listEnd)
      places.set(fingerprints.length - 1, this.#endsList ? this.#rows.end : Infinity);
    return [...places].map(([index, at]) => ({ index, at })).sort((left, right) => left.at - right.at);
  }

  /** Rows that may be between the seen rows: noted rows elsewhere, and unnoted rows from either side. */
  #possibleRows({ fingerprints }: Anchor, seen: readonly PositionedRow[]): PositionedRow[] {
    const gaps = seen.flatMap(({ at }, index) => (at + 1 < (seen[index + 1]?.at ?? 0) ? [at + 1] : []));
    const [first, last] = [seen[0]?.at ?? 0, seen.at(-1)?.at ?? 0];
    if (first > 0) gaps.push(first - 1);
    if (this.#endsList ? last + 1 < this.#rows.end : last < Infinity) gaps.push(last + 1);
    // In a whole list, unseen rows are gone.
    const isWhole = this.#rows.start === 0 && this.#endsList;
    const seenFingerprints = new Set(seen.map(({ index }) => fingerprints[index]));
    const missing = isWhole
      ? []
      : [...fingerprints.keys()].filter((index) => !seenFingerprints.has(fingerprints[index]));
    return [-1, ...missing, fingerprints.length].flatMap((index) => gaps.map((at) => ({ index, at })));
  }

  #reachesAround({ position, fingerprints, own }: Anchor): boolean {
    const { start, end } = this.#withEnds();
    return position - own >= start && position - own + fingerprints.length <= end;
  }

  /** Positions of the rows, and of the list's ends if adjacent. */
  #withEnds(): Bounds {
    const { start, end } = this.#rows;
    return { start: start === 0 ? -1 : start, end: this.#endsList ? end + 1 : end };
  }
}

const isEnd = (fingerprint: string | undefined) => fingerprint === listStart || fingerprint === listEnd;

export function lastPosition({ position, fingerprints, own }: Anchor): number {
  return position + fingerprints.length - 1 - own - Number(fingerprints.at(-1) === listEnd);
}

/** Location of an anchor with no remaining row, in a list of this length. */
export function estimatedLocation({ position }: Anchor, length: number): AnchorLocation {
  return { cut: Math.min(position, length), isPresent: false, isCertain: false };
}

/** Anchor from parsed JSON; null if malformed. */
export function decodeAnchor(value: unknown): Anchor | null {
  if (!Array.isArray(value) || value.length !== 3) return null;
  const [position, own, text] = value as readonly unknown[];
  if (!isPosition(position) || !isPosition(own)) return null;
  const fingerprints = typeof text === 'string' ? (text.match(/.{6}/g) ?? []) : [];
  return own < fingerprints.length && fingerprints.length <= maxRows + 2
    ? { position, fingerprints, own }
    : null;
}

export function encodeAnchor({ position, fingerprints, own }: Anchor): readonly unknown[] {
  return [position, own, fingerprints.join('')];
}

export function isPosition(value: unknown): value is number {
  return typeof value === 'number' && Number.isSafeInteger(value) && value >= 0;
}

const letters = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_';

const fingerprintsByRows = new WeakMap<readonly unknown[], string[]>();

/**
 * Fingerprints of cached rows, each computed once.
 *
 * @param nameOf unique name of a row in its list; the same function for the same rows
 */
export function fingerprintsAround<Row>(
  rows: readonly Row[],
  nameOf: (row: Row) => string,
): (index: number) => string {
  let fingerprints = fingerprintsByRows.get(rows);
  if (fingerprints === undefined) fingerprintsByRows.set(rows, (fingerprints = []));
  const known = fingerprints;
  return (index) => {
    const row = rows[index];
    return row === undefined ? '' : (known[index] ??= fingerprintOf(nameOf(row)));
  };
}

/** 36 bits of a name, as six letters. A collision can misplace only the cursor's own reader. */
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
