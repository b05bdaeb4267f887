/** Promised values: values that settle in the same tick are completed together. */
import { scatter, type ResultCell } from './cells.ts';
import { Thrown, type MaybePromise } from '../maybe-promise.ts';

/** Cells of a column with promises at the `late` positions; `complete` serializes settled values. */
export function completeAsync(
  values: readonly unknown[],
  late: readonly number[],
  complete: (positions: readonly number[], settled: readonly unknown[]) => MaybePromise<ResultCell[]>,
): Promise<ResultCell[]> {
  const cells = new Array<ResultCell>(values.length);
  return new Promise((resolve, reject) => {
    let left = values.length;
    const finish = async (positions: readonly number[], settled: readonly unknown[]) => {
      scatter(cells, positions, await complete(positions, settled));
      left -= positions.length;
      if (left === 0) resolve(cells);
    };
    if (late.length < values.length) {
      const isLate = new Set(late);
      const early = [...values.keys()].filter((position) => !isLate.has(position));
      const present = early.map((position) => values[position]);
      finish(early, present).catch(reject);
    }
    let positions: number[] = [];
    let settled: unknown[] = [];
    const arrive = (position: number, value: unknown) => {
      // Runs after all values of the tick have settled.
      if (positions.length === 0) {
        process.nextTick(() => {
          const arrived = [positions, settled] as const;
          [positions, settled] = [[], []];
          finish(...arrived).catch(reject);
        });
      }
      positions.push(position);
      settled.push(value);
    };
    for (const position of late) {
      (values[position] as Promise<unknown>).then(
        (value) => {
          arrive(position, value);
        },
        (reason: unknown) => {
          arrive(position, new Thrown(reason));
        },
      );
    }
  });
}
