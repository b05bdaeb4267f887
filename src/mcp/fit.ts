/** Fits an answer into so many characters: whole rows are left out from the ends of lists, and each list says so. */
import type { AnswerList } from './hidden-fields.ts';

/** A list of which rows were left out, by this answer or by the window that was asked for. */
export interface LeftOut {
  readonly list: string;
  readonly shown: number;
  /** Behind the last row that is shown; null if the list can't be continued. */
  readonly after: string | null;
  /** How many rows this answer left out; 0 if the window ended here. */
  readonly leftOut: number;
  /** Whether the list could be continued but for the length of its cursor, which holds the values it is ordered by. */
  readonly isCursorLong: boolean;
}

/** A text that was too long to be shown. */
export interface LeftOutText {
  readonly text: string;
  readonly characters: number;
}

interface Fitted {
  readonly lists: readonly LeftOut[];
  readonly texts: readonly LeftOutText[];
  /** Whether it fits now. */
  readonly fits: boolean;
}

/** For what the answer says of a list. */
const charactersOfNote = 400;
/** Of an answer: longer cursors are left out. */
const maxCursorShare = 0.25;
/** Longer texts are left out if nothing else helps. */
const longText = 500;
/** Lists, and texts, that are named one by one. */
const maxNamed = 10;

/** Characters of the answer's text. */
interface Lengths {
  /** Of all of it, as it stands. */
  readonly whole: (lists: readonly LeftOut[], texts: readonly LeftOutText[]) => number;
  /** Of what it says of lists. */
  readonly notes: (lists: readonly LeftOut[]) => number;
  /** Of a value in it. */
  readonly value: (value: unknown) => number;
}

/**
 * Shortens `data` in place. An answer may have megabytes and thousands of lists: its length is counted down with what is
 * left out, and measured anew only when it should fit.
 *
 * @param lists of the data
 */
export function fit(
  data: unknown,
  lists: readonly AnswerList[],
  lengths: Lengths,
  maxCharacters: number,
): Fitted {
  const noted = new NotedLists(data, lengths, maxCursorShare * maxCharacters);
  for (const list of lists) if (list.hasMore) noted.add(list, 0);
  let length = lengths.whole([], []);
  if (length + noted.length() > maxCharacters) {
    for (const list of byLengthDescending(data, lists)) {
      let excess = length + noted.length() - maxCharacters;
      if (excess <= 0) {
        length = lengths.whole([], []);
        excess = length + noted.length() - maxCharacters;
        if (excess <= 0) break;
      }
      if (!isPresent(data, list.path)) continue;
      const { rows, characters } = shorten(list, excess + charactersOfNote, lengths);
      length -= characters;
      if (rows > 0) noted.add(list, rows);
    }
  }
  const texts: LeftOutText[] = [];
  if (lengths.whole(noted.first(), texts) > maxCharacters) leaveOutTexts(data, '', texts);
  return {
    lists: noted.first(),
    texts,
    fits: lengths.whole(noted.first(), texts) <= maxCharacters,
  };
}

/** Lists that go on, in the order in which that was found; those are named whose row is still in the data. */
class NotedLists {
  readonly #data: unknown;
  readonly #lengths: Lengths;
  readonly #maxCursor: number;
  readonly #notes = new Map<AnswerList, LeftOut>();
  #measured: { readonly notes: readonly LeftOut[]; readonly length: number } = { notes: [], length: 0 };

  constructor(data: unknown, lengths: Lengths, maxCursor: number) {
    this.#data = data;
    this.#maxCursor = maxCursor;
    this.#lengths = lengths;
  }

  add(list: AnswerList, removed: number): void {
    this.#notes.set(list, noteOf(list, removed, this.#maxCursor));
  }

  first(): readonly LeftOut[] {
    const first: LeftOut[] = [];
    for (const [list, note] of this.#notes) {
      if (first.length === maxNamed) break;
      // A row that has gone does not come back.
      if (isPresent(this.#data, list.path)) first.push(note);
      else this.#notes.delete(list);
    }
    return first;
  }

  length(): number {
    const notes = this.first();
    const { notes: before } = this.#measured;
    const isSame = notes.length === before.length && notes.every((note, index) => note === before[index]);
    if (!isSame) this.#measured = { notes, length: this.#lengths.notes(notes) };
    return this.#measured.length;
  }
}

/** Lists that can be shortened: a list is as long as all that its rows contain. */
function byLengthDescending(data: unknown, lists: readonly AnswerList[]): readonly AnswerList[] {
  const sizes = new Map<unknown, number>();
  const sizeOf = (value: unknown): number => {
    if (typeof value === 'string') return value.length;
    if (typeof value !== 'object' || value === null) return 1;
    let size = 0;
    for (const [key, child] of Object.entries(value))
      size += sizeOf(child) + (Array.isArray(value) ? 1 : key.length);
    sizes.set(value, size);
    return size;
  };
  sizeOf(data);
  return lists
    .filter(({ holder, key }) => rowsOf(holder, key).length > 1)
    .map((list) => ({ list, size: sizes.get(list.holder[list.key]) ?? 0 }))
    .sort((one, other) => other.size - one.size)
    .map(({ list }) => list);
}

function rowsOf(holder: Readonly<Record<string, unknown>>, key: string): readonly unknown[] {
  return holder[key] as readonly unknown[];
}

/** Drops rows from the end, down to one, until so many characters are gone; returns how many rows and characters. */
function shorten(
  { holder, key, cursors }: AnswerList,
  characters: number,
  { value: lengthOf }: Lengths,
): { readonly rows: number; readonly characters: number } {
  const rows = rowsOf(holder, key);
  let kept = rows.length;
  let gone = 0;
  while (kept > 1 && gone < characters) {
    kept -= 1;
    gone += lengthOf(rows[kept]) + 1;
  }
  holder[key] = rows.slice(0, kept);
  const endCursor = cursors?.[kept - 1];
  // What the document itself selects of the page speaks of the rows that are shown.
  for (const value of Object.values(holder)) {
    if (typeof value !== 'object' || value === null || Array.isArray(value)) continue;
    if ('endCursor' in value && endCursor !== undefined) Object.assign(value, { endCursor });
    if ('hasNextPage' in value) Object.assign(value, { hasNextPage: true });
  }
  return { rows: rows.length - kept, characters: gone };
}

function noteOf({ path, holder, key, cursors }: AnswerList, removed: number, maxCursor: number): LeftOut {
  const shown = rowsOf(holder, key).length;
  const cursor = cursors?.[shown - 1] ?? null;
  const isLong = cursor !== null && cursor.length > maxCursor;
  return { list: path, shown, after: isLong ? null : cursor, leftOut: removed, isCursorLong: isLong };
}

/** Whether the row that a path leads through is still in the data. */
function isPresent(data: unknown, path: string): boolean {
  let value = data;
  for (const key of path.split('.')) {
    if (typeof value !== 'object' || value === null) return false;
    value = (value as Readonly<Record<string, unknown>>)[key];
  }
  return value !== undefined;
}

function leaveOutTexts(value: unknown, path: string, texts: LeftOutText[]): void {
  if (typeof value !== 'object' || value === null) return;
  for (const [key, child] of Object.entries(value) as [string, unknown][]) {
    const at = path === '' ? key : `${path}.${key}`;
    if (typeof child === 'string' && child.length > longText) {
      if (texts.length < maxNamed) texts.push({ text: at, characters: child.length });
      (value as Record<string, unknown>)[key] = `(a text of ${child.length} characters was left out)`;
    } else leaveOutTexts(child, at, texts);
  }
}
