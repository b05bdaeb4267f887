/** Global ids (Relay's object identification): the type and the upstream's own ids, opaque to whoever holds one. */
import { CallerError } from '../errors.ts';
import type { CustomerRecord, TenantReference, UserRecord } from '../model.ts';

export type NodeKey =
  | { readonly type: 'Customer'; readonly customerId: string }
  | { readonly type: 'Tenant'; readonly customerId: string; readonly tenantId: string }
  | {
      readonly type: 'User';
      readonly customerId: string;
      readonly tenantId: string;
      readonly userId: string;
    };

export function globalIdOf(record: CustomerRecord | TenantReference | UserRecord): string {
  const ids = [record.customerId];
  if (record.kind !== 'Customer') ids.push(record.tenantId);
  if (record.kind === 'User') ids.push(record.userId);
  return Buffer.from(JSON.stringify([record.kind, ...ids])).toString('base64url');
}

/** @throws CallerError for a text that `globalIdOf` never gave */
export function parseGlobalId(id: string): NodeKey {
  const parts = parseParts(id);
  const [type, customerId, tenantId, userId] = parts;
  if (customerId !== undefined) {
    if (type === 'Customer' && parts.length === 2) return { type, customerId };
    if (type === 'Tenant' && tenantId !== undefined && parts.length === 3)
      return { type, customerId, tenantId };
    if (type === 'User' && tenantId !== undefined && userId !== undefined && parts.length === 4) {
      return { type, customerId, tenantId, userId };
    }
  }
  throw new CallerError(
    `id: expected a global id, as read from a field \`id\`, but got ${JSON.stringify(id.slice(0, 100))}.`,
  );
}

function parseParts(id: string): string[] {
  try {
    const parts: unknown = JSON.parse(Buffer.from(id, 'base64url').toString());
    return Array.isArray(parts) && parts.every((part) => typeof part === 'string') ? parts : [];
  } catch {
    return [];
  }
}
