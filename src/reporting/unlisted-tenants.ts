import { FieldError } from '../errors.ts';
import type { CustomerRecord, MissingTenantRecord } from '../model.ts';
import { missingTenant } from './read-tenant.ts';

/** An entry without a tenant's id for each customer with a list of tenants that is malformed, wholly or in part. */
export function unlistedTenants(customers: readonly CustomerRecord[]): MissingTenantRecord[] {
  return customers.flatMap((customer) => {
    const fault = customer.faultOf?.('tenants') ?? null;
    if (fault === null) return [];
    const { customerId } = customer;
    return [missingTenant({ customerId, tenantId: '' }, new FieldError(fault.endpoint, fault.field))];
  });
}
