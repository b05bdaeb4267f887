/** Names of the fields added to documents; each begins with an underscore. */
import { matchedName, matchedOfReport } from './matched-customers.ts';

export const hiddenPrefix = '_';
/** Prefix of the key of a connection's rows. */
export const rowsPrefix = `${hiddenPrefix}rows_`;
/** Prefix of the key of a connection with both ends of its range given. */
export const rangePrefix = `${hiddenPrefix}range_`;
/** Prefixes of the keys of `pageInfo`'s fields, by field. */
export const pagePrefixes = {
  endCursor: `${hiddenPrefix}endCursor_`,
  hasNextPage: `${hiddenPrefix}hasNextPage_`,
};
/** Prefix of the name of a variable used as `last`. */
export const earlierPrefix = `${hiddenPrefix}earlier_`;
export const hiddenNames = {
  isComplete: `${hiddenPrefix}isComplete`,
  changedWhileRead: `${hiddenPrefix}changedWhileRead`,
  missing: `${hiddenPrefix}missing`,
  page: `${hiddenPrefix}page`,
  /** For a list with a number as `last`. */
  earlier: `${hiddenPrefix}earlier`,
  progress: `${hiddenPrefix}progress`,
  customers: matchedName,
  customersTotal: matchedOfReport.progress,
  customersNamed: matchedOfReport.totals,
};

const allNames: ReadonlySet<string> = new Set(Object.values(hiddenNames));
const allPrefixes = [rowsPrefix, rangePrefix, earlierPrefix, ...Object.values(pagePrefixes)];

/** Whether a response key is a hidden field's. */
export function isHidden(key: string): boolean {
  return allNames.has(key) || allPrefixes.some((each) => key.startsWith(each));
}
