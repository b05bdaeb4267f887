import { FieldError } from '../errors.ts';
import type { CustomerRecord, MissingTenantRecord } from '../model.ts';
import { missingTenant } from './read-tenant.ts';

/** An entry without a tenant's id for each customer whose list of tenants can't be understood, or not wholly. */
export function unlistedTenants(customers: readonly CustomerRecord[]): MissingTenantRecord[] {
  return customers.flatMap((customer) => {
    const fault = customer.faultOf?.('tenants') ?? null;
    if (fault === null) return [];
    const { customerId } = customer;
    return [missingTenant({ customerId, tenantId: '' }, new FieldError(fault.endpoint, fault.field))];
  });
}
