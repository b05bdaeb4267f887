/**
 * A place in a list that has no order but its own, told by the row that stands there and those that stand before it, so
 * that it is found again after rows have come and gone: whatever is left of these rows, the place is behind it.
 */

/** A row's position when the place was noted, and the marks of its name and of those before it, nearest first. */
export interface Anchor {
  readonly position: number;
  readonly marks: readonly string[];
}

/** Rows that may go at the same time before a place behind them is lost. */
export const mostMarks = 8;
/** How far a row is looked for, in both directions, before all are. */
const mostSteps = 100;

/** The marks of a list's rows, or of some that follow each other there. */
export class Marks {
  readonly length: number;
  readonly #nameAt: (position: number) => string;
  readonly #known = new Map<number, string>();

  /** @param nameAt what tells the row of this position from all others */
  constructor(length: number, nameAt: (position: number) => string) {
    this.length = length;
    this.#nameAt = nameAt;
  }

  at(position: number): string {
    let mark = this.#known.get(position);
    if (mark === undefined) this.#known.set(position, (mark = markOf(this.#nameAt(position))));
    return mark;
  }

  anchor(position: number): Anchor {
    const marks: string[] = [];
    for (let at = position; at >= 0 && marks.length < mostMarks; at--) marks.push(this.at(at));
    return { position, marks };
  }

  /** The position of an anchor's row, or of the nearest before it that is left; null where none of them is. */
  find({ position, marks }: Anchor): { readonly position: number; readonly isThere: boolean } | null {
    const usual = Math.min(position, this.length - 1);
    // It has seldom moved, and seldom far.
    for (let distance = 0; distance < mostSteps; distance++) {
      for (const at of [usual - distance, usual + distance]) {
        if (at >= 0 && at < this.length && this.at(at) === marks[0]) return { position: at, isThere: true };
      }
    }
    const positions = new Map<string, number>();
    for (let at = this.length - 1; at >= 0; at--) positions.set(this.at(at), at);
    for (const [index, mark] of marks.entries()) {
      const at = positions.get(mark);
      if (at !== undefined) return { position: at, isThere: index === 0 };
    }
    return null;
  }
}

/** An anchor as `JSON.parse` gave it back; null for what is none. */
export function decodeAnchor(value: unknown): Anchor | null {
  if (!Array.isArray(value) || value.length !== 2) return null;
  const [position, text] = value as readonly unknown[];
  if (typeof position !== 'number' || !Number.isSafeInteger(position) || position < 0) return null;
  const marks = typeof text === 'string' ? (text.match(/.{6}/g) ?? []) : [];
  return marks.length > 0 && marks.length <= mostMarks ? { position, marks } : null;
}

export function encodeAnchor({ position, marks }: Anchor): readonly unknown[] {
  return [position, marks.join('')];
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
