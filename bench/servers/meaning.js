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
