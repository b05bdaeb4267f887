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

/**
 * JSON text in pieces. V8 allocates long strings separately; their page faults took a quarter of the CPU time of a
 * response of a thousand rows.
 */
export class LongText {
  readonly pieces: readonly string[];

  constructor(pieces: readonly string[]) {
    this.pieces = pieces;
  }
}

/**
 * Length at which a text is cut. Two-byte strings of this length are still below 128 KiB, above which V8 allocates each
 * string separately.
 */
const minPiece = 60 * 1024;

/** JSON text, or the failure in its place. */
export type ResultCell = string | LongText | Failure;

/**
 * Texts of objects, or each object's first failure. Flattening each object takes longer in total than flattening whole
 * pieces, but can be interrupted.
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
    let pieces: string[] | null = null;
    let failure: Failure | null = null;
    for (let index = 0; index < columns.length; index++) {
      const cell = cells[index]?.[position] ?? 'null';
      const prefix = columns[index]?.prefix ?? '';
      if (typeof cell === 'string') {
        text += prefix + cell;
        if (text.length < minPiece) continue;
        (pieces ??= []).push(flatten(text));
        text = '';
      } else if (cell instanceof LongText) {
        (pieces ??= []).push(text + prefix, ...cell.pieces);
        text = '';
      } else {
        failure = cell;
        break;
      }
    }
    text += suffix;
    // Longer texts contain rows that are already flat, and would be copied again at each level.
    if (flattenStrings && text.length < maxFlattened) flatten(text);
    objects[position] = failure ?? (pieces === null ? text : new LongText([...pieces, text]));
  }
  return objects;
}

const maxFlattened = 4096;

/** Returns the text, whose parts V8 joins when a character is read. */
function flatten(text: string): string {
  text.charCodeAt(0);
  return text;
}

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
    const pieces: string[] = [];
    for (let index = itemRange.start; index < itemRange.end; index++) {
      const item = items[index] ?? 'null';
      if (item instanceof Failure) return item;
      if (index > itemRange.start) text += ',';
      if (typeof item === 'string') {
        text += item;
      } else {
        pieces.push(text, ...item.pieces);
        text = '';
      }
      if (text.length < minPiece) continue;
      pieces.push(flatten(text));
      text = '';
    }
    text += ']';
    return pieces.length === 0 ? text : new LongText([...pieces, text]);
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
