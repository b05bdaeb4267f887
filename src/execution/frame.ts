/** Where the values of a column stand in the answer, told only where somebody asks. */
import type { Path } from './batch.ts';

/** Each value stands below one position of the frame above. */
export interface Frame {
  readonly above: Frame | null;
  /** By position, the position above; null where they are the same. */
  readonly parents: readonly number[] | null;
  /** A field's name, by position the index in a list, or nothing where it is a part of the frame above. */
  readonly step:
    | { readonly key: string; readonly order: number; readonly typename: string }
    | { readonly indexes: readonly number[] }
    | null;
}

export const rootFrame: Frame = { above: null, parents: null, step: null };

/** Some positions of a frame. */
export function partOf(above: Frame, parents: readonly number[]): Frame {
  return { above, parents, step: null };
}

/** As graphql-js links it. */
export function pathAt(frame: Frame, position: number): Path {
  const path = linkAt(frame, position);
  if (path === undefined) throw new Error('The root has no path.');
  return path;
}

function linkAt(frame: Frame | null, position: number): Path | undefined {
  if (frame === null) return undefined;
  const { step, parents, above } = frame;
  const prev = linkAt(above, parents === null ? position : (parents[position] ?? 0));
  if (step === null) return prev;
  return 'key' in step
    ? { prev, key: step.key, typename: step.typename }
    : { prev, key: step.indexes[position] ?? 0, typename: undefined };
}

/** As an error tells it, and what puts errors into the answer's order. */
export function placeAt(
  frame: Frame,
  position: number,
): { readonly path: (string | number)[]; readonly order: number[] } {
  const path: (string | number)[] = [];
  const order: number[] = [];
  let at: Frame | null = frame;
  let index = position;
  while (at !== null) {
    const { step, parents, above }: Frame = at;
    if (step !== null) {
      const isField = 'key' in step;
      path.push(isField ? step.key : (step.indexes[index] ?? 0));
      order.push(isField ? step.order : (step.indexes[index] ?? 0));
    }
    if (parents !== null) index = parents[index] ?? 0;
    at = above;
  }
  return { path: path.reverse(), order: order.reverse() };
}
