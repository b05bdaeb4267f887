/**
 * The decision between looking keys up and scanning pages: arithmetic on what is known, without a side effect.
 *
 * It refuses to know what is behind the numbers. What a newcomer would get wrong: a filter that a deployment does not
 * know is ignored by it, so a look-up in a dialect not yet proven may bring the first page of the whole list. That page
 * is then a page of the scan, and nothing was wasted but the hope.
 */
import type { Filter } from '../endpoint/collection.ts';

/** What the rows that came back have shown of a deployment's filter. `none`: it has none that works. */
export type Dialect = 'unknown' | 'plural' | 'singular' | 'none';

/** One row wanted: the filter keys still to be tried for it, best first; empty where only a scan can find it. */
export type OpenWant = readonly string[];

export interface Situation {
  readonly open: readonly OpenWant[];
  readonly dialect: Dialect;
  /** Pages of the list not at hand; null while the list's length is unknown. */
  readonly missingPages: number | null;
  /** Keys in one call at most, so that its answer fits one page. */
  readonly keysPerCall: number;
}

export type Plan =
  { readonly kind: 'scan' } | { readonly kind: 'look-up'; readonly filters: readonly Filter[] };

const scan: Plan = { kind: 'scan' };

export function choose({ open, dialect, missingPages, keysPerCall }: Situation): Plan {
  if (dialect === 'none' || open.some((keys) => keys.length === 0)) return scan;
  const lookUp = lookUps(open, dialect, keysPerCall);
  if (missingPages === null) {
    // Many single look-ups may cost more than the whole list: its first page tells how long the list is.
    return dialect === 'singular' && lookUp.length > 1 ? scan : { kind: 'look-up', filters: lookUp };
  }
  // A page also serves whatever is asked later, so it wins a tie.
  return missingPages <= lookUp.length ? scan : { kind: 'look-up', filters: lookUp };
}

function lookUps(
  open: readonly OpenWant[],
  dialect: Exclude<Dialect, 'none'>,
  keysPerCall: number,
): Filter[] {
  switch (dialect) {
    case 'singular':
      return distinct(open.flatMap((keys) => keys.slice(0, 1))).map((key) => ({
        dialect: 'singular',
        keys: [key],
      }));
    case 'plural':
      return chunks(distinct(open.flat()), keysPerCall).map((keys) => ({ dialect: 'plural', keys }));
    case 'unknown': {
      const keys = distinct(open.flat());
      if (open.length === 1) return [{ dialect: 'either', keys: keys.slice(0, keysPerCall) }];
      // One call finds the dialect out; what is left is chosen anew with that known.
      return [{ dialect: 'plural', keys: keys.slice(0, keysPerCall) }];
    }
  }
}

/** Addresses and ids are told apart without regard to letter case. */
function distinct(keys: readonly string[]): string[] {
  return [...new Map(keys.map((key) => [key.toLowerCase(), key])).values()];
}

function chunks(keys: readonly string[], size: number): string[][] {
  return Array.from({ length: Math.ceil(keys.length / size) }, (_, index) =>
    keys.slice(index * size, (index + 1) * size),
  );
}
