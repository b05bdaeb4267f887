/** Protection of a user or a row. A module whose state is unknown counts as unprotected. */
import type { ModuleStatusRecord, ProtectionModule, ProtectionState } from '../model.ts';

/** @param row the user's row, or null */
export function protectionStateOf(
  row: { readonly modules: readonly ModuleStatusRecord[] } | null,
): ProtectionState {
  if (row === null) return 'NOT_IN_BACKUP';
  if (!row.modules.some(({ isProtected }) => isProtected === true)) return 'UNPROTECTED';
  return row.modules.every(({ isProtected }) => isProtected === true) ? 'PROTECTED' : 'PARTIALLY_PROTECTED';
}

/** Whether all modules of the row, or the named one, are protected; false if there are none. */
export function isProtectedBy(
  row: { readonly modules: readonly ModuleStatusRecord[] } | null,
  module: ProtectionModule | null | undefined,
): boolean {
  if (row === null) return false;
  const statuses = module ? row.modules.filter((status) => status.module === module) : row.modules;
  return statuses.length > 0 && statuses.every(({ isProtected }) => isProtected === true);
}
