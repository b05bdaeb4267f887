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
import { foldName } from '../fold.ts';

/** What the rows that came back have shown of a deployment's filter. `none`: it has none that works. */
export type Dialect = 'unknown' | 'plural' | 'singular' | 'none';

/** One open row: the filter keys still to be tried for it, best first; empty where only a scan can find it. */
export type OpenKeys = readonly string[];

export interface Situation {
  readonly open: readonly OpenKeys[];
  readonly dialect: Dialect;
  /** Whether a call may carry the filter under both names; a deployment may refuse the one that it does not know. */
  readonly takesBothNames: boolean;
  /** The numbers of the pages of the list that are not at hand; null while the list's length is unknown. */
  readonly unread: readonly number[] | null;
  /** Rows wanted by one call at most, so that its answer fits one page. */
  readonly rowsPerCall: number;
  /** Keys in one call at most. */
  readonly keysPerCall: number;
}

export type Plan =
  | { readonly kind: 'scan' }
  | { readonly kind: 'look-up'; readonly filters: readonly Filter[] }
  /** Reads an unread page with a filter: where the filter is ignored it is that page, else it shows that it is not. */
  | { readonly kind: 'probe'; readonly filter: Filter; readonly pageIndex: number };

const scan: Plan = { kind: 'scan' };

export function choose(situation: Situation): Plan {
  const { open, dialect, unread } = situation;
  if (dialect === 'none' || open.some((keys) => keys.length === 0)) return scan;
  switch (dialect) {
    case 'singular':
      // Many single look-ups may cost more than the whole list: its first page tells how long the list is.
      if (unread === null) return open.length > 1 ? scan : lookUpFirstKeys(open);
      return isWorthScanning(unread, distinct(open.flat()).length) ? scan : lookUpFirstKeys(open);
    case 'plural': {
      const together = batches(situation);
      return isWorthScanning(unread, together.length) ? scan : lookUpTogether(together);
    }
    case 'unknown':
      return chooseUnknowing(situation, {
        oneByOne: distinct(open.flat()).length,
        together: batches(situation),
      });
  }
}

/** A page also serves whatever is asked later, so it wins a tie. */
function isWorthScanning(unread: readonly number[] | null, lookUps: number): boolean {
  return unread !== null && unread.length <= lookUps;
}

/** In a dialect not yet known, such that the call is useful in either. */
function chooseUnknowing(
  situation: Situation,
  { oneByOne, together }: { readonly oneByOne: number; readonly together: readonly string[][] },
): Plan {
  const { open, takesBothNames, unread } = situation;
  if (isWorthScanning(unread, together.length)) return scan;
  const [keys = []] = together;
  if (!takesBothNames) return { kind: 'look-up', filters: [{ dialect: 'plural', keys }] };
  // Under both names, its first key is tested in any case.
  if (unread === null ? open.length === 1 : oneByOne < unread.length) {
    return { kind: 'look-up', filters: [{ dialect: 'either', keys }] };
  }
  // The list is to be read anyway if it can't be asked for several keys: the answer is then a page of it.
  const filter: Filter = { dialect: 'plural', keys };
  const pageIndex = unread?.[0] ?? 1;
  if (pageIndex === 1) return { kind: 'look-up', filters: [filter] };
  return together.length + 1 < (unread?.length ?? 0) ? { kind: 'probe', filter, pageIndex } : scan;
}

/** The fewest look-ups that this many rows can take, whatever their keys turn out to be. */
export function planLookUps(
  rows: number,
  { dialect, rowsPerCall }: Pick<Situation, 'dialect' | 'rowsPerCall'>,
): number {
  if (rows === 0) return 0;
  if (dialect === 'none') return Infinity;
  return dialect === 'singular' ? rows : Math.ceil(rows / rowsPerCall);
}

/** What is not found under its first key is chosen anew, with those that are left. */
function lookUpFirstKeys(open: readonly OpenKeys[]): Plan {
  const keys = distinct(open.flatMap(([first = '']) => first));
  return { kind: 'look-up', filters: keys.map((key) => ({ dialect: 'singular', keys: [key] })) };
}

function lookUpTogether(batched: readonly string[][]): Plan {
  return { kind: 'look-up', filters: batched.map((keys) => ({ dialect: 'plural', keys })) };
}

/** The keys of all wants, in a fixed order, so that equal demands make equal calls. */
function batches({ open, rowsPerCall, keysPerCall }: Situation): string[][] {
  const seen = new Set<string>();
  const all: string[][] = [];
  let batch: string[] = [];
  let rows = 0;
  for (const keys of inFixedOrder(open)) {
    const added = distinct(keys).filter((key) => !seen.has(foldName(key)));
    if (added.length === 0) continue;
    if (batch.length === 0 || rows === rowsPerCall || batch.length + added.length > keysPerCall) {
      all.push((batch = []));
      rows = 0;
    }
    batch.push(...added);
    rows += 1;
    for (const key of added) seen.add(foldName(key));
  }
  return all;
}

function inFixedOrder(open: readonly OpenKeys[]): OpenKeys[] {
  return open.toSorted(([left = ''], [right = '']) => (left < right ? -1 : left > right ? 1 : 0));
}

/** Addresses and ids are compared without regard to letter case. */
function distinct(keys: readonly string[]): string[] {
  if (keys.length === 1) return [...keys];
  return [...new Map(keys.map((key) => [foldName(key), key])).values()];
}
