/** Global ids (Relay's object identification): the type and the upstream's ids, opaque to callers. */
import { createHash } from 'node:crypto';
import { protectionStatuses } from '../endpoint/protection-statuses.ts';
import { CallerError } from '../errors.ts';
import { foldAddress, foldName } from '../fold.ts';
import { assertKey, quote } from './id-arguments.ts';
import type {
  CustomerRecord,
  DirectoryEntryRecord,
  ProtectionStatusRecord,
  TenantKey,
  TenantReference,
  UserRecord,
} from '../model.ts';

/** Keys of the types that other subgraphs reference. */
export type EntityKey =
  | { readonly type: 'Customer'; readonly customerId: string }
  | (TenantKey & { readonly type: 'Tenant' })
  | (TenantKey & { readonly type: 'User'; readonly userId: string });

export type NodeKey =
  | EntityKey
  | { readonly type: 'DirectoryEntry'; readonly customerId: string }
  /** `address` is folded, and empty if the row has none. */
  | (TenantKey & { readonly type: 'ProtectionStatus'; readonly id: string; readonly address: string });

export type NodeRecord =
  CustomerRecord | DirectoryEntryRecord | TenantReference | UserRecord | ProtectionStatusRecord;

/** Global id of an object, equal for all spellings of its ids. */
export function globalIdOf(record: NodeRecord): string {
  return encodeParts([record.kind, ...partsOf(record)]);
}

/**
 * Id of a summary for clients' caches; `node` can't load it.
 *
 * @param population name of the users counted
 * @param filter of customers
 */
export function summaryIdOf(ids: readonly string[], population: string, filter: unknown = null): string {
  const parts = ['ProtectionSummary', ...ids.map(foldName)];
  const isAll = population === '' && (filter ?? null) === null;
  return encodeParts(isAll ? parts : [...parts, digestOf(JSON.stringify([filter ?? null, population]))]);
}

function partsOf(record: NodeRecord): string[] {
  switch (record.kind) {
    case 'Customer':
    case 'DirectoryEntry':
      return [foldName(record.customerId)];
    case 'Tenant':
      return [record.customerId, record.tenantId].map(foldName);
    case 'User':
      return [record.customerId, record.tenantId, record.userId].map(foldName);
    case 'ProtectionStatus': {
      const { customerId, tenantId, email } = record;
      // Several rows may have one address.
      const identity = digestOf(protectionStatuses.identityOf(record));
      return [foldName(customerId), foldName(tenantId), email === null ? '' : foldAddress(email), identity];
    }
  }
}

function encodeParts(parts: readonly string[]): string {
  return Buffer.from(JSON.stringify(parts)).toString('base64url');
}

function digestOf(text: string): string {
  return createHash('sha256').update(text).digest('base64url').slice(0, 16);
}

/** Above the length of any three ids; see endpoint/id.ts. */
const maxGlobalIdLength = 4000;

/** @throws CallerError for a text that `globalIdOf` did not make, or with ids that the upstream can't have */
export function parseGlobalId(id: string): NodeKey {
  const key = id.length > maxGlobalIdLength ? null : keyOf(parseParts(id), id);
  if (key === null) {
    throw new CallerError(`id: expected a global id, as read from a field \`id\`, but got ${quote(id)}.`);
  }
  assertKey(key, 'id, its part ');
  return key;
}

function keyOf(parts: readonly string[], id: string): NodeKey | null {
  const [type, customerId, tenantId, third] = parts;
  if (customerId === undefined) return null;
  if ((type === 'Customer' || type === 'DirectoryEntry') && parts.length === 2) return { type, customerId };
  if (tenantId === undefined) return null;
  if (type === 'Tenant' && parts.length === 3) return { type, customerId, tenantId };
  if (third === undefined) return null;
  if (type === 'User' && parts.length === 4) return { type, customerId, tenantId, userId: third };
  if (type === 'ProtectionStatus' && parts.length === 5)
    return { type, customerId, tenantId, id, address: third };
  return null;
}

function parseParts(id: string): string[] {
  const text = Buffer.from(id, 'base64url').toString();
  // A caller may send thousands of malformed ids, and each parser error captures a stack.
  if (!text.startsWith('["')) return [];
  try {
    const parts: unknown = JSON.parse(text);
    return Array.isArray(parts) && parts.every((part) => typeof part === 'string') ? parts : [];
  } catch {
    return [];
  }
}
