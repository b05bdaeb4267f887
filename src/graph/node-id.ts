/** Global ids (Relay's object identification): the type and the upstream's own ids, opaque to whoever holds one. */
import { CallerError } from '../errors.ts';
import { foldName } from '../fold.ts';
import { assertKey, quote } from './asked-ids.ts';
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

/** The same for an object however its ids were spelled when it was asked for. */
export function globalIdOf(record: CustomerRecord | TenantReference | UserRecord): string {
  const ids = [record.customerId];
  if (record.kind !== 'Customer') ids.push(record.tenantId);
  if (record.kind === 'User') ids.push(record.userId);
  return Buffer.from(JSON.stringify([record.kind, ...ids.map(foldName)])).toString('base64url');
}

/** Longer than that of any three ids; see endpoint/id.ts. */
const maxGlobalIdLength = 4000;

/** @throws CallerError for a text that `globalIdOf` never gave, and for parts that can't be ids of the upstream's */
export function parseGlobalId(id: string): NodeKey {
  const key = id.length > maxGlobalIdLength ? null : keyOf(parseParts(id));
  if (key === null) {
    throw new CallerError(`id: expected a global id, as read from a field \`id\`, but got ${quote(id)}.`);
  }
  assertKey(key, 'id, its part ');
  return key;
}

function keyOf(parts: readonly string[]): NodeKey | null {
  const [type, customerId, tenantId, userId] = parts;
  if (customerId === undefined) return null;
  if (type === 'Customer' && parts.length === 2) return { type, customerId };
  if (type === 'Tenant' && tenantId !== undefined && parts.length === 3)
    return { type, customerId, tenantId };
  if (type === 'User' && tenantId !== undefined && userId !== undefined && parts.length === 4)
    return { type, customerId, tenantId, userId };
  return null;
}

function parseParts(id: string): string[] {
  const text = Buffer.from(id, 'base64url').toString();
  // A caller may send thousands of texts that are none, and each error of the parser's costs a stack.
  if (!text.startsWith('["')) return [];
  try {
    const parts: unknown = JSON.parse(text);
    return Array.isArray(parts) && parts.every((part) => typeof part === 'string') ? parts : [];
  } catch {
    return [];
  }
}
