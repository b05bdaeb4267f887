/** The written values of a column, and how they become objects and lists. */
import { locatedError, type GraphQLError } from 'graphql';
import { placeAt, type Frame } from './frame.ts';
import type { FieldPlan } from './plan.ts';

/** A value that an error has cost, on its way up to a place that may be null. */
export class Failure {
  readonly error: GraphQLError;
  readonly order: readonly number[];

  constructor(error: GraphQLError, order: readonly number[]) {
    this.error = error;
    this.order = order;
  }
}

/** JSON, or that there is none. */
export type Cell = string | Failure;

/**
 * Objects without their last brace; of one that lacks what it must have, the first failure.
 *
 * @param isPutTogether whether their texts are put together here, while objects take turns, and not for all at once when
 *   the answer is sent: that takes longer, but not at a stretch
 */
export function assemble(
  prefixes: readonly string[],
  columns: readonly (readonly Cell[])[],
  count: number,
  isPutTogether: boolean,
): Cell[] {
  const objects = new Array<Cell>(count);
  for (let position = 0; position < count; position++) {
    let text = '';
    let failure: Failure | null = null;
    for (let index = 0; index < prefixes.length; index++) {
      const cell = columns[index]?.[position] ?? 'null';
      if (cell instanceof Failure) {
        failure = cell;
        break;
      }
      text += (prefixes[index] ?? '') + cell;
    }
    objects[position] = failure ?? (isPutTogether ? flat(text) : text);
  }
  return objects;
}

/** An object of which no field was selected has not even the first brace. */
export function close(objects: Cell[]): Cell[] {
  return objects.map((cell) => (cell instanceof Failure ? cell : cell === '' ? '{}' : `${cell}}`));
}

/** @param ends by list, behind its last item, or why it is none */
export function join(items: readonly Cell[], ends: readonly (number | Failure)[]): Cell[] {
  let start = 0;
  return ends.map((end) => {
    if (end instanceof Failure) return end;
    let text = '[';
    let failure: Failure | null = null;
    for (let index = start; index < end; index++) {
      const item = items[index] ?? 'null';
      if (item instanceof Failure) {
        failure = item;
        break;
      }
      text += index === start ? item : `,${item}`;
    }
    start = end;
    return failure ?? `${text}]`;
  });
}

/** What looks into a text that was made of many makes it one. */
function flat(text: string): string {
  if (text.length < longestRow) text.charCodeAt(0);
  return text;
}

/** What is longer has rows within it, and would be put together once at each level. */
const longestRow = 4096;

/** The failure of one value of a field. */
export function failureAt(reason: unknown, { nodes }: FieldPlan, frame: Frame, position: number): Failure {
  const { path, order } = placeAt(frame, position);
  return new Failure(locatedError(reason, nodes, path), order);
}

/** Puts failures into the answer's order. */
export function byOrder({ order: left }: Failure, { order: right }: Failure): number {
  for (let index = 0; index < Math.min(left.length, right.length); index++) {
    const difference = (left[index] ?? 0) - (right[index] ?? 0);
    if (difference !== 0) return difference;
  }
  return left.length - right.length;
}
