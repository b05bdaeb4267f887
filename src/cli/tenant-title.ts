import type { EarlierTenant } from '../exports/earlier-rows.ts';
import { plainText } from './text-width.ts';

/** Name of a tenant and its customer for people, with ids for unknown names. */
export function tenantTitle({ customerId, organization, tenantId, name }: EarlierTenant): string {
  const tenant = tenantId === '' ? 'tenants' : plainText(name ?? tenantId);
  return `${tenant} of ${plainText(organization ?? customerId)}`;
}
