/** POST /partner/external/v3/general/customers/batch (reference page "Retrieve All Customers Managed by Current Partner"). */
import type { CustomerRecord, ManagementMode, TenantRecord } from '../model.ts';
import type { PathIds } from './call.ts';
import type { Collection } from './collection.ts';
import { decodeId, decodeInteger, decodeOptionalObjects, decodeText, type JsonObject } from './decode.ts';
import { decodeJobStatus } from './job-status.ts';

/** By code. */
const managementModes: readonly ManagementMode[] = ['CUSTOMER', 'PARTNER', 'TO_BE_CONFIGURED'];

export const customers: Collection<PathIds, CustomerRecord> = {
  route: {
    method: 'POST',
    template: '/partner/external/v3/general/customers/batch',
    permission: 'elements.customers.read.all',
  },
  filterNames: { plural: 'customerIds', singular: 'customerId' },
  decodeRow: decodeCustomer,
  identityOf: ({ customerId }) => customerId,
  filterKeyOf: ({ customerId }) => customerId,
  indexKeysOf: ({ customerId }) => [`id:${customerId.toLowerCase()}`],
};

function decodeCustomer(row: JsonObject): CustomerRecord {
  const customerId = decodeId(row, 'id');
  const managementModeCode = decodeInteger(row, 'managementMode');
  return {
    kind: 'Customer',
    customerId,
    organization: decodeText(row, 'organization'),
    ownerEmail: decodeText(row, 'ownerEmail'),
    ...decodeJobStatus(row),
    countryOrRegion: decodeText(row, 'countryOrRegion'),
    managementMode: managementModeCode === null ? null : (managementModes[managementModeCode] ?? 'UNKNOWN'),
    managementModeCode,
    tenants: decodeOptionalObjects(row, 'tenants', (tenant) => decodeTenant(tenant, customerId)),
  };
}

function decodeTenant(row: JsonObject, customerId: string): TenantRecord {
  return { kind: 'Tenant', customerId, tenantId: decodeId(row, 'id'), name: decodeText(row, 'name') };
}
