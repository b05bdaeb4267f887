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
import { isObject, type JsonObject } from '../json.ts';
import { checkLength, DecodeError } from './decode.ts';
import { rowClass } from './row.ts';
import { booleanOf, codeOf, filledTextOf, idOf, listOf, textOf } from './values.ts';

/** The reference page has 0 and 2; the others are from another of the vendor's APIs, with equal numbers. */
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

/** Modules with a name, in the order of their codes. */
export const namedModules: readonly ProtectionModule[] = [...protectionModules.values()];

const route: Route = {
  method: 'POST',
  template:
    '/partner/external/v3/general/customers/{customerId}/tenants/{tenantId}/cloud-backup-m365/users/batch',
  permission: 'elements.cbprotected.read.all',
};

export const protectionStatuses: Collection<TenantKey, ProtectionStatusRecord> = {
  route,
  kind: 'ProtectionStatus',
  lifetime: {
    name: 'CACHE_TTL_PROTECTION_SECONDS',
    defaultSeconds: 120,
    meaning: 'How long protection rows are fresh.',
  },
  filterNames: { plural: 'userEmails', singular: 'email' },
  decodeRow: (json, path) => {
    const { Id, id = Id, Email, email = Email, ModuleStatus, moduleStatus = ModuleStatus } = json;
    // Without an address, only the id identifies the row.
    if (idOf(id) === undefined && !filledTextOf(email)) throw new DecodeError('id');
    checkLength(moduleStatus, 'moduleStatus');
    return new ProtectionStatusRow(json, path);
  },
  // Unambiguous without the cost of a serializer for each row.
  identityOf: (row) => {
    const { userId, email } = row;
    // All fields identify a row without id and address.
    if (userId === null && email === null) return JSON.stringify([row.displayName, row.modules]);
    const address = email === null ? '' : foldAddress(email);
    return userId === null ? `none:${address}` : `${userId.length}:${foldName(userId)}${address}`;
  },
  filterKeyOf: ({ email }) => email?.trim() ?? null,
  indexKeysOf: ({ email }) => (email === null ? [] : [`email:${foldAddress(email)}`]),
};

const ProtectionStatusFields = rowClass<Omit<ProtectionStatusRecord, 'modules' | 'faultOf'>, TenantKey>(
  { endpoint: nameOf(route), place: 'data[]', names: { userId: 'id' } },
  {
    kind: () => 'ProtectionStatus',
    customerId: (_json, { customerId }) => customerId,
    tenantId: (_json, { tenantId }) => tenantId,
    userId: ({ Id, id = Id }) => filledTextOf(id),
    email: ({ Email, email = Email }) => filledTextOf(email),
    displayName: ({ DisplayName, displayName = DisplayName }) => textOf(displayName),
  },
);

class ProtectionStatusRow extends ProtectionStatusFields implements ProtectionStatusRecord {
  #modules: readonly ModuleStatusRecord[] | null = null;

  get modules(): readonly ModuleStatusRecord[] {
    return (this.#modules ??= modulesOf(this.json));
  }
}

/** By code and state: one object each, shared by many rows. */
const knownModules = new Map<number, ReadonlyMap<boolean | null, ModuleStatusRecord>>(
  [...protectionModules].map(([moduleCode, module]) => [
    moduleCode,
    new Map([true, false, null].map((isProtected) => [isProtected, { module, moduleCode, isProtected }])),
  ]),
);

function modulesOf({ ModuleStatus, moduleStatus = ModuleStatus }: JsonObject): readonly ModuleStatusRecord[] {
  return listOf(moduleStatus).map(moduleOf);
}

/** Decodes a module; any value but an object is an invalid one. */
function moduleOf(json: unknown): ModuleStatusRecord {
  if (!isObject(json)) return faultyModule(noCode, 'data[].moduleStatus[]');
  const { Module, module = Module, IsProtected, isProtected = IsProtected } = json;
  const [code, state] = [codeOf(module), booleanOf(isProtected)];
  if (state === undefined) return faultyModule(code, 'data[].moduleStatus[].isProtected');
  return knownModules.get(code)?.get(state) ?? { module: 'UNKNOWN', moduleCode: code, isProtected: state };
}

function faultyModule(moduleCode: number, field: string): ModuleStatusRecord {
  const module = protectionModules.get(moduleCode) ?? 'UNKNOWN';
  const fault = { endpoint: nameOf(route), field };
  const faulty = { module, moduleCode, isProtected: null, fault };
  return { ...faulty, faultOf: (name) => (name === 'isProtected' ? fault : null) };
}
