/** Notes about arguments that match nothing or several customers. */
import { foldName } from '../../fold.ts';
import { isObject } from '../../json.ts';
import type { MatchedCustomers } from '../documents/matched-customers.ts';
import type { OperationTool } from '../documents/operation-files.ts';

/** A call of an operation by its tool. */
export interface ToolCall {
  readonly tool: OperationTool;
  readonly given: Readonly<Record<string, unknown>>;
  /** The tool that lists the values of departments and the like; null if there is none. */
  readonly groupingTool: string | null;
}

const wholeText = /^(UserFilter|CustomerFilter)\.(?:department|company|countryOrRegion|jobTitle|location)$/;

/** Notes on an answer; `data` has no hidden fields. */
export function notesOn(call: ToolCall, data: unknown, matched: MatchedCustomers | null): readonly string[] {
  const { tool, given } = call;
  const { customers } = tool;
  const chosenBy = customers.arguments.filter((name) => Object.hasOwn(given, name));
  const names =
    chosenBy.length === 1 ? `the argument ${chosenBy.join()}` : `${chosenBy.join(' and ')} together`;
  const matches = matched?.totalCount ?? null;
  const notes: string[] = [];
  if (matches !== null && matches > 1 && !customers.listsCustomers)
    notes.push(
      `${matches} customers match ${names}, see matchedCustomers: rows and numbers are of all of them together.`,
    );
  for (const name of customers.arguments) {
    const ids = tool.fieldOf.get(name) === 'CustomerFilter.customerIds' ? given[name] : null;
    const count = Array.isArray(ids) ? new Set(ids.map((id) => foldName(String(id)))).size : 0;
    if (matches !== null && matches > 0 && matches < count)
      notes.push(`${name} has ${count} ids, and ${matches} of these customers match.`);
  }
  if (matches !== 0 && !isEmpty(data)) return notes;
  const empty = emptyListsIn(call);
  if (empty.length > 0)
    return [...notes, `Nothing matches an empty list: ${empty.join(' and ')}. Leave it out for any value.`];
  return [...notes, joined(whatIsEmpty(call, names, matches), hintsOn(call, matches))];
}

function whatIsEmpty(call: ToolCall, names: string, matches: number | null): string {
  if (matches === 0)
    return `No customer matches ${names}${isSearched(call) ? ': try a part of the name' : ''}.`;
  if (matches === null) return 'Nothing matches these arguments.';
  const [customers, have] =
    matches === 1 ? ['1 customer matches', 'has'] : [`${matches} customers match`, 'have'];
  return `${customers} ${names}, and ${have} nothing that this answer could show.`;
}

const searches: readonly unknown[] = ['CustomerFilter.search', 'CustomerFilter.tenantName'];

/** Whether a search text chooses customers. */
function isSearched({ tool, given }: ToolCall): boolean {
  return tool.customers.arguments.some(
    (name) => searches.includes(tool.fieldOf.get(name)) && Object.hasOwn(given, name),
  );
}

/** Paths of empty lists in conditions, except conditions that exclude. */
function emptyListsIn({ tool, given }: ToolCall): readonly string[] {
  const within = (value: unknown, path: string): readonly string[] => {
    if (Array.isArray(value)) return value.length === 0 && !path.endsWith('none') ? [path] : [];
    if (!isObject(value)) return [];
    return Object.entries(value).flatMap(([name, child]) => within(child, `${path}.${name}`));
  };
  return Object.entries(given)
    .filter(([name]) => tool.fieldOf.get(name)?.endsWith('.none') === false)
    .flatMap(([name, value]) => within(value, name));
}

/** Explains how arguments are compared, if that may be why nothing matches. */
function hintsOn({ tool, given, groupingTool }: ToolCall, matches: number | null): string {
  const textOf = (name: string) => {
    const value = given[name];
    return typeof value === 'string' ? value : null;
  };
  const compared = [...tool.fieldOf].filter(([name]) => textOf(name) !== null);
  const wholesOf = (type: string) =>
    compared.filter(([, field]) => wholeText.exec(field)?.[1] === type).map(([name]) => name);
  const inWords = (names: readonly string[], remedy: string) =>
    names.length === 0 ? '' : `${names.join(' and ')}: compared as a whole, letter case aside${remedy}.`;
  const searches = [...tool.fieldOf]
    .filter(([, field]) => field === 'UserFilter.search')
    .map(([name]) => name);
  const searched = searches.find((name) => /\S\s+\S/.test(textOf(name) ?? ''));
  const unused = searches.find((name) => given[name] === undefined);
  const values = groupingTool === null ? '' : `; ${groupingTool} lists the values of users`;
  const other = unused === undefined ? '' : `, and the other as ${unused}`;
  return joined(
    inWords(
      (matches ?? 0) === 0 ? wholesOf('CustomerFilter') : [],
      '; countryOrRegion of each customer shows the value',
    ),
    inWords(matches === 0 ? [] : wholesOf('UserFilter'), values),
    searched === undefined
      ? ''
      : `${searched}: found as one text; for a name in another order, give one word of it${other}.`,
  );
}

function joined(...texts: readonly string[]): string {
  return texts.filter((text) => text !== '').join(' ');
}

/** Whether all counts at the top are 0. */
function isEmpty(data: unknown): boolean {
  const counts = Object.values(isObject(data) ? data : {}).flatMap((root) => {
    if (!isObject(root)) return [];
    const { totals, totalCount, userCount = isObject(totals) ? totals['userCount'] : undefined } = root;
    const count = totalCount ?? userCount;
    return typeof count === 'number' ? [count] : [];
  });
  return counts.length > 0 && counts.every((count) => count === 0);
}
