/**
 * Cursors: a place in a list, with hashes of the list's name and of its filter and order. Cursors of another list or
 * query are rejected.
 */
import { createHash } from 'node:crypto';
import { CallerError } from '../errors.ts';
import { quoted } from '../json.ts';

/** Maximum characters of a cursor that a message quotes. */
const maxQuoted = 100;
const hashLength = 6;
const noQuery = '-'.repeat(hashLength);
const cursorPattern = new RegExp(`^([\\w-]{${hashLength}})([\\w-]{${hashLength}})(.+)$`, 's');

export class CursorCodec {
  readonly #list: readonly string[];
  readonly #query: unknown;
  #hashes: { readonly list: string; readonly query: string } | null = null;

  /**
   * @param list unique name of the list
   * @param query filter and order as JSON, or null
   */
  constructor(list: readonly string[], query: unknown = null) {
    this.#list = list;
    this.#query = query;
  }

  /** @param place any JSON value */
  write(place: unknown): string {
    const { list, query } = this.#hashesOnce();
    return Buffer.from(`${list}${query}${JSON.stringify(place)}`).toString('base64url');
  }

  /**
   * Decodes a cursor; null if absent or empty, since some clients send empty text.
   *
   * @param name of the argument, for errors
   * @throws CallerError for a cursor of another list, filter or order
   */
  read<Place>(
    name: 'after' | 'before',
    cursor: string | null | undefined,
    decode: (place: unknown) => Place | null,
  ): Place | null {
    if (cursor === null || cursor === undefined || cursor === '') return null;
    const hashes = this.#hashesOnce();
    const [, list, query, text = ''] = cursorPattern.exec(Buffer.from(cursor, 'base64url').toString()) ?? [];
    if (list === hashes.list && query !== hashes.query) {
      throw new CallerError(
        `${name}: expected a cursor of this filter and order, but got ${quoted(cursor, maxQuoted)}, which belongs to others. Send the filter and order that it was read with, or start again without a cursor.`,
      );
    }
    const place = list === hashes.list ? decode(parse(text)) : null;
    if (place === null)
      throw new CallerError(`${name}: expected a cursor of this list, but got ${quoted(cursor, maxQuoted)}.`);
    return place;
  }

  #hashesOnce(): { readonly list: string; readonly query: string } {
    return (this.#hashes ??= {
      list: hashOf(this.#list),
      query: this.#query === null ? noQuery : hashOf(this.#query),
    });
  }
}

function hashOf(value: unknown): string {
  return createHash('sha256').update(JSON.stringify(value)).digest('base64url').slice(0, hashLength);
}

function parse(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return null;
  }
}
