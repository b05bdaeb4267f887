/** Random filters that match some of the given rows. */
import fc from 'fast-check';
import type { DateTimeRange, IntRange } from '../generated/operations.ts';
import { shown } from './random-world.ts';

/** One or two fields: more would rarely match. */
export function someFields<Filter extends object>(fields: {
  readonly [Name in keyof Filter]-?: fc.Arbitrary<NonNullable<Filter[Name]>>;
}): fc.Arbitrary<Partial<Filter>> {
  const all = Object.entries<fc.Arbitrary<unknown>>(fields);
  const filters: fc.Arbitrary<object> = fc
    .subarray(all, { minLength: 1, maxLength: 2 })
    .chain((chosen) => fc.record(Object.fromEntries(chosen)));
  return filters;
}

/** Of three filters, the first that selects some of the rows and leaves others, else the first of all. */
export function selectingSome<Row, Filter>(
  filters: fc.Arbitrary<Filter>,
  rows: readonly Row[],
  holds: (filter: Filter, row: Row) => boolean,
): fc.Arbitrary<Filter> {
  return fc.tuple(filters, filters, filters).map((three) => {
    const isProper = (filter: Filter) => {
      const selected = rows.filter((row) => holds(filter, row)).length;
      return selected > 0 && selected < rows.length;
    };
    return three.find(isProper) ?? three[0];
  });
}

/** Mostly about one of the rows, so that its fields hold together; else about all of them. */
export function aboutRows<Row, Filter>(
  rows: readonly Row[],
  filterOf: (rows: readonly Row[]) => fc.Arbitrary<Filter>,
): fc.Arbitrary<Filter> {
  if (rows.length === 0) return filterOf(rows);
  return fc.oneof(
    { weight: 5, arbitrary: fc.constantFrom(...rows).chain((row) => filterOf([row])) },
    { weight: 1, arbitrary: filterOf(rows) },
  );
}

/** Mostly one of the values that rows have, else one of these. */
export function valueOf<Value>(
  ofRows: readonly (Value | null)[],
  others: readonly Value[],
): fc.Arbitrary<Value> {
  const known = [...new Set(ofRows.filter((value) => value !== null))];
  const other = fc.constantFrom(...others);
  return known.length === 0
    ? other
    : fc.oneof({ weight: 5, arbitrary: fc.constantFrom(...known) }, { weight: 1, arbitrary: other });
}

/** One of the texts that rows have, in small letters or capitals, or another text. */
export function textOf(texts: readonly (string | null)[]): fc.Arbitrary<string> {
  return fc
    .tuple(valueOf(texts.map(shown), ['none has this']), fc.constantFrom('as it is', 'capitals', 'small'))
    .map(([text, how]) =>
      how === 'capitals' ? text.toUpperCase() : how === 'small' ? text.toLowerCase() : text,
    );
}

/** A letter or a few of one of the texts that rows have. */
export function partOf(texts: readonly (string | null)[]): fc.Arbitrary<string> {
  return fc.tuple(textOf(texts), fc.nat(3), fc.integer({ min: 1, max: 3 })).map(([text, start, length]) => {
    const letters = Array.from(text.normalize('NFC'));
    const at = Math.min(start, letters.length - 1);
    return letters.slice(at, at + length).join('');
  });
}

/** A range with one bound or both, which most of the values of rows are about. */
export function rangeOf(values: readonly (number | null)[]): fc.Arbitrary<IntRange> {
  const bound = fc
    .tuple(valueOf(values, [0, 40]), fc.integer({ min: -2, max: 2 }))
    .map(([at, by]) => at + by);
  return fc.tuple(bound, bound, fc.constantFrom('min', 'max', 'both')).map(([one, other, given]) => {
    if (given === 'min') return { min: one };
    if (given === 'max') return { max: one, min: null };
    return { min: Math.min(one, other), max: Math.max(one, other) };
  });
}

/** The same of instants, some bounds of which are days alone. */
export function periodOf(values: readonly (string | null)[]): fc.Arbitrary<DateTimeRange> {
  const written = fc.constantFrom('as it is', 'day', 'other offset', 'a millisecond on');
  const bound = fc
    .tuple(valueOf(values.map(shown), ['2024-02-29T12:30:00Z', '2031-01-01T00:00:00Z']), written)
    .map(([instant, how]) => {
      const at = new Date(instant).getTime();
      if (how === 'day') return new Date(at).toISOString().slice(0, 10);
      if (how === 'a millisecond on') return new Date(at + 1).toISOString();
      return how === 'as it is' ? instant : new Date(at + 7_200_000).toISOString().replace('Z', '+02:00');
    });
  return fc.tuple(bound, bound, fc.constantFrom('from', 'to', 'both')).map(([one, other, given]) => {
    if (given === 'from') return { from: one, to: null };
    if (given === 'to') return { to: one };
    return new Date(one) <= new Date(other) ? { from: one, to: other } : { from: other, to: one };
  });
}

/** Filters of these fields, some of them combined by `and`, `or` and `not`. */
export function combining<Filter extends object>(fields: fc.Arbitrary<Filter>): fc.Arbitrary<Filter> {
  return fc.letrec<{ filter: Filter }>((tie) => ({
    filter: fc.oneof(
      { maxDepth: 2, depthSize: 'small', withCrossShrink: true },
      { weight: 3, arbitrary: fields },
      {
        weight: 1,
        arbitrary: fc
          .tuple(
            fields,
            fc.record(
              {
                and: fc.array(tie('filter'), { maxLength: 2 }),
                or: fc.array(tie('filter'), { maxLength: 3 }),
                not: tie('filter'),
              },
              { requiredKeys: [] },
            ),
          )
          .map(([own, more]) => ({ ...own, ...more })),
      },
    ),
  })).filter;
}

/**
 * The share of filters that match some rows but not all. Counted in a sample of cases that is the same at each run, as a
 * statement about what generates them: among the few that a property is tried with, the share is left to chance.
 *
 * @param countsOf how many rows a case's filter matches, and of how many
 */
export function selectiveShare<Case>(
  cases: fc.Arbitrary<Case>,
  countsOf: (one: Case) => { readonly matched: number; readonly all: number },
): number {
  // Of a list of one row or none, there is no part.
  const counts = fc
    .sample(cases, { numRuns: 150, seed: 1 })
    .map(countsOf)
    .filter(({ all }) => all > 1);
  return counts.filter(({ matched, all }) => matched > 0 && matched < all).length / counts.length;
}
