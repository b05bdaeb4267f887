/** POST …/tenants/{tenantId}/cloud-backup-m365/users/batch (reference page "Get customer tenant protected user status"). */
import { foldAddress, foldName } from '../fold.ts';
import {
  noCode,
  type ModuleStatusRecord,
  type ProtectionModule,
  type ProtectionStatusRecord,
  type TenantKey,
} from '../model.ts';
import { nameOf, type Route } from './call.ts';
import type { Collection } from './collection.ts';
import {
  decodeBoolean,
  decodeCode,
  decodeItems,
  decodeName,
  decodeOptionalId,
  decodeText,
  faultsOf,
  type JsonObject,
} from './decode.ts';

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

const route: Route = {
  method: 'POST',
  template:
    '/partner/external/v3/general/customers/{customerId}/tenants/{tenantId}/cloud-backup-m365/users/batch',
  permission: 'elements.cbprotected.read.all',
};

export const protectionStatuses: Collection<TenantKey, ProtectionStatusRecord> = {
  route,
  filterNames: { plural: 'userEmails', singular: 'email' },
  decodeRow: decodeProtectionStatus,
  // Unambiguous without a serializer, since each row of each list is asked for it.
  identityOf: ({ userId, email, displayName, modules }) => {
    // A row without id and address is identified by all of its fields.
    if (userId === null && email === null) return JSON.stringify([displayName, modules]);
    const address = email === null ? '' : foldAddress(email);
    return userId === null ? `none:${address}` : `${userId.length}:${foldName(userId)}${address}`;
  },
  filterKeyOf: ({ email }) => email?.trim() ?? null,
  indexKeysOf: ({ userId, email }) => [
    ...(userId === null ? [] : [`id:${foldName(userId)}`]),
    ...(email === null ? [] : [`email:${foldAddress(email)}`]),
  ],
};

function decodeProtectionStatus(
  row: JsonObject,
  { customerId, tenantId }: TenantKey,
): ProtectionStatusRecord {
  const email = decodeName(row, 'email');
  const status: ProtectionStatusRecord = {
    kind: 'ProtectionStatus',
    customerId,
    tenantId,
    // Without an address, nothing but its id identifies the row.
    userId: email === null ? decodeOptionalId(row, 'id') : decodeName(row, 'id'),
    email,
    displayName: decodeText(row, 'displayName'),
    modules: decodeItems(row, 'moduleStatus', decodeModule),
  };
  return row.faults === null ? status : { ...status, faults: faultsOf(row, nameOf(route), fieldNames) };
}

const fieldNames = { id: ['userId'] };

/** There are few of them, on very many rows: each is one object. By code and state. */
const knownModules = new Map<number, ReadonlyMap<boolean | null, ModuleStatusRecord>>(
  [...protectionModules].map(([moduleCode, module]) => [
    moduleCode,
    new Map([true, false, null].map((isProtected) => [isProtected, { module, moduleCode, isProtected }])),
  ]),
);

/** What is no object stands for a module of which nothing can be understood. */
function decodeModule(row: JsonObject | null): ModuleStatusRecord {
  if (row === null) return { ...unknownModule, faults: unknownModuleFaults };
  const moduleCode = decodeCode(row, 'module');
  const isProtected = decodeBoolean(row, 'isProtected');
  if (row.faults !== null) {
    const module = protectionModules.get(moduleCode) ?? 'UNKNOWN';
    return { module, moduleCode, isProtected, faults: faultsOf(row, nameOf(route)) };
  }
  return knownModules.get(moduleCode)?.get(isProtected) ?? { module: 'UNKNOWN', moduleCode, isProtected };
}

const unknownModule = { module: 'UNKNOWN', moduleCode: noCode, isProtected: null } as const;
const unknownModuleFaults = {
  endpoint: nameOf(route),
  fields: { isProtected: 'data[].moduleStatus[]' },
};
