/** POST /partner/external/v3/general/customers/batch (reference page "Retrieve All Customers Managed by Current Partner"). */
import { foldName } from '../fold.ts';
import type { CustomerRecord, ManagementMode, TenantRecord } from '../model.ts';
import { nameOf, type PathIds, type Route } from './call.ts';
import type { Collection } from './collection.ts';
import {
  decodeId,
  decodeInteger,
  decodeItems,
  decodeName,
  decodeText,
  faultsOf,
  type JsonObject,
} from './decode.ts';
import { decodeJobStatus, jobStatusFields } from './job-status.ts';

/** By code. */
const managementModes: readonly ManagementMode[] = ['CUSTOMER', 'PARTNER', 'TO_BE_CONFIGURED'];

const route: Route = {
  method: 'POST',
  template: '/partner/external/v3/general/customers/batch',
  permission: 'elements.customers.read.all',
};

export const customers: Collection<PathIds, CustomerRecord> = {
  route,
  filterNames: { plural: 'customerIds', singular: 'customerId' },
  decodeRow: decodeCustomer,
  identityOf: ({ customerId }) => foldName(customerId),
  filterKeyOf: ({ customerId }) => customerId,
  indexKeysOf: ({ customerId }) => [`id:${foldName(customerId)}`],
};

function decodeCustomer(row: JsonObject): CustomerRecord {
  const customerId = decodeId(row, 'id');
  const managementModeCode = decodeInteger(row, 'managementMode');
  const customer: CustomerRecord = {
    kind: 'Customer',
    customerId,
    organization: decodeText(row, 'organization'),
    ownerEmail: decodeText(row, 'ownerEmail'),
    ...decodeJobStatus(row),
    countryOrRegion: decodeText(row, 'countryOrRegion'),
    managementMode: managementModeCode === null ? null : (managementModes[managementModeCode] ?? 'UNKNOWN'),
    managementModeCode,
    tenants: withoutRepeats(
      decodeItems(row, 'tenants', (tenant) => decodeTenant(tenant, customerId)).filter(
        (tenant) => tenant !== null,
      ),
    ),
  };
  return row.faults === null ? customer : { ...customer, faults: faultsOf(row, nameOf(route), fieldNames) };
}

const fieldNames = { ...jobStatusFields, managementMode: ['managementMode', 'managementModeCode'] };

/** Of tenants with the same id, the first. */
function withoutRepeats(tenants: readonly TenantRecord[]): readonly TenantRecord[] {
  if (tenants.length < 2) return tenants;
  const byId = new Map<string, TenantRecord>();
  for (const tenant of tenants) {
    const id = foldName(tenant.tenantId);
    if (!byId.has(id)) byId.set(id, tenant);
  }
  return [...byId.values()];
}

/** Null for what has no id, under which nothing could be asked for. */
function decodeTenant(row: JsonObject | null, customerId: string): TenantRecord | null {
  const tenantId = row === null ? null : decodeName(row, 'id');
  if (row === null || tenantId === null) return null;
  const tenant: TenantRecord = { kind: 'Tenant', customerId, tenantId, name: decodeText(row, 'name') };
  return row.faults === null ? tenant : { ...tenant, faults: faultsOf(row, nameOf(route)) };
}
