/** POST /partner/external/v3/general/customers/batch (reference page "Retrieve All Customers Managed by Current Partner"). */
import { foldName } from '../fold.ts';
import type { CustomerRecord, Fault, ManagementMode, TenantRecord } from '../model.ts';
import { nameOf, type PathIds, type Route } from './call.ts';
import type { Collection } from './collection.ts';
import { customerFieldNames, customerFields } from './customer-fields.ts';
import { isObject } from '../json.ts';
import { checkId, checkLength } from './decode.ts';
import { rowClass } from './row.ts';
import { filledTextOf, integerOf, isAbsent, namedBy, textOf } from './values.ts';

/** By code. */
const managementModes: readonly ManagementMode[] = ['CUSTOMER', 'PARTNER', 'TO_BE_CONFIGURED'];

const route: Route = {
  method: 'POST',
  template: '/partner/external/v3/general/customers/batch',
  permission: 'elements.customers.read.all',
};

export const customers: Collection<PathIds, CustomerRecord> = {
  route,
  kind: 'Customer',
  lifetime: {
    name: 'CACHE_TTL_CUSTOMERS_SECONDS',
    defaultSeconds: 300,
    meaning: 'How long customers are fresh.',
  },
  filterNames: { plural: 'customerIds', singular: 'customerId' },
  decodeRow: (json, path) => {
    const { Tenants, tenants = Tenants } = json;
    checkId(json);
    checkLength(tenants, 'tenants');
    return new CustomerRow(json, path);
  },
  identityOf: ({ customerId }) => foldName(customerId),
  filterKeyOf: ({ customerId }) => customerId,
  indexKeysOf: ({ customerId }) => [`id:${foldName(customerId)}`],
};

const CustomerFields = rowClass<Omit<CustomerRecord, 'tenants' | 'faultOf'>, PathIds>(
  {
    endpoint: nameOf(route),
    place: 'data[]',
    names: { ...customerFieldNames, managementModeCode: 'managementMode' },
  },
  {
    kind: () => 'Customer',
    ...customerFields,
    managementMode: ({ ManagementMode, managementMode = ManagementMode }) =>
      namedBy(managementModes, integerOf(managementMode)),
    managementModeCode: ({ ManagementMode, managementMode = ManagementMode }) => integerOf(managementMode),
  },
);

class CustomerRow extends CustomerFields implements CustomerRecord {
  #listed: ListedTenants | null = null;

  get tenants(): readonly TenantRecord[] {
    return this.#decoded.tenants;
  }

  override faultOf(name: string): Fault | null {
    if (name !== 'tenants') return super.faultOf(name);
    return this.#decoded.isWhole ? null : { endpoint: nameOf(route), field: 'data[].tenants' };
  }

  get #decoded(): ListedTenants {
    return (this.#listed ??= tenantsOf(this));
  }
}

const TenantRow = rowClass<Omit<TenantRecord, 'faultOf'>, CustomerRow>(
  { endpoint: nameOf(route), place: 'data[].tenants[]' },
  {
    kind: () => 'Tenant',
    customerId: (_json, { customerId }) => customerId,
    tenantId: ({ Id, id = Id }) => filledTextOf(id) ?? '',
    name: ({ Name, name = Name }) => textOf(name),
  },
);

interface ListedTenants {
  /** The first tenant with each id. */
  readonly tenants: readonly TenantRecord[];
  /** False if part of the list is invalid. */
  readonly isWhole: boolean;
}

/** The customer's tenants; those without an id can't be requested. */
function tenantsOf(customer: CustomerRow): ListedTenants {
  const { Tenants, tenants = Tenants } = customer.json;
  const byId = new Map<string, TenantRecord>();
  let isWhole = true;
  for (const json of isAbsent(tenants) ? [] : Array.isArray(tenants) ? (tenants as unknown[]) : [tenants]) {
    const tenant = isObject(json) ? new TenantRow(json, customer) : null;
    const id = foldName(tenant?.tenantId ?? '');
    if (tenant === null || id === '') isWhole = false;
    else if (!byId.has(id)) byId.set(id, tenant);
  }
  return { tenants: [...byId.values()], isWhole };
}
