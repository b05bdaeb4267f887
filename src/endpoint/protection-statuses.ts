/** POST …/tenants/{tenantId}/cloud-backup-m365/users/batch (reference page "Get customer tenant protected user status"). */
import type { ModuleStatusRecord, ProtectionModule, ProtectionStatusRecord, TenantKey } from '../model.ts';
import type { Collection } from './collection.ts';
import { decodeBoolean, decodeCode, decodeOptionalObjects, decodeText, type JsonObject } from './decode.ts';

/** The reference page knows 0 and 2; the others are those of a neighbouring API of the vendor, which numbers alike. */
const protectionModules = new Map<number, ProtectionModule>([
  [0, 'MAILBOX'],
  [1, 'SHAREPOINT'],
  [2, 'ONEDRIVE'],
  [3, 'MICROSOFT_365_GROUPS'],
  [4, 'PROJECT'],
  [5, 'PUBLIC_FOLDERS'],
  [6, 'TEAMS'],
  [9, 'VIVA_ENGAGE'],
  [10, 'TEAMS_CHAT'],
  [11, 'POWER_BI'],
  [12, 'POWER_AUTOMATE'],
  [14, 'POWER_APPS'],
  [15, 'COPILOT_STUDIO'],
]);

export const protectionStatuses: Collection<TenantKey, ProtectionStatusRecord> = {
  route: {
    method: 'POST',
    template:
      '/partner/external/v3/general/customers/{customerId}/tenants/{tenantId}/cloud-backup-m365/users/batch',
    permission: 'elements.cbprotected.read.all',
  },
  filterNames: { plural: 'userEmails', singular: 'email' },
  decodeRow: decodeProtectionStatus,
  // Unambiguous without a serializer, since each row of each list is asked for it.
  identityOf: ({ userId, email, displayName }) =>
    userId === null && email === null
      ? JSON.stringify([displayName])
      : `${userId?.length ?? 'none'}:${userId ?? ''}${email?.toLowerCase() ?? ''}`,
  filterKeyOf: ({ email }) => email,
  indexKeysOf: ({ userId, email }) => [
    ...(userId === null ? [] : [`id:${userId.toLowerCase()}`]),
    ...(email === null ? [] : [`email:${email.toLowerCase()}`]),
  ],
};

function decodeProtectionStatus(
  row: JsonObject,
  { customerId, tenantId }: TenantKey,
): ProtectionStatusRecord {
  return {
    kind: 'ProtectionStatus',
    customerId,
    tenantId,
    userId: decodeText(row, 'id'),
    email: decodeText(row, 'email'),
    displayName: decodeText(row, 'displayName'),
    modules: decodeOptionalObjects(row, 'moduleStatus', decodeModule),
  };
}

/** There are few of them, on very many rows: each is one object. By code and state. */
const knownModules = new Map<number, ReadonlyMap<boolean | null, ModuleStatusRecord>>(
  [...protectionModules].map(([moduleCode, module]) => [
    moduleCode,
    new Map([true, false, null].map((isProtected) => [isProtected, { module, moduleCode, isProtected }])),
  ]),
);

function decodeModule(row: JsonObject): ModuleStatusRecord {
  const moduleCode = decodeCode(row, 'module');
  const isProtected = decodeBoolean(row, 'isProtected');
  return knownModules.get(moduleCode)?.get(isProtected) ?? { module: 'UNKNOWN', moduleCode, isProtected };
}
