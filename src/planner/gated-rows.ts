/** A list that is read only if the viewer sees it; else it looks like one without rows, and nothing is read for it. */
import { UpstreamError } from '../errors.ts';
import type { FieldPath } from '../scope.ts';
import type { RowReader, Window, WindowRequest } from './list-reader.ts';
import type { Demand, Join } from './want.ts';

export interface Gate {
  /** Whether the viewer sees the list; null if a row must be waited for. */
  readonly isOpenNow: () => boolean | null;
  /** The same. Rejects with UpstreamError. */
  readonly isOpen: (causes: readonly FieldPath[]) => Promise<boolean>;
}

export class GatedRows<Row> implements RowReader<Row> {
  readonly #gate: Gate;
  readonly #create: () => RowReader<Row>;
  readonly #closed: RowReader<Row>;
  #reader: RowReader<Row> | null = null;

  /**
   * @param create called when the list is known to be seen
   * @param closed reads the list without rows
   */
  constructor(gate: Gate, create: () => RowReader<Row>, closed: RowReader<Row>) {
    this.#gate = gate;
    this.#create = create;
    this.#closed = closed;
  }

  get hasRows(): boolean {
    return this.#now()?.hasRows ?? false;
  }

  identityOf(row: Row): string {
    return (this.#reader ?? this.#closed).identityOf(row);
  }

  expectLookUps(rows: number | null, cause: FieldPath): void {
    this.#now()?.expectLookUps(rows, cause);
  }

  windowNow(request: Pick<WindowRequest, 'range'>): Window<Row> | null {
    return this.#now()?.windowNow(request) ?? null;
  }

  async window(request: WindowRequest): Promise<Window<Row>> {
    return (this.#now() ?? (await this.#later([request.cause]))).window(request);
  }

  whole(
    cause: FieldPath,
    thenLooksUp: WindowRequest['thenLooksUp'] = null,
  ): Window<Row> | Promise<Window<Row>> {
    const reader = this.#now();
    if (reader !== null) return reader.whole(cause, thenLooksUp);
    return this.#later([cause]).then((opened) => opened.whole(cause, thenLooksUp));
  }

  rowNow(offset: number): Row | null {
    return this.#now()?.rowNow(offset) ?? null;
  }

  findNow<Key>(keys: readonly Key[], join: Join<Key>): (Row | null)[] | null {
    return this.#now()?.findNow(keys, join) ?? null;
  }

  async find(demands: readonly Demand[]): Promise<(Row | null | UpstreamError)[]> {
    const reader = this.#now() ?? (await this.#laterOr(demands.flatMap(({ causes }) => causes)));
    return reader instanceof UpstreamError ? demands.map(() => reader) : reader.find(demands);
  }

  findAll<Key>(
    keys: readonly Key[],
    join: Join<Key>,
    cause: FieldPath,
  ): (Row | null)[] | Promise<(Row | null | UpstreamError)[]> {
    const reader = this.#now();
    if (reader !== null) return reader.findAll(keys, join, cause);
    return this.#laterOr([cause]).then((opened) =>
      opened instanceof UpstreamError ? keys.map(() => opened) : opened.findAll(keys, join, cause),
    );
  }

  /** Null if a row must be waited for. */
  #now(): RowReader<Row> | null {
    if (this.#reader !== null) return this.#reader;
    const isOpen = this.#gate.isOpenNow();
    return isOpen === null ? null : this.#decide(isOpen);
  }

  /** Rejects with UpstreamError. */
  async #later(causes: readonly FieldPath[]): Promise<RowReader<Row>> {
    return this.#decide(await this.#gate.isOpen(causes));
  }

  async #laterOr(causes: readonly FieldPath[]): Promise<RowReader<Row> | UpstreamError> {
    try {
      return await this.#later(causes);
    } catch (error) {
      if (error instanceof UpstreamError) return error;
      throw error;
    }
  }

  #decide(isOpen: boolean): RowReader<Row> {
    return (this.#reader ??= isOpen ? this.#create() : this.#closed);
  }
}
