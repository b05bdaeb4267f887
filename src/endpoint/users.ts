/** POST …/um/customers/{customerId}/tenants/{tenantId}/users/batch (reference page "Retrieve Information of Multiple Users"). */
import { foldAddress, foldName } from '../fold.ts';
import type { TenantKey, UserRecord, UserStatus } from '../model.ts';
import { nameOf, type Route } from './call.ts';
import type { Collection } from './collection.ts';
import { checkId, checkLength } from './decode.ts';
import { rowClass } from './row.ts';
import { booleanOf, codesOf, filledTextOf, instantOf, integerOf, textOf } from './values.ts';

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
  kind: 'User',
  lifetime: {
    name: 'CACHE_TTL_USERS_SECONDS',
    defaultSeconds: 300,
    meaning: 'How long users are fresh.',
  },
  filterNames: { plural: 'userIds', singular: null },
  decodeRow: (json, path) => {
    const { Status, status = Status } = json;
    checkId(json);
    checkLength(status, 'status');
    return new UserRow(json, path);
  },
  identityOf: ({ userId }) => foldName(userId),
  filterKeyOf: ({ userId }) => userId,
  indexKeysOf: ({ userId, mail, userPrincipalName }) => {
    const keys = [`id:${foldName(userId)}`];
    if (mail !== null) keys.push(`mail:${foldAddress(mail)}`);
    if (userPrincipalName !== null) keys.push(`upn:${foldAddress(userPrincipalName)}`);
    return keys;
  },
};

const UserFields = rowClass<Omit<UserRecord, 'status' | 'faultOf'>, TenantKey>(
  { endpoint: nameOf(route), place: 'data[]', names: { passwordAge: 'age' } },
  {
    kind: () => 'User',
    customerId: (_json, { customerId }) => customerId,
    tenantId: (_json, { tenantId }) => tenantId,
    userId: ({ Id, id = Id }) => String(id),
    userPrincipalName: ({ UserPrincipalName, userPrincipalName = UserPrincipalName }) =>
      filledTextOf(userPrincipalName),
    mail: ({ Mail, mail = Mail }) => filledTextOf(mail),
    displayName: ({ DisplayName, displayName = DisplayName }) => textOf(displayName),
    firstName: ({ FirstName, firstName = FirstName }) => textOf(firstName),
    lastName: ({ LastName, lastName = LastName }) => textOf(lastName),
    employeeId: ({ EmployeeId, employeeId = EmployeeId }) => textOf(employeeId),
    location: ({ Location, location = Location }) => textOf(location),
    company: ({ Company, company = Company }) => textOf(company),
    department: ({ Department, department = Department }) => textOf(department),
    mobile: ({ Mobile, mobile = Mobile }) => textOf(mobile),
    jobTitle: ({ JobTitle, jobTitle = JobTitle }) => textOf(jobTitle),
    isTestUser: ({ IsTestUser, isTestUser = IsTestUser }) => booleanOf(isTestUser),
    passwordAge: ({ Age, age = Age }) => integerOf(age),
    startDate: ({ StartDate, startDate = StartDate }) => instantOf(startDate),
    endDate: ({ EndDate, endDate = EndDate }) => instantOf(endDate),
    countryOrRegion: ({ CountryOrRegion, countryOrRegion = CountryOrRegion }) => textOf(countryOrRegion),
    statusCodes: ({ Status, status = Status }) => codesOf(status),
  },
);

class UserRow extends UserFields implements UserRecord {
  #status: readonly UserStatus[] | null = null;

  get status(): readonly UserStatus[] {
    return (this.#status ??= this.statusCodes.map((code) => userStatuses[code] ?? 'UNKNOWN'));
  }
}
