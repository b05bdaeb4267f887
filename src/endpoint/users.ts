/** POST …/um/customers/{customerId}/tenants/{tenantId}/users/batch (reference page "Retrieve Information of Multiple Users"). */
import { foldAddress, foldName } from '../fold.ts';
import type { TenantKey, UserRecord, UserStatus } from '../model.ts';
import { nameOf, type Route } from './call.ts';
import type { Collection } from './collection.ts';
import {
  decodeBoolean,
  decodeCodes,
  decodeId,
  decodeInstant,
  decodeInteger,
  decodeName,
  decodeText,
  faultsOf,
  type JsonObject,
} from './decode.ts';

/** By code. */
const userStatuses: readonly UserStatus[] = [
  'MFA_DISABLED',
  'SIGN_IN_BLOCKED',
  'PASSWORD_EXPIRED',
  'HIGH_RISK',
  'MEDIUM_RISK',
  'COMPLIANCE',
  'INACTIVE',
  'PENDING_DELETION',
  'TEST_USER',
];

const route: Route = {
  method: 'POST',
  template: '/partner/external/v3/um/customers/{customerId}/tenants/{tenantId}/users/batch',
  permission: 'elements.um.user.read.all',
};

export const users: Collection<TenantKey, UserRecord> = {
  route,
  filterNames: { plural: 'userIds', singular: null },
  decodeRow: decodeUser,
  identityOf: ({ userId }) => foldName(userId),
  filterKeyOf: ({ userId }) => userId,
  indexKeysOf: ({ userId, mail, userPrincipalName }) => [
    `id:${foldName(userId)}`,
    ...(mail === null ? [] : [`mail:${foldAddress(mail)}`]),
    ...(userPrincipalName === null ? [] : [`upn:${foldAddress(userPrincipalName)}`]),
  ],
};

function decodeUser(row: JsonObject, { customerId, tenantId }: TenantKey): UserRecord {
  const statusCodes = decodeCodes(row, 'status');
  const user: UserRecord = {
    kind: 'User',
    customerId,
    tenantId,
    userId: decodeId(row, 'id'),
    userPrincipalName: decodeName(row, 'userPrincipalName'),
    mail: decodeName(row, 'mail'),
    displayName: decodeText(row, 'displayName'),
    firstName: decodeText(row, 'firstName'),
    lastName: decodeText(row, 'lastName'),
    employeeId: decodeText(row, 'employeeId'),
    location: decodeText(row, 'location'),
    company: decodeText(row, 'company'),
    department: decodeText(row, 'department'),
    mobile: decodeText(row, 'mobile'),
    jobTitle: decodeText(row, 'jobTitle'),
    isTestUser: decodeBoolean(row, 'isTestUser'),
    passwordAge: decodeInteger(row, 'age'),
    startDate: decodeInstant(row, 'startDate'),
    endDate: decodeInstant(row, 'endDate'),
    countryOrRegion: decodeText(row, 'countryOrRegion'),
    status: statusCodes.map((code) => userStatuses[code] ?? 'UNKNOWN'),
    statusCodes,
  };
  return row.faults === null ? user : { ...user, faults: faultsOf(row, nameOf(route), fieldNames) };
}

const fieldNames = { age: ['passwordAge'] };
