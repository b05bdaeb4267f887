/** What one search for rows has come to so far: rows found, rows that are known not to exist, and what is still open. */
import { UpstreamError } from '../errors.ts';
import type { AtHand, Remembered, UsableFreshness } from './at-hand.ts';
import type { Occasion } from './freshness.ts';
import type { ListAnswer } from './list-memory.ts';
import type { Demand, Match } from './want.ts';

/** Demands that are not settled, with the matches that are left to try, best first. */
export type OpenDemands = ReadonlyMap<Demand, readonly Match[]>;

type Outcome<Row> =
  /** `name` is the one the row was found under. */
  | { readonly row: Row; readonly name: string; readonly recalled: Remembered<Row> | null }
  | { readonly row: null; readonly recalled: Remembered<Row> | null }
  | { readonly untried: readonly Match[] };

export class Settlement<Row> {
  readonly #atHand: AtHand<Row>;
  readonly #demands: readonly Demand[];
  readonly #rows = new Map<Demand, Row | null>();
  readonly #failures = new Map<Demand, UpstreamError>();
  readonly #isFresh = ({ sentAt }: ListAnswer<Row>) =>
    this.#atHand.source.peekFreshness(sentAt, 'present', 'usual') === 'fresh';
  #open: OpenDemands = new Map();
  #stepsSettled = 0;

  constructor(atHand: AtHand<Row>, demands: readonly Demand[]) {
    this.#atHand = atHand;
    this.#demands = demands;
  }

  get open(): OpenDemands {
    return this.#open;
  }

  /** Whether something has come since it was begun to settle what can be. */
  isOutdated(): boolean {
    return this.#atHand.steps > this.#stepsSettled;
  }

  get hasFailures(): boolean {
    return this.#failures.size > 0;
  }

  /** In the order of the demands: a row, null where there is none, or the error of the call that would have told. */
  get results(): (Row | null | UpstreamError)[] {
    return this.#demands.map((demand) => {
      const row = this.#rows.get(demand);
      return row === undefined ? (this.#failures.get(demand) ?? null) : row;
    });
  }

  /** Waits for a call; if it fails, these demands have failed with it. Rejects where the fault is the gateway's own. */
  async failing(demands: Iterable<Demand>, call: Promise<void>): Promise<void> {
    try {
      await call;
    } catch (error) {
      if (!(error instanceof UpstreamError)) throw error;
      for (const demand of demands) this.#failures.set(demand, error);
    }
  }

  /** Whether all of these demands can be settled with what is at hand by now. */
  couldSettle(demands: readonly Demand[]): boolean {
    const isWhole = () => this.#isWhole('usual');
    return demands.every((demand) => !('untried' in this.#outcomeOf(demand, 'usual', isWhole)));
  }

  /**
   * Settles what can be with what is at hand by now. Of many demands, somebody else may have a turn in between; rejects
   * with UpstreamError where the operation has ended meanwhile.
   */
  async settle(): Promise<void> {
    this.#stepsSettled = this.#atHand.steps;
    const pace = this.#atHand.source.pace();
    const open = new Map<Demand, readonly Match[]>();
    // Whether the whole list is at hand is only worth finding out where a row is not, and once.
    let whole: UsableFreshness | null | undefined;
    const isWhole = () => (whole === undefined ? (whole = this.#isWhole('usual')) : whole);
    for (const demand of this.#demands) {
      if (this.#rows.has(demand)) continue;
      if (pace.shouldYield) {
        await pace.yield();
        // What was at hand may have gone.
        whole = undefined;
      }
      const untried = this.#settleOne(demand, 'usual', isWhole);
      if (untried.length > 0) open.set(demand, untried);
    }
    for (const [demand, failure] of this.#failures) {
      // What other calls have settled needs no call that failed, and what memory still has is better than nothing.
      if (open.delete(demand) && failure.retryable)
        this.#settleOne(demand, 'last-resort', () => this.#isWhole('last-resort'));
    }
    this.#open = open;
  }

  #settleOne(demand: Demand, occasion: Occasion, isWhole: () => UsableFreshness | null): readonly Match[] {
    const outcome = this.#outcomeOf(demand, occasion, isWhole);
    if ('untried' in outcome) return outcome.untried;
    this.#rows.set(demand, outcome.row);
    if (outcome.recalled !== null) {
      const { want, causes } = demand;
      const names = 'name' in outcome ? [outcome.name] : want.map(({ index }) => index);
      this.#atHand.source.onRecall({ ...outcome.recalled, want, names, occasion, causes });
    }
    return [];
  }

  #outcomeOf(demand: Demand, occasion: Occasion, isWhole: () => UsableFreshness | null): Outcome<Row> {
    const { fetched: own, shelf, source } = this.#atHand;
    if (demand.firstName !== undefined) {
      const first = this.#atHand.row(demand.firstName);
      if (first !== undefined) return { row: first, name: demand.firstName, recalled: null };
    }
    const { want } = demand;
    const { memory } = source;
    const { isFetched } = this.#atHand;
    let recalled: Remembered<Row> | null = null;
    for (const [position, { index, opportunistic }] of want.entries()) {
      const fetched = this.#atHand.row(index);
      if (fetched !== undefined) return { row: fetched, name: index, recalled };
      if (isFetched) continue;
      const row = memory.row(index, this.#isFresh);
      const freshness = this.#atHand.freshnessOf(row?.answer, 'present', occasion);
      if (row !== undefined && freshness !== 'expired') {
        const found = staler(recalled, { answer: row.answer, freshness });
        return { row: row.row, name: index, recalled: found };
      }
      if (own.absence(index) !== undefined) continue;
      const absence = memory.absence(index);
      const absenceFreshness = this.#atHand.freshnessOf(absence, 'absent', occasion);
      if (absence !== undefined && absenceFreshness !== 'expired') {
        recalled = staler(recalled, { answer: absence, freshness: absenceFreshness });
        continue;
      }
      // A page that was taken from memory may be older than memory's rows may be, or gone from there by now.
      const shelved = shelf.isComplete ? this.#atHand.recalledRow(index) : undefined;
      if (shelved !== undefined) return { row: shelved, name: index, recalled };
      if (opportunistic) continue;
      const whole = isWhole();
      if (whole === null) return { untried: want.slice(position).filter((match) => this.#isOpen(match)) };
      if (!shelf.isComplete) recalled = staler(recalled, { answer: null, freshness: whole });
    }
    return { row: null, recalled };
  }

  #isOpen({ index, opportunistic }: Match): boolean {
    if (opportunistic || this.#atHand.fetched.absence(index) !== undefined) return false;
    return (
      this.#atHand.freshnessOf(this.#atHand.source.memory.absence(index), 'absent', 'usual') === 'expired'
    );
  }

  #isWhole(occasion: Occasion): UsableFreshness | null {
    if (this.#atHand.shelf.isComplete) {
      this.#atHand.useLength();
      return 'fresh';
    }
    const { memory, freshnessOf } = this.#atHand.source;
    const oldest = memory.wholeSince;
    const freshness = oldest === null ? 'expired' : freshnessOf(oldest, 'present', occasion);
    return freshness === 'expired' ? null : freshness;
  }
}

function staler<Row>(left: Remembered<Row> | null, right: Remembered<Row>): Remembered<Row> {
  return left?.freshness === 'stale' ? left : right;
}
