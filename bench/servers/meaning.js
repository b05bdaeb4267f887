/**
 * What the rows of the upstream mean, for the servers that are compared with the gateway. Written apart from the gateway's
 * own, since their answers are compared as well: what both took from one place, neither would show to be wrong.
 */

export const moduleNames = new Map([
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

/** The upstream's three ways of saying that there is no value. */
export const shown = (value) => (value === '' || value === 'N/A' || value === undefined ? null : value);
export const isProtected = ({ moduleStatus }) =>
  (moduleStatus?.length ?? 0) > 0 && moduleStatus.every((module) => module.isProtected === true);

const beyondAscii = /[\u0080-\uffff]/;
/** Unicode normalization would make ASCII characters of these three. */
const lookAlikes = /([\u212a\u037e\u1fef])/;

/** Addresses that are one to the upstream share this form. */
export function foldAddress(address) {
  if (!beyondAscii.test(address)) return address.trim().toLowerCase();
  const parts = address.trim().split(lookAlikes);
  return parts
    .map((part, index) => (index % 2 === 1 ? part : part.toLowerCase().normalize('NFC').replaceAll('ς', 'σ')))
    .join('');
}

/** The addresses of a user in the order in which they find its protection row, each once. */
export function addressesOf({ mail, userPrincipalName }) {
  return [...new Set([mail, userPrincipalName].map(shown).filter(Boolean).map(foldAddress))];
}
