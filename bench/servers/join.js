/** Users and their protection rows, joined by hand: for the floor, and for a client that has both lists. */
import { addressesOf, foldAddress, isProtected, moduleNames, shown } from './meaning.js';

/** Joins by id if the rows have one, else by mail and then by user principal name. */
export function joinTo(rows) {
  const byId = new Map();
  const byAddress = new Map();
  for (const row of rows) {
    if (row.id && !byId.has(row.id)) byId.set(row.id, row);
    const address = shown(row.email);
    if (address === null) continue;
    const folded = foldAddress(address);
    if (!byAddress.has(folded)) byAddress.set(folded, row);
  }
  return (user) => {
    const row = byId.get(user.id);
    if (row !== undefined) return row;
    for (const address of addressesOf(user)) {
      const found = byAddress.get(address);
      if (found !== undefined) return found;
    }
    return null;
  };
}

const showProtection = (row) =>
  row === null ? null : { email: shown(row.email), isProtected: isProtected(row) };

/** Fields that `small`, `nested` and the pages of tenants select. */
export const showUser = (user, row) => ({
  userId: user.id,
  displayName: shown(user.displayName),
  mail: shown(user.mail),
  protection: showProtection(row),
});

/** Fields that `wide` selects. */
export const showWholeUser = (user, row) => ({
  userId: user.id,
  displayName: shown(user.displayName),
  mail: shown(user.mail),
  userPrincipalName: shown(user.userPrincipalName),
  department: shown(user.department),
  jobTitle: shown(user.jobTitle),
  protection:
    row === null
      ? null
      : {
          ...showProtection(row),
          modules: (row.moduleStatus ?? []).map(({ module, isProtected: is }) => ({
            module: moduleNames.get(module) ?? 'UNKNOWN',
            isProtected: is,
          })),
        },
});
