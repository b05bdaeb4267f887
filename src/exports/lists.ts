/** Lists that can be exported. */
import {
  defaultProtectionStatusColumns,
  defaultUserColumns,
  protectionStatusColumns,
  userColumns,
} from './columns.ts';

export const exportLists = {
  users: {
    title: 'Users',
    columns: Object.keys(userColumns),
    defaultColumns: defaultUserColumns,
    /** Type of the filter in the schema. */
    filterType: 'UserFilter',
  },
  'protection-statuses': {
    title: 'Protection rows',
    columns: Object.keys(protectionStatusColumns),
    defaultColumns: defaultProtectionStatusColumns,
    filterType: 'ProtectionStatusFilter',
  },
} as const;

export type ExportList = keyof typeof exportLists;

export const exportListNames = Object.keys(exportLists) as readonly ExportList[];
