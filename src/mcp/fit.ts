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
/** Longer texts are left out if nothing else helps. */
const longText = 500;
/** Lists of which the rest is named one by one. */
const maxNamedLists = 10;

/**
 * Shortens `data` in place.
 *
 * @param lists of the data
 * @param lengthOf characters of the whole answer, as it stands
 */
export function fit(
  data: unknown,
  lists: readonly AnswerList[],
  lengthOf: (leftOut: readonly LeftOut[]) => number,
  maxCharacters: number,
): Fitted {
  const leftOut = new Map<AnswerList, LeftOut>();
  // Who asks for no rows has not reached the end of one.
  for (const list of lists)
    if (list.hasMore && rowsOf(list.holder, list.key).length > 0) leftOut.set(list, noteOf(list, 0));
  const noted = () =>
    [...leftOut.values()].filter(({ list }) => isPresent(data, list)).slice(0, maxNamedLists);
  // The longest first: a list is as long as all that its rows contain.
  const byLength = lists
    .filter(({ holder, key }) => rowsOf(holder, key).length > 1)
    .map((list) => ({ list, length: JSON.stringify(rowsOf(list.holder, list.key)).length }))
    .sort((one, other) => other.length - one.length);
  for (const { list } of byLength) {
    if (!isPresent(data, list.path)) continue;
    const excess = lengthOf(noted()) - maxCharacters;
    if (excess <= 0) break;
    const removed = shorten(list, excess + charactersOfNote);
    if (removed > 0) leftOut.set(list, noteOf(list, removed));
  }
  const texts: LeftOutText[] = [];
  if (lengthOf(noted()) > maxCharacters) leaveOutTexts(data, '', texts);
  return { lists: noted(), texts, fits: lengthOf(noted()) <= maxCharacters };
}

function rowsOf(holder: Readonly<Record<string, unknown>>, key: string): readonly unknown[] {
  return holder[key] as readonly unknown[];
}

/** Drops rows from the end, down to one, until so many characters are gone; returns how many rows. */
function shorten({ holder, key, cursors }: AnswerList, characters: number): number {
  const rows = rowsOf(holder, key);
  let kept = rows.length;
  let gone = 0;
  while (kept > 1 && gone < characters) {
    kept -= 1;
    gone += JSON.stringify(rows[kept]).length + 1;
  }
  holder[key] = rows.slice(0, kept);
  const endCursor = cursors?.[kept - 1];
  // What the document itself selects of the page speaks of the rows that are shown.
  for (const value of Object.values(holder)) {
    if (typeof value !== 'object' || value === null || Array.isArray(value)) continue;
    if ('endCursor' in value && endCursor !== undefined) Object.assign(value, { endCursor });
    if ('hasNextPage' in value) Object.assign(value, { hasNextPage: true });
  }
  return rows.length - kept;
}

function noteOf({ path, holder, key, cursors }: AnswerList, removed: number): LeftOut {
  const shown = rowsOf(holder, key).length;
  return { list: path, shown, after: cursors?.[shown - 1] ?? null, leftOut: removed };
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
      texts.push({ text: at, characters: child.length });
      (value as Record<string, unknown>)[key] = `(a text of ${child.length} characters was left out)`;
    } else leaveOutTexts(child, at, texts);
  }
}
