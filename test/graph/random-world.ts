/** Random worlds, and their naive results. */
import fc from 'fast-check';
import type { CustomerRow, ProtectionRow, UserRow } from '../../src/simulator/world.ts';
import { customerRow, protectionRow, userRow, type TenantData, type WorldData } from '../world-of.ts';

const absent = fc.constantFrom(null, '', 'N/A');
const text = fc.oneof(
  { weight: 4, arbitrary: fc.string({ minLength: 1, maxLength: 8, unit: 'grapheme' }) },
  absent,
);
const instant = fc.constantFrom(
  null,
  '',
  '1970-01-01T00:00:00Z',
  '2024-02-29T12:30:00Z',
  '2024-02-29T23:59:59.9999999Z',
  '2024-03-01T00:30:00+02:00',
  '2031-01-01T00:00:00.0000000Z',
);

const customer = fc.record({
  organization: text,
  ownerEmail: text,
  jobStatus: fc.oneof(
    fc.integer({ min: 0, max: 9 }),
    fc.constantFrom(null, 'N/A', 'Working', 'No backup update', 'New'),
  ),
  countryOrRegion: text,
  managementMode: fc.option(fc.integer({ min: 0, max: 4 })),
});

const userDetails = fc.record({
  displayName: text,
  firstName: text,
  lastName: text,
  employeeId: text,
  location: text,
  company: text,
  department: text,
  mobile: text,
  jobTitle: text,
  isTestUser: fc.option(fc.boolean()),
  age: fc.option(fc.integer({ min: 0, max: 5000 })),
  startDate: instant,
  endDate: instant,
  countryOrRegion: text,
  status: fc.oneof(
    fc.constant(null),
    fc.integer({ min: 0, max: 12 }),
    fc.array(fc.integer({ min: 0, max: 12 }), { maxLength: 3 }),
  ),
});

/** Which of the addresses a user has, and how the backup product writes the one it knows, if any. */
const addresses = fc.record({
  hasMail: fc.boolean(),
  hasOwnPrincipalName: fc.boolean(),
  row: fc.constantFrom('mail', 'principalName', 'none'),
  letterCase: fc.constantFrom('lower', 'upper', 'mixed'),
  modules: fc.array(fc.record({ module: fc.integer({ min: 0, max: 17 }), isProtected: fc.boolean() }), {
    maxLength: 3,
  }),
});

/** `size` bounds the users of a tenant; a page of the upstream has 100. */
export function randomTenant(name: string, size: number): fc.Arbitrary<TenantData> {
  return fc
    .record({
      people: fc.array(fc.tuple(userDetails, addresses), { maxLength: size, size: 'max' }),
      shared: fc.integer({ min: 0, max: 5 }),
      rotation: fc.nat(),
    })
    .map(({ people, shared, rotation }) => {
      const users: UserRow[] = [];
      const rows: ProtectionRow[] = [];
      people.forEach(([details, { hasMail, hasOwnPrincipalName, row, letterCase, modules }], index) => {
        const id = `${name}-user-${index}`;
        const mail = hasMail ? `Person${index}@${name}.example` : null;
        const userPrincipalName =
          hasOwnPrincipalName || mail === null ? `p${index}@${name}.cloud.example` : mail;
        users.push(userRow({ id, mail, userPrincipalName, ...details }));
        const address = row === 'none' ? null : row === 'mail' && mail !== null ? mail : userPrincipalName;
        if (address === null) return;
        const email = { lower: address.toLowerCase(), upper: address.toUpperCase(), mixed: address }[
          letterCase
        ];
        rows.push(protectionRow(email, { id, displayName: details.displayName, moduleStatus: modules }));
      });
      for (let index = 0; index < shared; index++) {
        rows.push(protectionRow(`shared${index}@${name}.example`, { moduleStatus: null }));
      }
      const turn = rows.length === 0 ? 0 : rotation % rows.length;
      return { users, protection: [...rows.slice(turn), ...rows.slice(0, turn)] };
    });
}

export function randomWorld({
  customers,
  users,
}: {
  customers: number;
  users: number;
}): fc.Arbitrary<WorldData> {
  return fc
    .array(fc.tuple(customer, fc.integer({ min: 0, max: 2 })), { maxLength: customers, size: 'max' })
    .chain((drafts) => {
      const rows = drafts.map(([fields, tenantCount], index) =>
        customerRow({
          id: `customer-${index}`,
          ...fields,
          tenants: Array.from({ length: tenantCount }, (_, tenant) => ({
            id: `t-${index}-${tenant}`,
            name: `T${tenant}`,
          })),
        }),
      );
      const keys = rows.flatMap(({ id, tenants }) =>
        (tenants ?? []).map((tenant) => [`${id}/${tenant.id}`, tenant.id] as const),
      );
      return fc
        .record(Object.fromEntries(keys.map(([key, name]) => [key, randomTenant(name, users)])))
        .map((tenants) => ({
          customers: rows,
          directory: [],
          tenants,
        }));
    });
}

/** Absent values of the upstream are null. */
export function shown(value: string | null): string | null {
  return value === '' || value === 'N/A' ? null : value;
}

/** The join, straight from its rule: mail first, then the user principal name, whatever the letter case. */
export function protectionOf(user: UserRow, { protection }: TenantData): ProtectionRow | null {
  for (const address of [shown(user.mail), shown(user.userPrincipalName)]) {
    const row =
      address === null
        ? undefined
        : protection.find(({ email }) => email?.toLowerCase() === address.toLowerCase());
    if (row !== undefined) return row;
  }
  return null;
}

const jobStatuses = [
  'NOT_AVAILABLE',
  'WORKING',
  'FAILED',
  'WAITING_FOR_CONFIGURATION',
  'MULTIPLE_ISSUES_FOUND',
  'FINISHED_WITH_EXCEPTION',
  'NO_BACKUP_UPDATE',
];
const jobStatusTexts: Record<string, number> = { 'N/A': 0, Working: 1, 'No backup update': 6 };
const userStatuses = [
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
export const moduleNames: Record<number, string> = {
  0: 'MAILBOX',
  1: 'SHAREPOINT',
  2: 'ONEDRIVE',
  3: 'MICROSOFT_365_GROUPS',
  4: 'PROJECT',
  5: 'PUBLIC_FOLDERS',
  6: 'TEAMS',
  9: 'VIVA_ENGAGE',
  10: 'TEAMS_CHAT',
  11: 'POWER_BI',
  12: 'POWER_AUTOMATE',
  14: 'POWER_APPS',
  15: 'COPILOT_STUDIO',
};

/** A customer as the Dashboard operation shows it, its `id` and `tenants` left out. */
export function shownCustomer(row: CustomerRow): object {
  const code = typeof row.jobStatus === 'string' ? (jobStatusTexts[row.jobStatus] ?? null) : row.jobStatus;
  return {
    customerId: row.id,
    organization: shown(row.organization),
    ownerEmail: shown(row.ownerEmail),
    jobStatus: row.jobStatus === null ? null : ((code === null ? undefined : jobStatuses[code]) ?? 'UNKNOWN'),
    jobStatusCode: code,
    countryOrRegion: shown(row.countryOrRegion),
    managementMode:
      row.managementMode === null
        ? null
        : (['CUSTOMER', 'PARTNER', 'TO_BE_CONFIGURED'][row.managementMode] ?? 'UNKNOWN'),
    managementModeCode: row.managementMode,
  };
}

/** A user as the Dashboard operation shows it, its `id` left out. */
export function shownUser(row: UserRow, tenant: TenantData): object {
  const codes = row.status === null ? [] : typeof row.status === 'number' ? [row.status] : row.status;
  return {
    userId: row.id,
    userPrincipalName: shown(row.userPrincipalName),
    mail: shown(row.mail),
    displayName: shown(row.displayName),
    firstName: shown(row.firstName),
    lastName: shown(row.lastName),
    employeeId: shown(row.employeeId),
    location: shown(row.location),
    company: shown(row.company),
    department: shown(row.department),
    mobile: shown(row.mobile),
    jobTitle: shown(row.jobTitle),
    isTestUser: row.isTestUser,
    passwordAge: row.age,
    startDate: row.startDate?.startsWith('1970') ? null : shown(row.startDate),
    endDate: row.endDate?.startsWith('1970') ? null : shown(row.endDate),
    countryOrRegion: shown(row.countryOrRegion),
    status: codes.map((code) => userStatuses[code] ?? 'UNKNOWN'),
    statusCodes: codes,
    protection: shownProtection(protectionOf(row, tenant)),
  };
}

function shownProtection(row: ProtectionRow | null): object | null {
  if (row === null) return null;
  const statuses = row.moduleStatus ?? [];
  const mailboxes = statuses.filter(({ module }) => module === 0);
  return {
    email: row.email,
    displayName: shown(row.displayName),
    isProtected: statuses.length > 0 && statuses.every(({ isProtected }) => isProtected),
    mailbox: mailboxes.length > 0 && mailboxes.every(({ isProtected }) => isProtected),
    modules: statuses.map(({ module, isProtected }) => ({
      module: moduleNames[module] ?? 'UNKNOWN',
      moduleCode: module,
      isProtected,
    })),
  };
}
