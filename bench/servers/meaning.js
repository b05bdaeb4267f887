/**
 * Interprets the upstream's rows for the servers compared with the gateway. Independent of the gateway's code, since
 * answers are compared too: shared code would hide a shared mistake.
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

/** The upstream has three forms of an absent value. */
export const shown = (value) => (value === '' || value === 'N/A' || value === undefined ? null : value);
export const isProtected = ({ moduleStatus }) =>
  (moduleStatus?.length ?? 0) > 0 && moduleStatus.every((module) => module.isProtected === true);

const beyondAscii = /[\u0080-\uffff]/;
/** Unicode normalization would turn these three into ASCII. */
const lookAlikes = /([\u212a\u037e\u1fef])/;

/** Form shared by all addresses that are equal to the upstream. */
export function foldAddress(address) {
  if (!beyondAscii.test(address)) return address.trim().toLowerCase();
  const parts = address.trim().split(lookAlikes);
  return parts
    .map((part, index) => (index % 2 === 1 ? part : part.toLowerCase().normalize('NFC').replaceAll('ς', 'σ')))
    .join('');
}

/** Distinct addresses of a user, in the order in which they find its protection row. */
export function addressesOf({ mail, userPrincipalName }) {
  return [...new Set([mail, userPrincipalName].map(shown).filter(Boolean).map(foldAddress))];
}
