/** Names of the fields that documents select beside their own; each begins with an underscore. */
import { matchedName, matchedOfReport } from './matched-customers.ts';

export const hiddenPrefix = '_';
/** Before the key of a connection's rows. */
export const rowsPrefix = `${hiddenPrefix}rows_`;
/** Before the key of a connection of which both ends of the range are given. */
export const rangePrefix = `${hiddenPrefix}range_`;
/** Before the key of a field of `pageInfo`, by the field's name. */
export const pagePrefixes = {
  endCursor: `${hiddenPrefix}endCursor_`,
  hasNextPage: `${hiddenPrefix}hasNextPage_`,
};
/** Before the name of a variable that is `last`. */
export const earlierPrefix = `${hiddenPrefix}earlier_`;
export const hiddenNames = {
  isComplete: `${hiddenPrefix}isComplete`,
  changedWhileRead: `${hiddenPrefix}changedWhileRead`,
  missing: `${hiddenPrefix}missing`,
  page: `${hiddenPrefix}page`,
  /** Of a list whose `last` is a number. */
  earlier: `${hiddenPrefix}earlier`,
  progress: `${hiddenPrefix}progress`,
  customers: matchedName,
  customersTotal: matchedOfReport.progress,
  customersNamed: matchedOfReport.totals,
};

const allNames: ReadonlySet<string> = new Set(Object.values(hiddenNames));
const allPrefixes = [rowsPrefix, rangePrefix, earlierPrefix, ...Object.values(pagePrefixes)];

/** Whether a key of an answer is that of a hidden field. */
export function isHidden(key: string): boolean {
  return allNames.has(key) || allPrefixes.some((each) => key.startsWith(each));
}
