/** Shortens an answer to a number of characters: drops whole rows from the ends of lists, and records each list. */
import type { AnswerConnection, AnswerList } from '../documents/hidden-fields.ts';

/** A list with more rows, dropped from this answer or outside of the requested window. */
export interface TruncatedList {
  readonly list: string;
  readonly shown: number;
  /** Whether the other rows precede those shown, instead of following them. */
  readonly isBefore: boolean;
  /** Cursor of the row to continue from; null if the list can't be continued. */
  readonly cursor: string | null;
  /** Rows that this answer dropped; 0 if the window ended here. */
  readonly dropped: number;
  /** Whether the cursor, which holds the values of the order, is too long to be shown. */
  readonly isCursorLong: boolean;
}

/** A text too long to be shown. */
export interface LeftOutText {
  readonly text: string;
  readonly characters: number;
}

interface Fitted {
  /** The first few. */
  readonly lists: readonly TruncatedList[];
  /** Truncated lists beside the first few. */
  readonly moreLists: number;
  readonly texts: readonly LeftOutText[];
  /** Whether the answer fits now. */
  readonly fits: boolean;
}

/** Space reserved for the entry of a list. */
const entryCharacters = 400;
/** Space reserved for the note about further truncated lists. */
const moreListsCharacters = 120;
/** Longest cursor that is shown, as a share of the answer; a cursor of an order by one text is always shown. */
const maxCursorShare = 0.25;
const maxTextCursor = 1200;
/** Texts of this length are dropped if dropping rows was not enough. */
const longText = 500;
/** Maximum entries of lists, and of texts. */
const maxNamed = 10;

/** Measures the answer's text, in characters. */
interface Lengths {
  /** Length of the whole answer. */
  readonly whole: (
    lists: readonly TruncatedList[],
    texts: readonly LeftOutText[],
    moreLists: number,
  ) => number;
  /** Length of the lists' entries. */
  readonly entries: (lists: readonly TruncatedList[]) => number;
  /** Length of a value in the answer. */
  readonly value: (value: unknown) => number;
}

/**
 * Shortens `data` in place. An answer may have megabytes and thousands of lists: the length of dropped parts is
 * subtracted, and the whole measured again only when it should fit.
 *
 * @param lists of the data
 * @param continued path of the list that the call continues, whose rows are dropped last; null if it continues none
 */
export function fit(
  data: unknown,
  lists: readonly AnswerList[],
  lengths: Lengths,
  maxCharacters: number,
  continued: string | null,
): Fitted {
  const truncated = new TruncatedLists(
    data,
    lengths,
    Math.max(maxCursorShare * maxCharacters, maxTextCursor),
  );
  for (const list of lists) if (list.hasMore || list.hasEarlier) truncated.add(list, 0);
  let length = lengths.whole([], [], 0);
  if (length + truncated.length() > maxCharacters) {
    for (const list of inOrderOfDropping(data, lists, continued)) {
      let excess = length + truncated.length() - maxCharacters;
      if (excess <= 0) {
        length = lengths.whole([], [], 0);
        excess = length + truncated.length() - maxCharacters;
        if (excess <= 0) break;
      }
      if (!truncated.isShown(list)) continue;
      const { dropped, characters } = shorten(list, excess + entryCharacters, lengths);
      length -= characters;
      for (const [each, rows] of dropped) truncated.add(each, rows);
    }
  }
  const texts: LeftOutText[] = [];
  const { named, more } = truncated.all();
  if (lengths.whole(named, texts, more) > maxCharacters) leaveOutTexts(data, '', texts);
  return {
    lists: named,
    moreLists: more,
    texts,
    fits: lengths.whole(named, texts, more) <= maxCharacters,
  };
}

/** Truncated lists, the outermost first, except those within dropped rows. */
class TruncatedLists {
  readonly #data: unknown;
  readonly #lengths: Lengths;
  readonly #maxCursor: number;
  /** Entries by the lists' depth. */
  readonly #entries: (Map<AnswerList, readonly TruncatedList[]> | undefined)[] = [];
  /** Least depth of a list that lost rows; only deeper lists may be in them. */
  #shallowestDrop = Infinity;
  /** The first few as last measured, and the greatest depth of theirs; null after a change that they may show. */
  #measured: {
    readonly lists: ReadonlySet<AnswerList>;
    readonly depth: number;
    readonly length: number;
  } | null = null;

  constructor(data: unknown, lengths: Lengths, maxCursor: number) {
    this.#data = data;
    this.#maxCursor = maxCursor;
    this.#lengths = lengths;
  }

  add(list: AnswerList, dropped: number): void {
    const { depth } = list;
    const entries = (this.#entries[depth] ??= new Map<AnswerList, readonly TruncatedList[]>());
    const before = entries.get(list)?.find(({ isBefore }) => !isBefore)?.dropped ?? 0;
    entries.set(list, entriesOf(list, before + dropped, this.#maxCursor));
    if (dropped > 0) this.#shallowestDrop = Math.min(this.#shallowestDrop, depth);
    // Dropped rows contain only deeper lists, and a list comes after the others of its depth.
    const changesFirst = (deepest: number, lists: ReadonlySet<AnswerList>) =>
      lists.size < maxNamed || depth < deepest || lists.has(list);
    if (this.#measured !== null && changesFirst(this.#measured.depth, this.#measured.lists))
      this.#measured = null;
  }

  /** Whether a list is in no dropped row. */
  isShown({ depth, path }: AnswerList): boolean {
    return depth <= this.#shallowestDrop || isPresent(this.#data, path);
  }

  /** The first few lists, and the number of others. */
  all(): { readonly named: readonly TruncatedList[]; readonly more: number } {
    const shown = this.#shown(Infinity).flatMap(([, entries]) => entries);
    return { named: shown.slice(0, maxNamed), more: Math.max(0, shown.length - maxNamed) };
  }

  length(): number {
    this.#measured ??= this.#measure();
    return this.#measured.length;
  }

  #measure() {
    const first = this.#shown(maxNamed);
    const entries = first.flatMap(([, ofList]) => ofList).slice(0, maxNamed);
    const isFull = entries.length === maxNamed;
    return {
      lists: new Set(first.map(([list]) => list)),
      depth: first.at(-1)?.[0].depth ?? 0,
      length: this.#lengths.entries(entries) + (isFull ? moreListsCharacters : 0),
    };
  }

  /** The outermost lists with their entries, up to a number of lists. */
  #shown(max: number): readonly (readonly [AnswerList, readonly TruncatedList[]])[] {
    const shown: (readonly [AnswerList, readonly TruncatedList[]])[] = [];
    for (const ofDepth of this.#entries) {
      for (const each of ofDepth ?? []) {
        if (shown.length === max) return shown;
        // Dropped rows do not return.
        if (this.isShown(each[0])) shown.push(each);
        else ofDepth?.delete(each[0]);
      }
    }
    return shown;
  }
}

/** Lists that can be shortened, the longest first (by all that their rows contain) and the continued one last. */
function inOrderOfDropping(
  data: unknown,
  lists: readonly AnswerList[],
  continued: string | null,
): readonly AnswerList[] {
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
  const first = lists.find(({ path }) => path === continued);
  const isContinued = (list: AnswerList) =>
    list === first || (list.connection !== null && list.connection === first?.connection);
  return lists
    .filter((list) => rowsOf(list).length > 1)
    .map((list) => ({ list, isLast: isContinued(list), size: sizes.get(list.holder[list.key]) ?? 0 }))
    .sort((one, other) => Number(one.isLast) - Number(other.isLast) || other.size - one.size)
    .map(({ list }) => list);
}

function rowsOf({ holder, key }: AnswerList): readonly unknown[] {
  return holder[key] as readonly unknown[];
}

/**
 * Drops rows from the end of a list, down to one, until it is shorter by a number of characters. `nodes` and `edges` of
 * a connection have the same rows, and lose the same ones.
 *
 * @returns the shortened lists with their dropped rows, and the dropped characters
 */
function shorten(
  list: AnswerList,
  characters: number,
  { value: lengthOf }: Lengths,
): { readonly dropped: ReadonlyMap<AnswerList, number>; readonly characters: number } {
  const lists = list.connection?.lists ?? [list];
  const { length } = rowsOf(list);
  let kept = length;
  let gone = 0;
  while (kept > 1 && gone < characters) {
    kept -= 1;
    for (const each of lists) gone += lengthOf(rowsOf(each)[kept]) + 1;
  }
  if (kept === length) return { dropped: new Map(), characters: 0 };
  for (const each of lists) each.holder[each.key] = rowsOf(each).slice(0, kept);
  if (list.connection !== null) endAt(list.connection, list.cursors?.[kept - 1]);
  return { dropped: new Map(lists.map((each) => [each, length - kept])), characters: gone };
}

/** Updates the page fields that the document selects to describe the rows shown. */
function endAt({ pages }: AnswerConnection, cursor: string | undefined): void {
  for (const { page, endCursor, hasNextPage } of pages) {
    if (cursor !== undefined) for (const key of endCursor) page[key] = cursor;
    for (const key of hasNextPage) page[key] = true;
  }
}

function entriesOf(list: AnswerList, dropped: number, maxCursor: number): readonly TruncatedList[] {
  const shown = rowsOf(list).length;
  const entry = (isBefore: boolean): TruncatedList => {
    const cursor = list.cursors?.[isBefore ? 0 : shown - 1] ?? null;
    const isCursorLong = cursor !== null && cursor.length > maxCursor;
    return {
      list: list.path,
      shown,
      isBefore,
      cursor: isCursorLong ? null : cursor,
      dropped: isBefore ? 0 : dropped,
      isCursorLong,
    };
  };
  return [...(list.hasEarlier ? [entry(true)] : []), ...(list.hasMore || dropped > 0 ? [entry(false)] : [])];
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
