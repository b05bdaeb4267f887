/**
 * Filters as predicates that may be judged before all is known of a row: what depends on a row of another list is
 * undecided until that one is there, and often the rest has decided by then (Kleene's logic of three values).
 */
import { CallerError } from '../errors.ts';
import { foldName, foldText } from '../fold.ts';

/** Null where the joined row would tell. */
export type Ternary = boolean | null;

/** `joined` is undefined while it is not known, and null where there is none. */
export type Predicate<Row, Joined = unknown> = (row: Row, joined: Joined | null | undefined) => Ternary;

/** A filter's input: predicates that must all hold, and combinations of more of its kind. */
export interface Combinable<Filter> {
  readonly and?: readonly Filter[] | null;
  readonly or?: readonly Filter[] | null;
  readonly not?: Filter | null;
}

/** A filter, and all those within it. */
export function* filtersIn<Filter extends Combinable<Filter>>(
  filter: Filter | null | undefined,
): Generator<Filter> {
  if (!filter) return;
  yield filter;
  const { and, or, not } = filter;
  for (const each of [...(and ?? []), ...(or ?? []), not]) yield* filtersIn(each);
}

/** For each own field of a filter, the predicates that its value sets, none if it is null or undefined; cheapest first. */
export type FieldPredicates<Filter, Row, Joined = unknown> = {
  readonly [Field in Exclude<keyof Filter, keyof Combinable<unknown> | '__typename'>]-?: (
    wanted: Filter[Field],
    filter: Filter,
  ) => readonly Predicate<Row, Joined>[];
};

/** More make no sense, and each is asked of each row. */
const maxFilters = 100;

/**
 * The predicate of a filter: its own fields, `and`, `or` and `not`, all of which must hold; null where it sets none.
 *
 * @param name of the argument, for errors
 * @param fields the table of the filter's own fields, of which the compiler misses none
 * @throws CallerError where the filter is a combination of too many
 */
export function compileFilter<Filter extends Combinable<Filter>, Row, Joined>(
  name: string,
  filter: Filter | null | undefined,
  fields: FieldPredicates<Filter, Row, Joined>,
): Predicate<Row, Joined> | null {
  let filters = 0;
  const compile = (each: Filter): Predicate<Row, Joined> | null => {
    filters += 1;
    if (filters > maxFilters) {
      throw new CallerError(`${name}: expected ${maxFilters} filters at most in and, or and not together.`);
    }
    const { and, or, not } = each;
    const predicates = [...predicatesOf(each, fields), ...present((and ?? []).map(compile))];
    if (or) {
      const choices = or.map(compile);
      // One that sets no predicate always holds.
      if (!choices.includes(null)) predicates.push(some(present(choices)));
    }
    if (not) {
      const refused = compile(not);
      predicates.push(refused === null ? never : negate(refused));
    }
    return predicates.length === 0 ? null : every(predicates);
  };
  return filter ? compile(filter) : null;
}

const never = () => false;

function present<Value>(values: readonly (Value | null)[]): Value[] {
  return values.filter((value) => value !== null);
}

function every<Row, Joined>(predicates: readonly Predicate<Row, Joined>[]): Predicate<Row, Joined> {
  const [only] = predicates;
  if (only !== undefined && predicates.length === 1) return only;
  return (row, joined) => {
    let verdict: Ternary = true;
    for (const predicate of predicates) {
      const each = predicate(row, joined);
      if (each === false) return false;
      if (each === null) verdict = null;
    }
    return verdict;
  };
}

function some<Row, Joined>(predicates: readonly Predicate<Row, Joined>[]): Predicate<Row, Joined> {
  return (row, joined) => {
    let verdict: Ternary = false;
    for (const predicate of predicates) {
      const each = predicate(row, joined);
      if (each === true) return true;
      if (each === null) verdict = null;
    }
    return verdict;
  };
}

function negate<Row, Joined>(predicate: Predicate<Row, Joined>): Predicate<Row, Joined> {
  return (row, joined) => {
    const verdict = predicate(row, joined);
    return verdict === null ? null : !verdict;
  };
}

/** The predicates of a filter's own fields; of a filter within another one, all that it sets. */
export function predicatesOf<Filter, Row, Joined = unknown>(
  filter: Filter | null | undefined,
  fields: FieldPredicates<Filter, Row, Joined>,
): Predicate<Row, Joined>[] {
  if (filter === null || filter === undefined) return [];
  const predicates: Predicate<Row, Joined>[] = [];
  for (const field of Object.keys(fields) as (keyof typeof fields & keyof Filter)[]) {
    predicates.push(...fields[field](filter[field], filter));
  }
  return predicates;
}

/** Whether a text is this one, letter case aside, and for blanks, whether there is none; null or undefined sets no predicate. */
export function isText<Row>(
  wanted: string | null | undefined,
  textOf: (row: Row) => string | null,
): Predicate<Row>[] {
  if (wanted === null || wanted === undefined) return [];
  if (wanted.trim() === '') return [(row) => (textOf(row) ?? '').trim() === ''];
  const folded = foldText(wanted);
  return [
    (row) => {
      const text = textOf(row);
      return text !== null && foldText(text) === folded;
    },
  ];
}

/** Whether a value is this very one; null or undefined sets no predicate. */
export function isValue<Row, Value>(
  wanted: Value | null | undefined,
  valueOf: (row: Row) => Value | null,
): Predicate<Row>[] {
  return wanted === null || wanted === undefined ? [] : [(row) => valueOf(row) === wanted];
}

/** Whether one of a row's texts contains this one, letter case aside; null, undefined and blanks set no predicate. */
export function contains<Row>(
  wanted: string | null | undefined,
  textsOf: (row: Row) => readonly (string | null)[],
): Predicate<Row>[] {
  const folded = foldText(wanted ?? '').trim();
  if (folded === '') return [];
  return [(row) => textsOf(row).some((text) => text !== null && foldText(text).includes(folded))];
}

/** Whether a row has one of these names, letter case aside; null or undefined sets no predicate. */
export function isOneOf<Row>(
  wanted: readonly string[] | null | undefined,
  nameOf: (row: Row) => string,
): Predicate<Row>[] {
  if (wanted === null || wanted === undefined) return [];
  const names = new Set(wanted.map(foldName));
  return [(row) => names.has(foldName(nameOf(row)))];
}

/** Both bounds are included; null or undefined is none. */
interface NumberRange {
  readonly min?: number | null | undefined;
  readonly max?: number | null | undefined;
}

/**
 * Whether a number is in a range; null or undefined sets no predicate, and neither does a range without bounds.
 *
 * @param name of the range, for errors
 * @param numberOf undefined while it is not known
 * @throws CallerError for a least number that is above the greatest
 */
export function isWithin<Row, Joined = unknown>(
  name: string,
  wanted: NumberRange | null | undefined,
  numberOf: (row: Row, joined: Joined | null | undefined) => number | null | undefined,
): Predicate<Row, Joined>[] {
  const [min = null, max = null] = [wanted?.min, wanted?.max];
  if (min !== null && max !== null && min > max) {
    throw new CallerError(`${name}: expected a min that is not above max, but got ${min} and ${max}.`);
  }
  return isBetween(min, max, numberOf);
}

/** Texts of the scalar DateTime: instants, or days alone. Both bounds are included; null or undefined is none. */
interface InstantRange {
  readonly from?: string | null | undefined;
  readonly to?: string | null | undefined;
}

/**
 * As `isWithin`, of an instant in RFC 3339 form.
 *
 * @throws CallerError for a first instant that is behind the last
 */
export function isDuring<Row>(
  name: string,
  wanted: InstantRange | null | undefined,
  instantOf: (row: Row) => string | null,
): Predicate<Row>[] {
  const [from = null, to = null] = [wanted?.from, wanted?.to];
  const first = from === null ? null : millisecondsOf(from, firstOfDay);
  const last = to === null ? null : millisecondsOf(to, lastOfDay);
  if (first !== null && last !== null && first > last) {
    throw new CallerError(`${name}: expected a from that is not after to, but got ${from} and ${to}.`);
  }
  return isBetween(first, last, (row) => {
    const instant = instantOf(row);
    return instant === null ? null : Date.parse(instant);
  });
}

const firstOfDay = 'T00:00:00.000Z';
const lastOfDay = 'T23:59:59.999Z';

/** @param ofDay the time that stands for a day alone */
function millisecondsOf(text: string, ofDay: string): number {
  return Date.parse(text.length > 'yyyy-mm-dd'.length ? text : text + ofDay);
}

function isBetween<Row, Joined = unknown>(
  min: number | null,
  max: number | null,
  numberOf: (row: Row, joined: Joined | null | undefined) => number | null | undefined,
): Predicate<Row, Joined>[] {
  if (min === null && max === null) return [];
  return [
    (row, joined) => {
      const number = numberOf(row, joined);
      if (number === undefined) return null;
      return number !== null && number >= (min ?? -Infinity) && number <= (max ?? Infinity);
    },
  ];
}
