/** POST …/um/customers/{customerId}/tenants/{tenantId}/users/batch (reference page "Retrieve Information of Multiple Users"). */
import type { TenantKey, UserRecord, UserStatus } from '../model.ts';
import type { Collection } from './collection.ts';
import {
  decodeBoolean,
  decodeId,
  decodeInstant,
  decodeInteger,
  decodeIntegers,
  decodeText,
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

export const users: Collection<TenantKey, UserRecord> = {
  route: {
    method: 'POST',
    template: '/partner/external/v3/um/customers/{customerId}/tenants/{tenantId}/users/batch',
    permission: 'elements.um.user.read.all',
  },
  filterNames: { plural: 'userIds', singular: null },
  decodeRow: decodeUser,
  identityOf: ({ userId }) => userId,
  filterKeyOf: ({ userId }) => userId,
  indexKeysOf: ({ userId, mail, userPrincipalName }) => [
    `id:${userId.toLowerCase()}`,
    ...(mail === null ? [] : [`mail:${mail.toLowerCase()}`]),
    ...(userPrincipalName === null ? [] : [`upn:${userPrincipalName.toLowerCase()}`]),
  ],
};

function decodeUser(row: JsonObject, { customerId, tenantId }: TenantKey): UserRecord {
  const statusCodes = decodeIntegers(row, 'status');
  return {
    kind: 'User',
    customerId,
    tenantId,
    userId: decodeId(row, 'id'),
    userPrincipalName: decodeText(row, 'userPrincipalName'),
    mail: decodeText(row, 'mail'),
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
}
