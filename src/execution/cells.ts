/** Written values of a column, and their assembly into objects and lists. */
import { locatedError, responsePathAsArray, type GraphQLError } from 'graphql';
import { orderAt, pathAt, type Frame } from './frame.ts';
import type { Template } from './plan.ts';

/** Reason why there is no value, on its way up to the nearest nullable position; located only if it is listed. */
export class Failure {
  readonly reason: unknown;
  readonly frame: Frame;
  readonly position: number;

  constructor(reason: unknown, frame: Frame, position: number) {
    this.reason = reason;
    this.frame = frame;
    this.position = position;
  }

  /** Never throws, whatever the reason is made of. */
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

/** JSON text, or the reason why there is none. */
export type Cell = string | Failure;

/**
 * Texts of objects; the first failure in place of an object that has one. Flattening each string here takes longer in
 * total than flattening the whole response at once, but can be interrupted.
 */
export function assemble(
  { columns, suffix }: Template,
  cells: readonly (readonly Cell[])[],
  count: number,
  flattenStrings: boolean,
): Cell[] {
  const objects = new Array<Cell>(count);
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
    // Reading a character flattens. Longer texts contain rows, and would be flattened again at each level.
    if (flattenStrings && text.length < maxFlattened) text.charCodeAt(0);
    objects[position] = failure ?? text;
  }
  return objects;
}

const maxFlattened = 4096;

/** Copies the cells of a part to their positions. */
export function place(cells: Cell[], positions: readonly number[], part: readonly Cell[]): Cell[] {
  positions.forEach((position, index) => (cells[position] = part[index] ?? 'null'));
  return cells;
}

/** Positions of a list's items, or the reason why there is no list. */
export type Span = { readonly start: number; readonly end: number } | Failure;

/** Texts of lists; the first failure in place of a list that has one. */
export function join(items: readonly Cell[], spans: readonly Span[]): Cell[] {
  return spans.map((span) => {
    if (span instanceof Failure) return span;
    let text = '[';
    for (let index = span.start; index < span.end; index++) {
      const item = items[index] ?? 'null';
      if (item instanceof Failure) return item;
      text += index === span.start ? item : `,${item}`;
    }
    return `${text}]`;
  });
}

/** Errors in the response's order. Their own stacks show only this, and thousands of them take long to write. */
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
