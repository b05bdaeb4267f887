/**
 * A restricted viewer's own customers as one operation reads them: each row at most once, and those that one tick asks
 * for by one look-up. Their rows also decide which tenants the viewer sees.
 */
import { UpstreamError } from '../errors.ts';
import { foldName } from '../fold.ts';
import type { CustomerRecord, TenantKey } from '../model.ts';
import type { FieldPath } from '../scope.ts';
import type { RowReader } from './list-reader.ts';
import { byId, customerJoin, type Demand } from './want.ts';

type Found = CustomerRecord | null | UpstreamError;

/** Rows that one look-up will read. */
interface Batch {
  readonly demands: { readonly want: Demand['want']; readonly causes: FieldPath[] }[];
  readonly rows: Promise<Found[]>;
}

interface AskedRow {
  readonly row: Promise<Found>;
  /** The fields that need it. */
  readonly causes: FieldPath[];
}

export class OwnCustomers {
  /** In lower case. */
  readonly #ids: ReadonlySet<string>;
  readonly #readerOf: () => RowReader<CustomerRecord>;
  /** By id in lower case, as the maps below. */
  readonly #known = new Map<string, CustomerRecord | null>();
  readonly #asked = new Map<string, AskedRow>();
  #batch: Batch | null = null;

  /**
   * @param ids in lower case
   * @param readerOf of all customers; called when the first row is asked for
   */
  constructor(ids: ReadonlySet<string>, readerOf: () => RowReader<CustomerRecord>) {
    this.#ids = ids;
    this.#readerOf = readerOf;
  }

  has({ customerId }: Pick<TenantKey, 'customerId'>): boolean {
    return this.#ids.has(foldName(customerId));
  }

  /** The rows of all own customers that exist, in the order of the viewer's ids. Rejects with UpstreamError. */
  async all(cause: FieldPath): Promise<CustomerRecord[]> {
    const rows = await this.find([...this.#ids].map((id) => ({ want: byId(id), causes: [cause] })));
    return rows.flatMap((row) => {
      if (row instanceof UpstreamError) throw row;
      return row ?? [];
    });
  }

  /** As `RowReader.find`; null for each customer that is not the viewer's own. */
  find(demands: readonly Demand[]): Promise<Found[]> {
    return Promise.all(
      demands.map(async ({ want, causes }) => {
        const [match] = want;
        const id = match?.filterKey;
        if (want.length !== 1 || id === undefined || !this.has({ customerId: id })) return null;
        const row = this.#rowNow(id);
        return row === undefined ? this.#ask(id, causes) : row;
      }),
    );
  }

  /** Whether the viewer sees a tenant, as `seesTenant`; null if a row must be waited for. */
  seesTenantNow(tenant: TenantKey): boolean | null {
    if (!this.has(tenant)) return false;
    const row = this.#rowNow(tenant.customerId);
    return row === undefined ? null : lists(row, tenant);
  }

  /** Whether the tenant stands in the row of one of the viewer's own customers. Rejects with UpstreamError. */
  async seesTenant(tenant: TenantKey, causes: readonly FieldPath[]): Promise<boolean> {
    const known = this.seesTenantNow(tenant);
    if (known !== null) return known;
    const row = await this.#ask(tenant.customerId, causes);
    if (row instanceof UpstreamError) throw row;
    return lists(row, tenant);
  }

  /** Undefined if it must be waited for. */
  #rowNow(id: string): CustomerRecord | null | undefined {
    const name = foldName(id);
    const known = this.#known.get(name);
    if (known !== undefined || this.#asked.has(name)) return known;
    const rows = this.#readerOf().findNow([id], customerJoin);
    if (rows === null) return undefined;
    const [row = null] = rows;
    this.#known.set(name, row);
    return row;
  }

  #ask(id: string, causes: readonly FieldPath[]): Promise<Found> {
    const name = foldName(id);
    let asked = this.#asked.get(name);
    if (asked === undefined) {
      const { demands, rows } = (this.#batch ??= this.#createBatch());
      const demand = { want: byId(id), causes: [] };
      const position = demands.push(demand) - 1;
      const row = rows.then((found) => {
        const one = found[position] ?? null;
        if (!(one instanceof UpstreamError)) this.#known.set(name, one);
        return one;
      });
      this.#asked.set(name, (asked = { row, causes: demand.causes }));
    }
    asked.causes.push(...causes);
    return asked.row;
  }

  #createBatch(): Batch {
    const demands: Batch['demands'] = [];
    const rows = loadersHaveAsked().then(async () => {
      this.#batch = null;
      try {
        const found = await this.#readerOf().find(demands);
        return found.map((row) => (row instanceof UpstreamError ? withoutPosition(row) : row));
      } catch (error) {
        throw withoutPosition(error);
      }
    });
    return { demands, rows };
  }
}

/**
 * The same error without the position of a row in a list of which the viewer sees a part only. One error gives one, so
 * that fields which fail together still share theirs.
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

/** Letter case does not distinguish ids. */
function lists(row: CustomerRecord | null, { tenantId }: TenantKey): boolean {
  const id = foldName(tenantId);
  return row?.tenants.some((tenant) => foldName(tenant.tenantId) === id) ?? false;
}

/** Resolves after the loaders' batches of this tick, whose rows then go along in one look-up. */
function loadersHaveAsked(): Promise<void> {
  return new Promise((resolve) => {
    queueMicrotask(() => {
      process.nextTick(() => {
        process.nextTick(resolve);
      });
    });
  });
}
