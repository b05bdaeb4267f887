/**
 * Parses the last line of an earlier export, which may list thousands of tenants, in slices of the event loop. A long
 * text is never parsed as a whole: some values of few bytes take very long.
 */
import { isObject } from '../json.ts';
import { paced, type Pace } from '../scheduler.ts';
import { endError, maxLevels } from './earlier-values.ts';

/** What a line begins with to be the end. */
export const endStart = '{"end":';

/** Limits of the text without the entries of lists, and of one entry, in characters. */
const maxRest = 512 * 1024;
const maxEntry = 64 * 1024;

/** Characters between two checks of the clock. */
const charactersPerStep = 8192;

/** The line's value. Rejects with CallerError above a limit, and with SyntaxError. */
export async function parseEndLine(text: string, pace: Pace): Promise<unknown> {
  const lists = new EntryLists(text);
  for (let at = 0; at < text.length;) {
    at = lists.scan(at, at + charactersPerStep);
    if (pace.shouldYield) await pace.yield();
  }
  const { rest } = lists;
  if (rest.length > maxRest) throw endError(`it is longer than ${maxRest} characters without its lists`);
  const value: unknown = JSON.parse(rest);
  if (!isObject(value) || !isObject(value['end'])) return value;
  const end: Record<string, unknown> = { ...value['end'] };
  for (const [name, list] of Object.entries(end)) {
    const entries = lists.entriesOf(list);
    if (entries !== null) end[name] = await parseEach(entries, pace);
  }
  return { ...value, end };
}

async function parseEach(entries: readonly string[], pace: Pace): Promise<readonly unknown[]> {
  const values: unknown[] = [];
  for await (const entry of paced(entries, pace)) {
    if (entry.length > maxEntry) throw endError(`an entry is longer than ${maxEntry} characters`);
    values.push(JSON.parse(entry));
  }
  return values;
}

/** Level of the end's own lists, within the line and the end. */
const listLevel = 3;

/** Cuts the entries out of the end's lists of objects, and leaves an index in each list. */
class EntryLists {
  readonly #text: string;
  readonly #lists: string[][] = [];
  /** Entries of the current list; null outside of a list of objects. */
  #entries: string[] | null = null;
  /** Start of the current entry. */
  #entryAt: number | null = null;
  #rest = '';
  /** End of the text that is in an entry or in the rest. */
  #taken = 0;
  #level = 0;
  #isList = false;
  #isText = false;

  constructor(text: string) {
    this.#text = text;
  }

  /** The text without entries. */
  get rest(): string {
    return this.#rest + this.#text.slice(this.#taken);
  }

  /** Entries of a list of the rest; null if they were not cut out. */
  entriesOf(list: unknown): readonly string[] | null {
    const [index] = Array.isArray(list) && list.length === 1 ? (list as readonly unknown[]) : [];
    return typeof index === 'number' ? (this.#lists[index] ?? null) : null;
  }

  /** Scans a part of the text, and returns its end. */
  scan(start: number, end: number): number {
    let at = start;
    for (; at < Math.min(end, this.#text.length); at++) {
      const character = this.#text[at];
      if (this.#isText) {
        if (character === '\\') at += 1;
        else if (character === '"') this.#isText = false;
      } else if (character === '"') this.#isText = true;
      else if (character === '{' || character === '[') this.#open(at, character === '[');
      else if (character === '}' || character === ']') this.#close(at);
    }
    return at;
  }

  #open(at: number, isList: boolean): void {
    if (this.#level === listLevel && this.#isList && !isList) {
      const between = this.#text.slice(this.#taken, at);
      if (this.#entries === null) {
        this.#rest += between + String(this.#lists.length);
        this.#lists.push((this.#entries = []));
      } else if (between.trim() !== ',') throw endError(notAllObjects);
      this.#entryAt = at;
    }
    this.#level += 1;
    if (this.#level > maxLevels) throw endError(`it has more than ${maxLevels} levels`);
    if (this.#level === listLevel) this.#isList = isList;
  }

  #close(at: number): void {
    this.#level -= 1;
    if (this.#level === listLevel && this.#entryAt !== null) {
      this.#entries?.push(this.#text.slice(this.#entryAt, at + 1));
      this.#taken = at + 1;
      this.#entryAt = null;
    } else if (this.#level < listLevel && this.#entries !== null) {
      if (this.#text.slice(this.#taken, at).trim() !== '') throw endError(notAllObjects);
      this.#taken = at;
      this.#entries = null;
    }
  }
}

const notAllObjects = 'a list has an entry that is no object';
