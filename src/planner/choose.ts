/**
 * Chooses look-ups or a scan of pages, whichever has the lower guaranteed cost, by arithmetic on counts without side
 * effects. A row may have two names and be stored under the second, so a look-up in the singular dialect counts every
 * name that may be tried. A deployment ignores an unknown filter, so a look-up in an unproven dialect may return the
 * first page of the whole list; that page then counts as a page of the scan.
 */
import type { Filter } from '../endpoint/collection.ts';
import { foldName } from '../fold.ts';

/** Filter support that a deployment's rows have shown; `none` if no filter works. */
export type Dialect = 'unknown' | 'plural' | 'singular' | 'none';

/** Filter keys still to try for one open row, best first; empty if only a scan can find it. */
export type OpenKeys = readonly string[];

export interface Situation {
  readonly open: readonly OpenKeys[];
  readonly dialect: Dialect;
  /** Whether the singular dialect is only what remains, so that one look-up must show it. */
  readonly isDialectPresumed: boolean;
  /** Whether a call may send the filter under both names; a deployment may reject an unknown one. */
  readonly takesBothNames: boolean;
  /** Whether a page of the list may be requested with a filter. */
  readonly canDetectDialect: boolean;
  /** Numbers of the unread pages; null while the list's length is unknown. */
  readonly unread: readonly number[] | null;
  /** Maximum rows requested by one call: its answer must fit one page. */
  readonly rowsPerCall: number;
  readonly keysPerCall: number;
}

export type ReadChoice =
  | { readonly kind: 'scan' }
  | { readonly kind: 'look-up'; readonly filters: readonly Filter[] }
  /** Reads an unread page with a filter. Its rows show whether the filter was applied; if not, they are that page. */
  | { readonly kind: 'detect-dialect'; readonly filter: Filter; readonly pageIndex: number };

const scan: ReadChoice = { kind: 'scan' };

export function choose(situation: Situation): ReadChoice {
  const { open, dialect, unread } = situation;
  if (dialect === 'none' || open.some((keys) => keys.length === 0)) return scan;
  switch (dialect) {
    case 'singular':
      // Many single look-ups may cost more than the whole list; its first page shows the length.
      if (unread === null) return open.length > 1 ? scan : lookUpFirstKeys(open);
      if (isWorthScanning(unread, distinct(open.flat()).length)) return scan;
      return lookUpFirstKeys(situation.isDialectPresumed ? open.slice(0, 1) : open);
    case 'plural': {
      const batched = batches(situation);
      return isWorthScanning(unread, batched.length) ? scan : lookUpBatches(batched);
    }
    case 'unknown':
      return chooseForUnknownDialect(situation, {
        oneByOne: distinct(open.flat()).length,
        batched: batches(situation),
      });
  }
}

/** A page also serves later requests, so it wins a tie. */
function isWorthScanning(unread: readonly number[] | null, lookUps: number): boolean {
  return unread !== null && unread.length <= lookUps;
}

/** Chooses a call useful in either dialect. */
function chooseForUnknownDialect(
  situation: Situation,
  { oneByOne, batched }: { readonly oneByOne: number; readonly batched: readonly string[][] },
): ReadChoice {
  const { open, takesBothNames, canDetectDialect, unread } = situation;
  if (isWorthScanning(unread, batched.length)) return scan;
  const [keys = []] = batched;
  if (!takesBothNames) return { kind: 'look-up', filters: [{ dialect: 'plural', keys }] };
  // With both names, the first key is tested in any case.
  if (unread === null ? open.length === 1 : oneByOne < unread.length) {
    return { kind: 'look-up', filters: [{ dialect: 'either', keys }] };
  }
  // If multi-key filters do not work, the list must be read anyway, and the answer is one of its pages.
  const filter: Filter = { dialect: 'plural', keys };
  const pageIndex = unread?.[0] ?? 1;
  if (pageIndex === 1 || !canDetectDialect) return { kind: 'look-up', filters: [filter] };
  const isWorthIt = batched.length + 1 < (unread?.length ?? 0);
  return isWorthIt ? { kind: 'detect-dialect', filter, pageIndex } : scan;
}

export function minLookUps(
  rows: number,
  { dialect, rowsPerCall }: Pick<Situation, 'dialect' | 'rowsPerCall'>,
): number {
  if (rows === 0) return 0;
  if (dialect === 'none') return Infinity;
  return dialect === 'singular' ? rows : Math.ceil(rows / rowsPerCall);
}

/** Looks up first keys. The next choice tries the remaining keys of rows that were not found. */
function lookUpFirstKeys(open: readonly OpenKeys[]): ReadChoice {
  const keys = distinct(open.flatMap(([first = '']) => first));
  return { kind: 'look-up', filters: keys.map((key) => ({ dialect: 'singular', keys: [key] })) };
}

function lookUpBatches(batched: readonly string[][]): ReadChoice {
  return { kind: 'look-up', filters: batched.map((keys) => ({ dialect: 'plural', keys })) };
}

/** Batches of keys in a fixed order: equal requests make equal calls, and a row's keys stay together if possible. */
function batches({ open, rowsPerCall, keysPerCall }: Situation): string[][] {
  const seen = new Set<string>();
  const all: string[][] = [];
  let batch: string[] = [];
  let rows = 0;
  for (const keys of inFixedOrder(open)) {
    const added = distinct(keys)
      .filter((key) => !seen.has(foldName(key)))
      .slice(0, keysPerCall);
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

function distinct(keys: readonly string[]): string[] {
  if (keys.length === 1) return [...keys];
  return [...new Map(keys.map((key) => [foldName(key), key])).values()];
}
