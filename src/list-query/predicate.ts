/**
 * Filters as predicates in three-valued logic (Kleene): a test of a joined row is undecided until that row is read, and
 * other tests often decide first.
 */
import { CallerError } from '../errors.ts';
import { foldName, foldText } from '../fold.ts';

/** Null if undecided. */
export type Ternary = boolean | null;

/** `joined` is undefined until it is read, and null if there is none. */
export type Predicate<Row, Joined = unknown> = (row: Row, joined: Joined | null | undefined) => Ternary;

/** A filter that can be combined with others of its type; all parts must hold. */
export interface Combinable<Filter> {
  readonly and?: readonly Filter[] | null;
  readonly or?: readonly Filter[] | null;
  readonly not?: Filter | null;
}

/** A filter and all filters within it. */
export function* filtersIn<Filter extends Combinable<Filter>>(
  filter: Filter | null | undefined,
): Generator<Filter> {
  if (!filter) return;
  yield filter;
  const { and, or, not } = filter;
  for (const each of [...(and ?? []), ...(or ?? []), not]) yield* filtersIn(each);
}

/** Predicates that each field's value sets (none for null or undefined), cheapest first. */
export type FieldPredicates<Filter, Row, Joined = unknown> = {
  readonly [Field in Exclude<keyof Filter, keyof Combinable<unknown> | '__typename'>]-?: (
    expected: Filter[Field],
    filter: Filter,
  ) => readonly Predicate<Row, Joined>[];
};

/** Every filter is evaluated for every row. */
const maxFilters = 100;

/**
 * Compiles a filter with its `and`, `or` and `not`; null if it sets no predicate.
 *
 * @param name of the argument, for errors
 * @param fields one entry per field, checked by the compiler
 * @throws CallerError for too many combined filters
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
      // A filter without predicates always holds.
      if (!choices.includes(null)) predicates.push(some(present(choices)));
    }
    if (not) {
      const excluded = compile(not);
      predicates.push(excluded === null ? never : negate(excluded));
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
    let result: Ternary = true;
    for (const predicate of predicates) {
      const each = predicate(row, joined);
      if (each === false) return false;
      if (each === null) result = null;
    }
    return result;
  };
}

function some<Row, Joined>(predicates: readonly Predicate<Row, Joined>[]): Predicate<Row, Joined> {
  return (row, joined) => {
    let result: Ternary = false;
    for (const predicate of predicates) {
      const each = predicate(row, joined);
      if (each === true) return true;
      if (each === null) result = null;
    }
    return result;
  };
}

function negate<Row, Joined>(predicate: Predicate<Row, Joined>): Predicate<Row, Joined> {
  return (row, joined) => {
    const result = predicate(row, joined);
    return result === null ? null : !result;
  };
}

/** Predicates of a filter's own fields, or of an input object in a filter. */
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

/** Equality of texts regardless of case; a blank matches rows without text. Null or undefined sets no predicate. */
export function isText<Row>(
  expected: string | null | undefined,
  textOf: (row: Row) => string | null,
): Predicate<Row>[] {
  if (expected === null || expected === undefined) return [];
  if (expected.trim() === '') return [(row) => (textOf(row) ?? '').trim() === ''];
  const folded = foldText(expected);
  return [
    (row) => {
      const text = textOf(row);
      return text !== null && foldText(text) === folded;
    },
  ];
}

/** Equality of values; null or undefined sets no predicate. */
export function isValue<Row, Value>(
  expected: Value | null | undefined,
  valueOf: (row: Row) => Value | null,
): Predicate<Row>[] {
  return expected === null || expected === undefined ? [] : [(row) => valueOf(row) === expected];
}

/** Substring of one of a row's texts, regardless of case; null, undefined and blanks set no predicate. */
export function contains<Row>(
  expected: string | null | undefined,
  textsOf: (row: Row) => readonly (string | null)[],
): Predicate<Row>[] {
  const folded = foldText(expected ?? '').trim();
  if (folded === '') return [];
  return [(row) => textsOf(row).some((text) => text !== null && foldText(text).includes(folded))];
}

/** Membership in a list of names, regardless of case; null or undefined sets no predicate. */
export function isOneOf<Row>(
  expected: readonly string[] | null | undefined,
  nameOf: (row: Row) => string,
): Predicate<Row>[] {
  if (expected === null || expected === undefined) return [];
  const names = new Set(expected.map(foldName));
  return [(row) => names.has(foldName(nameOf(row)))];
}

/** Bounds are inclusive; null or undefined leaves a side open. */
interface NumberRange {
  readonly min?: number | null | undefined;
  readonly max?: number | null | undefined;
}

/**
 * Range of a number; null, undefined or a range without bounds sets no predicate.
 *
 * @param name of the range, for errors
 * @param numberOf undefined until it is known
 * @throws CallerError if `min` is above `max`
 */
export function isWithin<Row, Joined = unknown>(
  name: string,
  expected: NumberRange | null | undefined,
  numberOf: (row: Row, joined: Joined | null | undefined) => number | null | undefined,
): Predicate<Row, Joined>[] {
  const [min = null, max = null] = [expected?.min, expected?.max];
  if (min !== null && max !== null && min > max) {
    throw new CallerError(`${name}: expected a min that is not above max, but got ${min} and ${max}.`);
  }
  return isBetween(min, max, numberOf);
}

/** Instants or days as texts of the scalar DateTime. Bounds are inclusive; null or undefined leaves a side open. */
interface InstantRange {
  readonly from?: string | null | undefined;
  readonly to?: string | null | undefined;
}

/**
 * Range of an RFC 3339 instant, like `isWithin`.
 *
 * @throws CallerError if `from` is after `to`
 */
export function isDuring<Row>(
  name: string,
  expected: InstantRange | null | undefined,
  instantOf: (row: Row) => string | null,
): Predicate<Row>[] {
  const [from = null, to = null] = [expected?.from, expected?.to];
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

/** @param ofDay time of day to use if the text is a day */
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
