/** Settings of the freshness of rows; each collection declares its own. */
import type { LifetimeSetting } from '../endpoint/collection.ts';
import { collections, eachCollection } from '../endpoint/collections.ts';
import { directoryLifetime } from '../endpoint/directory.ts';
import type { Lifetime } from '../planner/freshness.ts';
import type { Lifetimes } from '../planner/upstream-cache.ts';

/** Lifetime settings of all lists, in the order of docs/configuration.md. */
export const lifetimeSettings: readonly LifetimeSetting[] = [
  ...Object.values(collections).map(({ lifetime }) => lifetime),
  directoryLifetime,
];

export function readLifetimes(read: (setting: LifetimeSetting) => Lifetime): Lifetimes {
  return {
    ...eachCollection<Omit<Lifetimes, 'directory'>>((name) => read(collections[name].lifetime)),
    directory: read(directoryLifetime),
  };
}
