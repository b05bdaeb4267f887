/**
 * The decision between looking keys up and scanning pages: arithmetic on what is known, without a side effect.
 *
 * It takes the plan whose cost can be promised to be least: a row may go by two names and stand under the second, so a
 * look-up in the singular dialect is counted with every name that may have to be tried. It refuses to know what is
 * behind the numbers. What a newcomer would get wrong: a filter that a deployment does not know is ignored by it, so a
 * look-up in a dialect not yet proven may bring the first page of the whole list. That page is then a page of the
 * scan, and nothing was wasted but the hope.
 */
import type { Filter } from '../endpoint/collection.ts';

/** What the rows that came back have shown of a deployment's filter. `none`: it has none that works. */
export type Dialect = 'unknown' | 'plural' | 'singular' | 'none';

/** One row wanted: the filter keys still to be tried for it, best first; empty where only a scan can find it. */
export type OpenWant = readonly string[];

export interface Situation {
  readonly open: readonly OpenWant[];
  readonly dialect: Dialect;
  /** Pages of the list that are not at hand; null while the list's length is unknown. */
  readonly unreadPages: number | null;
  /** Rows wanted by one call at most, so that its answer fits one page. */
  readonly rowsPerCall: number;
  /** Keys in one call at most. */
  readonly keysPerCall: number;
}

export type Plan =
  { readonly kind: 'scan' } | { readonly kind: 'look-up'; readonly filters: readonly Filter[] };

const scan: Plan = { kind: 'scan' };

export function choose(situation: Situation): Plan {
  const { open, dialect, unreadPages } = situation;
  if (dialect === 'none' || open.some((keys) => keys.length === 0)) return scan;
  const cost = leastCost(situation, dialect);
  // A page also serves whatever is asked later, so it wins a tie.
  if (unreadPages !== null && unreadPages <= cost) return scan;
  // Many single look-ups may cost more than the whole list: its first page tells how long the list is.
  if (unreadPages === null && dialect === 'singular' && open.length > 1) return scan;
  return { kind: 'look-up', filters: nextLookUps(situation, dialect) };
}

/** The fewest look-ups that this many rows can take, whatever their keys turn out to be. */
export function fewestLookUps(
  rows: number,
  { dialect, rowsPerCall }: Pick<Situation, 'dialect' | 'rowsPerCall'>,
): number {
  if (rows === 0) return 0;
  if (dialect === 'none') return Infinity;
  return dialect === 'singular' ? rows : Math.ceil(rows / rowsPerCall);
}

type UsableDialect = Exclude<Dialect, 'none'>;

/** What looking everything up costs at most; in an unknown dialect, if it is the one that takes lists. */
function leastCost(situation: Situation, dialect: UsableDialect): number {
  return dialect === 'singular' ? distinct(situation.open.flat()).length : batches(situation).length;
}

/** The look-ups that can go out now. What their answers leave open is chosen anew. */
function nextLookUps(situation: Situation, dialect: UsableDialect): Filter[] {
  switch (dialect) {
    case 'singular':
      return distinct(situation.open.flatMap((keys) => keys.slice(0, 1))).map((key) => ({
        dialect: 'singular',
        keys: [key],
      }));
    case 'plural':
      return batches(situation).map((keys) => ({ dialect: 'plural', keys }));
    case 'unknown': {
      const [keys = []] = batches(situation);
      // If lists are ignored, the answer is the first page of a list whose length is to be found out anyway; where it
      // is known, a call under both names tests its first key in any case.
      const isLengthWanted = situation.unreadPages === null && situation.open.length > 1;
      return [{ dialect: isLengthWanted ? 'plural' : 'either', keys }];
    }
  }
}

/** The keys of all wants, in a fixed order, so that equal demands make equal calls. */
function batches({ open, rowsPerCall, keysPerCall }: Situation): string[][] {
  const seen = new Set<string>();
  const all: string[][] = [];
  let batch: string[] = [];
  let rows = 0;
  for (const keys of inFixedOrder(open)) {
    const added = distinct(keys).filter((key) => !seen.has(key.toLowerCase()));
    if (added.length === 0) continue;
    if (batch.length === 0 || rows === rowsPerCall || batch.length + added.length > keysPerCall) {
      all.push((batch = []));
      rows = 0;
    }
    batch.push(...added);
    rows += 1;
    for (const key of added) seen.add(key.toLowerCase());
  }
  return all;
}

function inFixedOrder(open: readonly OpenWant[]): OpenWant[] {
  return open.toSorted(([left = ''], [right = '']) => (left < right ? -1 : left > right ? 1 : 0));
}

/** Addresses and ids are told apart without regard to letter case. */
function distinct(keys: readonly string[]): string[] {
  return [...new Map(keys.map((key) => [key.toLowerCase(), key])).values()];
}
