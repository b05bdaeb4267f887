/** Field arguments on which prices depend. */
import { print, type ArgumentNode } from 'graphql';
import { isObject } from '../json.ts';

const texts = new WeakMap<readonly ArgumentNode[], string>();

/** Text of arguments with names of variables: their values would be written for each spread of a fragment. */
export function textOfArguments(given: readonly ArgumentNode[]): string {
  let text = texts.get(given);
  if (text === undefined) texts.set(given, (text = given.map(print).sort().join(' ')));
  return text;
}

export function idsOf(value: unknown): readonly string[] | null {
  if (value === null) return null;
  return (Array.isArray(value) ? value : [value]).map(String);
}

/** The shortest list of ids to which a condition of this name limits the rows; null without one. */
export function idsInFilters(name: string, filters: readonly unknown[]): readonly string[] | null {
  let fewest: readonly string[] | null = null;
  for (const filter of filters) {
    if (!isObject(filter)) continue;
    const all = Array.isArray(filter['and']) ? filter['and'] : [filter['and']];
    for (const ids of [idsOf(filter[name] ?? null), idsInFilters(name, all)])
      if (ids !== null && ids.length < (fewest?.length ?? Infinity)) fewest = ids;
  }
  return fewest;
}
