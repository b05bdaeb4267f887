/** A list that is read only if the viewer may see it; otherwise it appears to be empty, without a call. */
import { UpstreamError } from '../errors.ts';
import { chain, isPromise, type MaybePromise } from '../maybe-promise.ts';
import { maxCauses, type FieldPath } from '../scope.ts';
import type { RowReader, Window, WindowRange, WindowRequest } from './list-reader.ts';
import type { Found } from './lookup.ts';
import type { Join } from './row-keys.ts';
import type { CausesOf } from './row-search.ts';

/** Whether the viewer may see a list. Rejects with UpstreamError. */
type Gate = (causes: readonly FieldPath[]) => MaybePromise<boolean>;

export class GatedRows<Row> implements RowReader<Row> {
  readonly #gate: Gate;
  readonly #create: () => RowReader<Row>;
  #reader: RowReader<Row> | null = null;

  /** @param create called once it is known that the viewer may see the list */
  constructor(gate: Gate, create: () => RowReader<Row>) {
    this.#gate = gate;
    this.#create = create;
  }

  get hasRows(): boolean {
    return this.#reader?.hasRows ?? false;
  }

  get knownLength(): number | null {
    return this.#reader?.knownLength ?? null;
  }

  get isCached(): boolean {
    return this.#reader?.isCached ?? false;
  }

  identityOf(row: Row): string {
    return this.#reader?.identityOf(row) ?? '';
  }

  rowAt(offset: number): Row | null {
    return this.#reader?.rowAt(offset) ?? null;
  }

  window(request: WindowRequest): MaybePromise<Window<Row>> {
    return chain(this.#open([request.cause]), (reader) => reader.window(request));
  }

  find<Key>(keys: readonly Key[], join: Join<Key>, causesOf: CausesOf): MaybePromise<readonly Found<Row>[]> {
    const open =
      this.#reader ?? this.#open(keys.slice(0, maxCauses).flatMap((_key, index) => causesOf(index)));
    if (!isPromise(open)) return open.find(keys, join, causesOf);
    return open.then(
      (reader) => reader.find(keys, join, causesOf),
      (error: unknown) => {
        if (!(error instanceof UpstreamError)) throw error;
        return keys.map(() => error);
      },
    );
  }

  expectLookUps(rows: number | null, cause: FieldPath): void {
    const open = this.#reader ?? this.#open([cause]);
    const expect = (reader: RowReader<Row>) => {
      reader.expectLookUps(rows, cause);
    };
    // A failure is reported when the rows are read.
    if (isPromise(open)) open.then(expect).catch(() => undefined);
    else expect(open);
  }

  #open(causes: readonly FieldPath[]): MaybePromise<RowReader<Row>> {
    if (this.#reader !== null) return this.#reader;
    return chain(
      this.#gate(causes),
      (isOpen) => (this.#reader ??= isOpen ? this.#create() : new NoRows<Row>()),
    );
  }
}

/** An empty list that makes no calls. */
class NoRows<Row> implements RowReader<Row> {
  readonly hasRows = false;
  readonly knownLength = 0;
  readonly isCached = true;

  identityOf(): string {
    return '';
  }

  rowAt(): null {
    return null;
  }

  window({ range }: WindowRequest): Window<Row> {
    return windowOf<Row>([], range);
  }

  find(keys: readonly unknown[]): readonly null[] {
    return keys.map(() => null);
  }

  expectLookUps(): void {
    // There are no rows to look up.
  }
}

/** A window of loaded rows. */
export function windowOf<Row>(rows: readonly Row[], rangeFor: WindowRange): Window<Row> {
  const range = rangeFor(rows.length) ?? { start: 0, end: 0 };
  return {
    rows: rows.slice(range.start, range.end),
    offsets: null,
    range,
    totalCount: rows.length,
    pages: [{ start: 0, rows, totalCount: rows.length }],
    statedLength: rows.length,
    endsAt: rows.length,
    hasMore: range.end < rows.length,
    changedWhileRead: false,
    sentAt: Infinity,
  };
}
