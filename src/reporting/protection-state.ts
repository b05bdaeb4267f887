/** How much of a user, or of a protection row, is protected. A module whose state the upstream does not tell is not. */
import type { ModuleStatusRecord, ProtectionModule, ProtectionState } from '../model.ts';

/** @param row the user's row, null where there is none */
export function protectionStateOf(
  row: { readonly modules: readonly ModuleStatusRecord[] } | null,
): ProtectionState {
  if (row === null) return 'NOT_IN_BACKUP';
  if (!row.modules.some(({ isProtected }) => isProtected === true)) return 'UNPROTECTED';
  return row.modules.every(({ isProtected }) => isProtected === true) ? 'PROTECTED' : 'PARTIALLY_PROTECTED';
}

/** Whether every module of the row is protected, or that of the name; false where there is none. */
export function isProtectedBy(
  row: { readonly modules: readonly ModuleStatusRecord[] } | null,
  module: ProtectionModule | null | undefined,
): boolean {
  if (row === null) return false;
  const asked = module ? row.modules.filter((status) => status.module === module) : row.modules;
  return asked.length > 0 && asked.every(({ isProtected }) => isProtected === true);
}
