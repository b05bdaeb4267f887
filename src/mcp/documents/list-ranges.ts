/**
 * Ranges: connections with a size and the cursor of the other end, such as `first` with `before`. A second window of
 * this size, read from the other end, shows whether rows in between are left out: `pageInfo` describes the whole list.
 */
import { Kind, print, type FieldNode } from 'graphql';
import type { JsonObject } from '../../json.ts';
import { rangePrefix } from './hidden-names.ts';

/** The variable that selects the second windows. */
export const rangesName = '_ranges';

/** For each range, the variables that it requires. */
export type RangeVariables = readonly (readonly string[])[];

const otherSize: Readonly<Record<string, string>> = { first: 'last', last: 'first' };

/** Returns a field's second window, and the variables that make it a range; null if it can't be one. */
export function rangeOf({
  alias,
  name,
  arguments: given = [],
  directives = [],
}: FieldNode): { readonly selection: string; readonly variables: RangeVariables } | null {
  const valueOf = (argument: string) => {
    const value = given.find((each) => each.name.value === argument)?.value;
    return value === undefined || value.kind === Kind.NULL ? null : value;
  };
  const variables: (readonly string[])[] = [];
  for (const [size, cursor] of [
    ['first', 'before'],
    ['last', 'after'],
  ] as const) {
    const values = [valueOf(size), valueOf(cursor)];
    if (values.includes(null)) continue;
    variables.push(values.flatMap((value) => (value?.kind === Kind.VARIABLE ? [value.name.value] : [])));
  }
  if (variables.length === 0) return null;
  const swapped = given.map(
    (each) => `${otherSize[each.name.value] ?? each.name.value}: ${print(each.value)}`,
  );
  const key = (alias ?? name).value;
  const field = `${name.value}(${swapped.join(', ')}) ${directives.map(print).join(' ')} { edges { cursor } }`;
  return {
    selection: `... @include(if: $${rangesName}) { ${rangePrefix}${key}: ${field} }`,
    variables,
  };
}

/** Adds the variable that selects the second windows, if a range has both ends. */
export function withRanges(given: JsonObject, ranges: RangeVariables): JsonObject {
  const isGiven = (name: string) => given[name] !== null && given[name] !== undefined;
  return ranges.some((names) => names.every(isGiven)) ? { ...given, [rangesName]: true } : given;
}
