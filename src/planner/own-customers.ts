/**
 * A restricted viewer's own customers, each read at most once per operation. Their rows decide which tenants the viewer
 * sees.
 */
import { UpstreamError } from '../errors.ts';
import { foldName } from '../fold.ts';
import { chain, chainAll, type MaybePromise } from '../maybe-promise.ts';
import type { CustomerRecord, TenantKey } from '../model.ts';
import { maxCauses, type FieldPath } from '../scope.ts';
import type { RowReader } from './list-reader.ts';
import type { Found } from './lookup.ts';
import { idJoin } from './row-keys.ts';

interface RequestedRow {
  readonly row: MaybePromise<Found<CustomerRecord>>;
  /** The fields that need the row; may grow until it arrives. */
  readonly causes: FieldPath[];
}

export class OwnCustomers {
  readonly #ids: ReadonlySet<string>;
  readonly #readerOf: () => RowReader<CustomerRecord>;
  /** By folded id. */
  readonly #requested = new Map<string, RequestedRow>();

  /**
   * @param ids folded
   * @param readerOf reader of all customers; called on the first use
   */
  constructor(ids: ReadonlySet<string>, readerOf: () => RowReader<CustomerRecord>) {
    this.#ids = ids;
    this.#readerOf = readerOf;
  }

  /**
   * Rows of the viewer's existing customers, in the order of the viewer's ids. Throws and rejects with UpstreamError.
   */
  all(cause: FieldPath): MaybePromise<CustomerRecord[]> {
    const rows = [...this.#ids].map((id) => this.find(id, [cause]));
    return chainAll(rows, (found) =>
      found.flatMap((row) => {
        if (row instanceof UpstreamError) throw row;
        return row ?? [];
      }),
    );
  }

  /** The row of an id; null if it does not exist or is not the viewer's own. */
  find(id: string, causes: readonly FieldPath[]): MaybePromise<Found<CustomerRecord>> {
    const name = foldName(id);
    if (!this.#ids.has(name)) return null;
    let requested = this.#requested.get(name);
    if (requested === undefined) {
      const all = [...causes];
      const rows = this.#readerOf().find([id], idJoin, () => all);
      this.#requested.set(name, (requested = { causes: all, row: chain(rows, rowWithoutPosition) }));
    } else requested.causes.push(...causes.slice(0, maxCauses));
    return requested.row;
  }

  /** Whether the tenant is in the row of one of the viewer's own customers. Rejects with UpstreamError. */
  seesTenant({ customerId, tenantId }: TenantKey, causes: readonly FieldPath[]): MaybePromise<boolean> {
    const id = foldName(tenantId);
    return chain(this.find(customerId, causes), (row) => {
      if (row instanceof UpstreamError) return Promise.reject(row);
      return row?.tenants.some((tenant) => foldName(tenant.tenantId) === id) ?? false;
    });
  }
}

/**
 * The error without the row's position in a list that the viewer sees only in part. Fields that fail with one error
 * share its copy.
 */
export function withoutPosition<Thrown>(error: Thrown): Thrown | UpstreamError {
  if (!(error instanceof UpstreamError) || error.details.field === undefined) return error;
  let replaced = withoutPositions.get(error);
  if (replaced === undefined) {
    const field = error.details.field.replace(/\[\d+\]/g, '[]');
    const message = error.message.replace(error.details.field, () => field);
    replaced = new UpstreamError(error.code, message, { ...error.details, field });
    withoutPositions.set(error, replaced);
  }
  return replaced;
}

const withoutPositions = new WeakMap<UpstreamError, UpstreamError>();

function rowWithoutPosition([row = null]: readonly Found<CustomerRecord>[]): Found<CustomerRecord> {
  return row instanceof UpstreamError ? withoutPosition(row) : row;
}
