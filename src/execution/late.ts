/** Values that come late: each goes on by itself, together with what comes in the same tick. */
import type { Cell } from './cells.ts';
import type { MaybePromise } from './maybe-promise.ts';
import { Thrown } from './resolution.ts';

/**
 * The cells of a column some of whose values are promises.
 *
 * @param late the positions of those
 * @param complete makes cells of the settled values of these positions
 */
export function completeLate(
  values: readonly unknown[],
  late: readonly number[],
  complete: (positions: readonly number[], settled: readonly unknown[]) => MaybePromise<Cell[]>,
): Promise<Cell[]> {
  const cells = new Array<Cell>(values.length);
  const place = async (positions: readonly number[], settled: readonly unknown[]) => {
    const part = await complete(positions, settled);
    positions.forEach((position, index) => (cells[position] = part[index] ?? 'null'));
  };
  return new Promise((resolve, reject) => {
    let left = values.length;
    const finish = (positions: readonly number[], settled: readonly unknown[]) => {
      place(positions, settled).then(() => {
        left -= positions.length;
        if (left === 0) resolve(cells);
      }, reject);
    };
    if (late.length < values.length) {
      const isLate = new Set(late);
      const early = [...values.keys()].filter((position) => !isLate.has(position));
      finish(
        early,
        early.map((position) => values[position]),
      );
    }
    let arrived: { readonly position: number; readonly settled: unknown }[] = [];
    const arrive = (position: number, settled: unknown) => {
      // After all that comes in this tick.
      if (arrived.length === 0) {
        process.nextTick(() => {
          const all = arrived;
          arrived = [];
          finish(
            all.map((each) => each.position),
            all.map((each) => each.settled),
          );
        });
      }
      arrived.push({ position, settled });
    };
    for (const position of late) {
      (values[position] as PromiseLike<unknown>).then(
        (settled) => {
          arrive(position, settled);
        },
        (reason: unknown) => {
          arrive(position, new Thrown(reason));
        },
      );
    }
  });
}
