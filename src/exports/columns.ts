/** Columns of exports: their names, which all formats share, and their values. */
import { namedModules } from '../endpoint/protection-statuses.ts';
import type { Faulty, ModuleStatusRecord, ProtectionStatusRecord, UserRecord } from '../model.ts';
import type { ProtectionKind } from '../reporting/protection-kinds.ts';
import { protectionStateOf } from '../reporting/protection-state.ts';
import type { TenantOfCustomer } from '../reporting/read-rows.ts';
import type { Cell } from './cells.ts';

/** Part of a user that an export of protection rows needs. */
export type UserNames = Pick<UserRecord, 'userId' | 'displayName' | 'userPrincipalName' | 'mail'>;

interface ColumnSource<Row, Joined> extends TenantOfCustomer {
  readonly row: Row;
  /** Null if there is none, or if no column and no filter needs it. */
  readonly joined: Joined | null;
  readonly asOf: string;
}

export interface Column<Row, Joined> {
  readonly valueOf: (source: ColumnSource<Row, Joined>) => Cell;
  /** Whether the value depends on the joined row. */
  readonly needsJoin?: true;
  /** Record whose field may be malformed, and the field's name. */
  readonly faultyField?: {
    readonly name: string;
    readonly of: (source: ColumnSource<Row, Joined>) => Faulty;
  };
}

export type Columns<Row, Joined> = Readonly<Record<string, Column<Row, Joined>>>;

function tenantColumns<Row, Joined>() {
  return {
    customerId: { valueOf: ({ customer }) => customer.customerId },
    organization: {
      valueOf: ({ customer }) => customer.organization,
      faultyField: { name: 'organization', of: ({ customer }) => customer },
    },
    tenantId: { valueOf: ({ tenant }) => tenant.tenantId },
    tenant: {
      valueOf: ({ tenant }) => tenant.name,
      faultyField: { name: 'name', of: ({ tenant }) => tenant },
    },
  } satisfies Columns<Row, Joined>;
}

/** One column per module: whether all its entries are protected; empty without entries. */
function moduleColumns<Row, Joined>(
  modulesOf: (source: ColumnSource<Row, Joined>) => readonly ModuleStatusRecord[],
  more: Pick<Column<Row, Joined>, 'needsJoin'>,
): Columns<Row, Joined> {
  const columns = namedModules.map((module) => {
    const valueOf = (source: ColumnSource<Row, Joined>) => {
      let areProtected: boolean | null = null;
      for (const state of modulesOf(source))
        if (state.module === module) areProtected = areProtected !== false && state.isProtected === true;
      return areProtected;
    };
    return [module, { ...more, valueOf }] as const;
  });
  const otherModules: Column<Row, Joined> = {
    ...more,
    valueOf: (source) =>
      modulesOf(source)
        .filter(({ module }) => module === 'UNKNOWN')
        .map(({ moduleCode, isProtected }) => `MODULE_${moduleCode}=${String(isProtected === true)}`),
  };
  return { ...Object.fromEntries(columns), otherModules };
}

function fieldsOf<Row extends Faulty, Joined, Name extends keyof Row & string>(
  names: readonly Name[],
  cellOf: (row: Row, name: Name) => Cell,
): Readonly<Record<Name, Column<Row, Joined>>> {
  const columns = names.map((name) => [
    name,
    {
      valueOf: ({ row }: ColumnSource<Row, Joined>) => cellOf(row, name),
      faultyField: { name, of: ({ row }: ColumnSource<Row, Joined>) => row },
    },
  ]);
  return Object.fromEntries(columns) as Record<Name, Column<Row, Joined>>;
}

const userFields = [
  'userId',
  'displayName',
  'userPrincipalName',
  'mail',
  'firstName',
  'lastName',
  'employeeId',
  'department',
  'company',
  'jobTitle',
  'location',
  'countryOrRegion',
  'mobile',
  'status',
  'isTestUser',
  'passwordAge',
  'startDate',
  'endDate',
] as const satisfies readonly (keyof UserRecord)[];

export const userColumns: Columns<UserRecord, ProtectionKind> = {
  ...tenantColumns(),
  ...fieldsOf(userFields, (user: UserRecord, name) => user[name]),
  protectionState: { needsJoin: true, valueOf: ({ joined }) => joined?.state ?? 'NOT_IN_BACKUP' },
  ...moduleColumns(({ joined }) => joined?.modules ?? [], { needsJoin: true }),
  asOf: { valueOf: ({ asOf }) => asOf },
};

export const defaultUserColumns: readonly string[] = [
  'customerId',
  'organization',
  'tenantId',
  'tenant',
  'userId',
  'displayName',
  'userPrincipalName',
  'mail',
  'department',
  'company',
  'jobTitle',
  'countryOrRegion',
  'status',
  'isTestUser',
  'protectionState',
  'MAILBOX',
  'ONEDRIVE',
  'SHAREPOINT',
  'TEAMS',
  'asOf',
];

export const protectionStatusColumns: Columns<ProtectionStatusRecord, UserNames> = {
  ...tenantColumns(),
  ...fieldsOf(['email', 'displayName'] as const, (row: ProtectionStatusRecord, name) => row[name]),
  state: { valueOf: ({ row }) => protectionStateOf(row) },
  ...moduleColumns(({ row }) => row.modules, {}),
  hasUser: { needsJoin: true, valueOf: ({ joined }) => joined !== null },
  userId: { needsJoin: true, valueOf: ({ joined }) => joined?.userId ?? null },
  userDisplayName: { needsJoin: true, valueOf: ({ joined }) => joined?.displayName ?? null },
  userPrincipalName: { needsJoin: true, valueOf: ({ joined }) => joined?.userPrincipalName ?? null },
  userMail: { needsJoin: true, valueOf: ({ joined }) => joined?.mail ?? null },
  asOf: { valueOf: ({ asOf }) => asOf },
};

export const defaultProtectionStatusColumns: readonly string[] = [
  'customerId',
  'organization',
  'tenantId',
  'tenant',
  'email',
  'displayName',
  'state',
  'MAILBOX',
  'ONEDRIVE',
  'SHAREPOINT',
  'TEAMS',
  'hasUser',
  'userId',
  'userDisplayName',
  'asOf',
];
