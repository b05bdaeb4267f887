/** Positions of a column's values in the response. Paths are built on demand. */
import type { FieldPlan } from './plan.ts';
import type { Path } from './resolver-kinds.ts';

export interface Frame {
  readonly field: FieldPlan;
  /** Frame of the objects or lists that contain the values; null at the root. */
  readonly above: Frame | null;
  /** Position in the frame above, by position; null if both are the same. */
  readonly parents: readonly number[] | null;
  /** Index in a list, by position; null for the values of the field itself. */
  readonly indexes: readonly number[] | null;
}

export function partOf({ field, above, parents, indexes }: Frame, positions: readonly number[]): Frame {
  return {
    field,
    above,
    parents: parents === null ? positions : positions.map((position) => parents[position] ?? 0),
    indexes: indexes && positions.map((position) => indexes[position] ?? 0),
  };
}

/** Path in the linked form of graphql-js. */
export function pathAt({ field, above, parents, indexes }: Frame, position: number): Path {
  const prev =
    above === null ? undefined : pathAt(above, parents === null ? position : (parents[position] ?? 0));
  return indexes === null
    ? { prev, key: field.key, typename: field.parentType.name }
    : { prev, key: indexes[position] ?? 0, typename: undefined };
}

/** Sort key that puts errors into response order. */
export function orderAt(frame: Frame, position: number): readonly number[] {
  const order: number[] = [];
  let index = position;
  for (let at: Frame | null = frame; at !== null; at = at.above) {
    order.push(at.indexes === null ? at.field.order : (at.indexes[index] ?? 0));
    if (at.parents !== null) index = at.parents[index] ?? 0;
  }
  return order.reverse();
}
