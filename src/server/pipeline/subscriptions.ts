/** Limits running subscriptions and exports: in total, for each caller, and to the validity of the caller's credential. */
import type { FastifyRequest } from 'fastify';
import { permissionsKeyOf, type Callers } from '../../callers/callers.ts';
import { Refusal, UnavailableError } from '../../errors.ts';
import { RequestRefusal } from './refusals.ts';
import { callerOf, type RequestState } from './request-state.ts';

/** Interval of checks of a caller's credential, besides those with each result. */
const checkEveryMs = 1000;

const permissionsChanged = 'The permissions of this credential have changed. Send the request again.';

export interface SubscriptionsOptions {
  readonly callers: Callers;
  readonly maxSubscriptions: number;
  /** Limit for one caller; null if callers are anonymous. */
  readonly maxSubscriptionsPerCaller: number | null;
}

export class Subscriptions {
  readonly #options: SubscriptionsOptions;
  readonly #byCaller = new Map<string, number>();
  count = 0;

  constructor(options: SubscriptionsOptions) {
    this.#options = options;
  }

  /** Counts a subscription or export until its response is closed. Throws an UnavailableError if too many are running. */
  admit(state: RequestState): void {
    const { maxSubscriptions, maxSubscriptionsPerCaller } = this.#options;
    const { name } = callerOf(state).viewer;
    const ofCaller = this.#byCaller.get(name) ?? 0;
    if (ofCaller >= (maxSubscriptionsPerCaller ?? Infinity)) {
      const message = `You have ${ofCaller} subscriptions and exports; end one, or retry later.`;
      throw new UnavailableError('OVERLOADED', message);
    }
    if (this.count >= maxSubscriptions) throw new UnavailableError('OVERLOADED');
    this.#change(name, 1);
    state.whenClosed(() => {
      this.#change(name, -1);
    });
  }

  /** Yields results of an admitted subscription. Throws a Refusal when the caller's credential becomes invalid. */
  async *run<Result>(request: FastifyRequest, results: AsyncIterable<Result>): AsyncGenerator<Result> {
    const check = setInterval(() => {
      this.#checkCaller(request).catch(() => undefined);
    }, checkEveryMs);
    try {
      for await (const result of results) {
        await this.#checkCaller(request);
        yield result;
      }
      // A check in between may have ended the results.
      await this.#checkCaller(request);
    } finally {
      clearInterval(check);
    }
  }

  /** Ends the operation if the credential is no longer valid. @throws Refusal */
  async #checkCaller({ headers, state }: FastifyRequest): Promise<void> {
    try {
      const caller = await this.#options.callers.identify(headers);
      if (permissionsKeyOf(caller) !== permissionsKeyOf(callerOf(state)))
        throw new RequestRefusal(permissionsChanged, 401, 'UNAUTHENTICATED');
    } catch (error) {
      if (!(error instanceof Refusal) || error.status !== 401) return;
      state.endOperation();
      throw error;
    }
  }

  #change(name: string, difference: 1 | -1): void {
    this.count += difference;
    const left = (this.#byCaller.get(name) ?? 0) + difference;
    if (left === 0) this.#byCaller.delete(name);
    else this.#byCaller.set(name, left);
  }
}
