/**
 * Parses the last line of an earlier export, which may list thousands of tenants, in slices of the event loop. A long
 * text is never parsed as a whole: some values of few bytes take very long, and take much more memory than their text.
 */
import { isObject } from '../json.ts';
import type { Pace } from '../scheduler.ts';
import { endError, maxLevels } from './earlier-values.ts';

/** Start of the line with the end. */
export const endStart = '{"end":';

/** Limits of the text without the entries of lists, and of one entry, in characters. */
const maxRest = 512 * 1024;
const maxEntry = 64 * 1024;

/** Characters of a list's name, escaped. */
const maxName = 100;

/** Characters between two checks of the clock. */
const charactersPerStep = 8192;

/**
 * Called with the list's name for each object in a list of the end. Returns the value to put in the list; undefined for
 * none.
 *
 * @throws any error, which ends the parsing
 */
export type ReadEntry = (list: string, entry: unknown) => unknown;

/** The line's value. Rejects with CallerError above a limit, with SyntaxError, and with errors of `readEntry`. */
export async function parseEndLine(text: string, pace: Pace, readEntry: ReadEntry): Promise<unknown> {
  const lists = new EntryLists(text, readEntry);
  for (let at = 0; at < text.length;) {
    at = lists.scan(at, at + charactersPerStep);
    if (pace.shouldYield) await pace.yield();
  }
  const value: unknown = JSON.parse(lists.rest);
  if (!isObject(value) || !isObject(value['end'])) return value;
  const end: Record<string, unknown> = { ...value['end'] };
  for (const [name, list] of Object.entries(end)) {
    const entries = lists.entriesOf(list);
    if (entries !== null) end[name] = entries;
  }
  return { ...value, end };
}

/** Level of the end's names and lists. */
const nameLevel = 2;
const listLevel = 3;

/** Cuts the entries out of the end's lists of objects, and leaves an index in each list. */
class EntryLists {
  readonly #text: string;
  readonly #readEntry: ReadEntry;
  readonly #lists: unknown[][] = [];
  /** Entries of the current list; null outside of a list of objects. */
  #entries: unknown[] | null = null;
  /** Start of the latest name or text in the end: a list follows its name. */
  #nameAt = 0;
  #nameEnd = 0;
  /** Name of the current list. */
  #name = '';
  /** Start of the current entry. */
  #entryAt: number | null = null;
  #rest = '';
  /** End of the text already taken into an entry or the rest. */
  #taken = 0;
  #level = 0;
  #isList = false;
  #isText = false;

  constructor(text: string, readEntry: ReadEntry) {
    this.#text = text;
    this.#readEntry = readEntry;
  }

  /**
   * The text without entries.
   *
   * @throws CallerError if it is too long
   */
  get rest(): string {
    this.#checkRest(this.#text.length - this.#taken);
    return this.#rest + this.#text.slice(this.#taken);
  }

  #checkRest(added: number): void {
    if (this.#rest.length + added > maxRest)
      throw endError(`it is longer than ${maxRest} characters without its lists`);
  }

  /** Returns the entries cut out of a list of the rest; null if there are none. */
  entriesOf(list: unknown): readonly unknown[] | null {
    const [index] = Array.isArray(list) && list.length === 1 ? (list as readonly unknown[]) : [];
    return typeof index === 'number' ? (this.#lists[index] ?? null) : null;
  }

  /**
   * Scans a part of the text, and returns its end.
   *
   * @throws CallerError above a limit, SyntaxError, and errors of `readEntry`
   */
  scan(start: number, end: number): number {
    let at = start;
    for (; at < Math.min(end, this.#text.length); at++) {
      const character = this.#text[at];
      if (this.#isText) {
        if (character === '\\') at += 1;
        else if (character === '"') {
          this.#isText = false;
          if (this.#level === nameLevel) this.#nameEnd = at + 1;
        }
      } else if (character === '"') {
        this.#isText = true;
        if (this.#level === nameLevel) this.#nameAt = at;
      } else if (character === '{' || character === '[') this.#open(at, character === '[');
      else if (character === '}' || character === ']') this.#close(at);
    }
    return at;
  }

  #open(at: number, isList: boolean): void {
    if (this.#level === listLevel && this.#isList && !isList) {
      this.#checkRest(at - this.#taken);
      const between = this.#text.slice(this.#taken, at);
      if (this.#entries === null) {
        this.#name = this.#listName;
        this.#rest += between + String(this.#lists.length);
        this.#lists.push((this.#entries = []));
      } else if (between.trim() !== ',') throw endError(notAllObjects);
      this.#entryAt = at;
    }
    this.#level += 1;
    if (this.#level > maxLevels) throw endError(`it has more than ${maxLevels} levels`);
    if (this.#level === listLevel) this.#isList = isList;
  }

  /** Empty if longer than any known name. */
  get #listName(): string {
    const length = this.#nameEnd - this.#nameAt;
    return length > maxName ? '' : String(JSON.parse(this.#text.slice(this.#nameAt, this.#nameEnd) || '""'));
  }

  #addEntry(text: string): void {
    if (text.length > maxEntry) throw endError(`an entry is longer than ${maxEntry} characters`);
    const entry = this.#readEntry(this.#name, JSON.parse(text));
    if (entry !== undefined) this.#entries?.push(entry);
  }

  #close(at: number): void {
    this.#level -= 1;
    if (this.#level === listLevel && this.#entryAt !== null) {
      this.#addEntry(this.#text.slice(this.#entryAt, at + 1));
      this.#taken = at + 1;
      this.#entryAt = null;
    } else if (this.#level < listLevel && this.#entries !== null) {
      if (this.#text.slice(this.#taken, at).trim() !== '') throw endError(notAllObjects);
      this.#taken = at;
      this.#entries = null;
    }
  }
}

const notAllObjects = 'a list has an entry that is not an object';
