/**
 * Cursors: a place in a list, sealed with the list's name and with the query it was asked, so that neither is taken
 * for another.
 */
import { createHash } from 'node:crypto';
import { CallerError } from '../errors.ts';

const sealLength = 6;
const noQuestion = '-'.repeat(sealLength);
const form = new RegExp(`^([\\w-]{${sealLength}})([\\w-]{${sealLength}})(.+)$`, 's');

export class CursorCodec {
  readonly #list: readonly string[];
  readonly #query: unknown;
  #seals: { readonly list: string; readonly query: string } | null = null;

  /**
   * @param list tells the list from all others
   * @param query tells its filter and order from all others, as JSON does; null where it has neither
   */
  constructor(list: readonly string[], query: unknown = null) {
    this.#list = list;
    this.#query = query;
  }

  /** @param place whatever JSON can carry */
  write(place: unknown): string {
    const { list, query } = this.#worked();
    return Buffer.from(`${list}${query}${JSON.stringify(place)}`).toString('base64url');
  }

  /**
   * The place of a cursor, decoded; null where there is no cursor, for which clients also send an empty text.
   *
   * @param name of the argument it came in, for errors
   * @throws CallerError where the cursor is of another list, or of another filter or order
   */
  read<Place>(
    name: 'after' | 'before',
    cursor: string | null | undefined,
    decode: (place: unknown) => Place | null,
  ): Place | null {
    if (cursor === null || cursor === undefined || cursor === '') return null;
    const quoted = JSON.stringify(cursor.slice(0, 100));
    const seals = this.#worked();
    const [, list, query, text = ''] = form.exec(Buffer.from(cursor, 'base64url').toString()) ?? [];
    if (list === seals.list && query !== seals.query) {
      throw new CallerError(
        `${name}: expected a cursor of this filter and order, but got ${quoted}, which belongs to others. Ask with those it was read with, or begin again without a cursor.`,
      );
    }
    const place = list === seals.list ? decode(parse(text)) : null;
    if (place === null) throw new CallerError(`${name}: expected a cursor of this list, but got ${quoted}.`);
    return place;
  }

  #worked(): { readonly list: string; readonly query: string } {
    return (this.#seals ??= {
      list: sealOf(this.#list),
      query: this.#query === null ? noQuestion : sealOf(this.#query),
    });
  }
}

function sealOf(value: unknown): string {
  return createHash('sha256').update(JSON.stringify(value)).digest('base64url').slice(0, sealLength);
}

function parse(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return null;
  }
}
