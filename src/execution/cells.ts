/** Serialized values of a column, and their assembly into objects and lists. */
import { locatedError, responsePathAsArray, type GraphQLError } from 'graphql';
import { orderAt, pathAt, type Frame } from './frame.ts';
import type { Template } from './plan.ts';

/** Missing value, propagated to the nearest nullable position; located only if it is reported. */
export class Failure {
  readonly reason: unknown;
  readonly frame: Frame;
  readonly position: number;

  constructor(reason: unknown, frame: Frame, position: number) {
    this.reason = reason;
    this.frame = frame;
    this.position = position;
  }

  /** Never throws, whatever the reason. */
  locate(): GraphQLError {
    const { nodes } = this.frame.field;
    const path = responsePathAsArray(pathAt(this.frame, this.position));
    try {
      return locatedError(this.reason, nodes, path);
    } catch {
      return locatedError(new Error('Unexpected error value.'), nodes, path);
    }
  }
}

/** JSON text, or the failure in its place. */
export type ResultCell = string | Failure;

/**
 * Texts of objects, or each object's first failure. Flattening every string here takes longer in total than flattening
 * the whole response once, but can be interrupted.
 */
export function assemble(
  { columns, suffix }: Template,
  cells: readonly (readonly ResultCell[])[],
  count: number,
  flattenStrings: boolean,
): ResultCell[] {
  const objects = new Array<ResultCell>(count);
  for (let position = 0; position < count; position++) {
    let text = '';
    let failure: Failure | null = null;
    for (let index = 0; index < columns.length; index++) {
      const cell = cells[index]?.[position] ?? 'null';
      if (cell instanceof Failure) {
        failure = cell;
        break;
      }
      text += (columns[index]?.prefix ?? '') + cell;
    }
    text += suffix;
    // Reading a character flattens the string. Longer texts contain rows that are already flat, and would be copied
    // again at each level.
    if (flattenStrings && text.length < maxFlattened) text.charCodeAt(0);
    objects[position] = failure ?? text;
  }
  return objects;
}

const maxFlattened = 4096;

export function scatter(
  cells: ResultCell[],
  positions: readonly number[],
  part: readonly ResultCell[],
): ResultCell[] {
  positions.forEach((position, index) => (cells[position] = part[index] ?? 'null'));
  return cells;
}

/** Range of a list's items among the cells, or the failure of the list. */
export type ItemRange = { readonly start: number; readonly end: number } | Failure;

/** Texts of lists, or each list's first failure. */
export function join(items: readonly ResultCell[], itemRanges: readonly ItemRange[]): ResultCell[] {
  return itemRanges.map((itemRange) => {
    if (itemRange instanceof Failure) return itemRange;
    let text = '[';
    for (let index = itemRange.start; index < itemRange.end; index++) {
      const item = items[index] ?? 'null';
      if (item instanceof Failure) return item;
      text += index === itemRange.start ? item : `,${item}`;
    }
    return `${text}]`;
  });
}

/** Errors in response order, without stacks: thousands of stacks would take long. */
export function locateAll(failures: readonly Failure[]): GraphQLError[] {
  const { stackTraceLimit } = Error;
  Error.stackTraceLimit = 0;
  const ordered = failures.map((failure) => ({ failure, order: orderAt(failure.frame, failure.position) }));
  ordered.sort((left, right) => compareOrders(left.order, right.order));
  const errors = ordered.map(({ failure }) => failure.locate());
  Error.stackTraceLimit = stackTraceLimit;
  return errors;
}

function compareOrders(left: readonly number[], right: readonly number[]): number {
  const index = left.findIndex((number, at) => number !== right[at]);
  return index < 0 ? left.length - right.length : (left[index] ?? 0) - (right[index] ?? -1);
}
