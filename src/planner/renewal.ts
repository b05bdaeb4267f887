/**
 * Stale-while-revalidate: renews what was served stale, once for all who are served the same at the same time, and for
 * the wants of one tick together.
 */
import type { ListSource, Recall } from './at-hand.ts';
import type { PageNumber } from './list-memory.ts';
import { ListReader } from './list-reader.ts';
import type { Demand, Want } from './want.ts';

/**
 * @param renewals names of what is being renewed, for all operations
 * @param createSource reads the upstream whatever memory has
 */
export function createRenewal<Row>(
  renewals: Set<string>,
  createSource: () => ListSource<Row>,
): (recall: Recall<Row>) => void {
  let waiting: Demand[] = [];
  const settle = (names: readonly string[], renewal: Promise<unknown>) => {
    const forget = () => {
      for (const name of names) renewals.delete(name);
    };
    // What could not be renewed is stale for the next one as well, who tries again.
    renewal.then(forget, forget);
  };
  const renewWaiting = () => {
    const demands = waiting;
    waiting = [];
    settle(
      demands.map(({ want }) => nameOfWant(want)),
      new ListReader(createSource()).find(demands),
    );
  };
  return (recall) => {
    const name = 'page' in recall ? nameOfPage(recall.page) : nameOfWant(recall.want);
    if (renewals.has(name)) return;
    renewals.add(name);
    if ('page' in recall) {
      settle([name], createSource().fetch({ ...recall.page, filter: null }, []));
    } else {
      if (waiting.length === 0) setImmediate(renewWaiting);
      waiting.push({ want: recall.want, causes: [] });
    }
  };
}

function nameOfPage({ pageIndex, pageSize }: PageNumber): string {
  return `page ${pageIndex} of ${pageSize}`;
}

function nameOfWant(want: Want): string {
  return want.map(({ index }) => index).join(' ');
}
