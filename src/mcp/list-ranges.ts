/**
 * Connections of which both ends are given, as by `first` with `before`: whether rows are left out between a window and the
 * other end is seen by a window of the same size from that end, since pageInfo speaks of the whole list.
 */
import { Kind, print, type FieldNode } from 'graphql';
import type { JsonObject } from '../json.ts';
import { rangePrefix } from './hidden-names.ts';

/** The variable that selects the windows from the other ends. */
export const rangesName = '_ranges';

/** For each range, the variables that have to be given for it. */
export type RangeVariables = readonly (readonly string[])[];

const otherSize: Readonly<Record<string, string>> = { first: 'last', last: 'first' };

/** The window from the other end of a field's range, and the variables that make it one; null if it has one end. */
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

/** The variables of a call: the windows are read if one of the ranges has both ends. */
export function withRanges(given: JsonObject, ranges: RangeVariables): JsonObject {
  const isGiven = (name: string) => given[name] !== null && given[name] !== undefined;
  return ranges.some((names) => names.every(isGiven)) ? { ...given, [rangesName]: true } : given;
}
