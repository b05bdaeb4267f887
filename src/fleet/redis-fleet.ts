/**
 * Instances of the gateway share answers, calls and rates over Redis. Redis is optional: without it each instance works
 * alone.
 * A shared call is a key with a lease, which expires if the instance dies. An answer is a key. Each list has a stream
 * of events, through which an instance finds answers of calls that it would not have made. Invalid values are misses,
 * and are removed.
 */
import { createHash, randomUUID } from 'node:crypto';
import { clockShiftMs, monotonicClock } from '../clock.ts';
import type {
  Dated,
  Fleet,
  SharedFetch,
  SharedResult,
  ListName,
  ListUpdates,
  ListEvent,
} from '../planner/fleet.ts';
import type { CapabilitiesState } from '../planner/deployment-capabilities.ts';
import type { Allowance, TokenGrant } from '../tokens.ts';
import {
  decodeRemoteCall,
  decodeGrant,
  decodeCapabilities,
  decodeCompletion,
  decodeListEvent,
  decodeSignal,
  isDated,
  type Completion,
  type Signal,
} from './decode.ts';
import { failureOf, completionOfError, CompletionWatch } from './completions.ts';
import type { RedisConnection } from './redis-connection.ts';
import {
  answersScript,
  evaluate,
  leaseScript,
  listOf,
  eventsScript,
  releaseScript,
  renewScript,
  takeScript,
} from './scripts.ts';
import { seal, unseal } from './seal.ts';

interface RedisFleetOptions {
  readonly redis: RedisConnection;
  /** Prefix of all keys and channels; incompatible instances have different ones. */
  readonly prefix: string;
  /** Offset of the time of day from this instance's times, in milliseconds. See `clockShiftMs`. */
  readonly shiftMs?: () => number;
  /** Milliseconds since the epoch; monotonic. */
  readonly clock?: () => number;
}

/** Calls of a dead instance can be taken over after this time. */
const leaseMs = 5000;
const capabilitiesLifeMs = 15 * 60_000;
/** A date further ahead was written before a clock was set back; it is ignored. */
const maxAheadMs = 2000;
/** Minimum lifetime, so that an instance that waits for a call finds its answer. */
const minLifeMs = 5000;
/** Maximum events of one list, and of one read. */
const maxEvents = 256;
/** Larger answers are not shared. */
const maxAnswerBytes = 32 * 1024 * 1024;
/** Limit for all answers of one `readEvents`. */
const maxAnswersBytes = 128 * 1024 * 1024;
/** Limit of an event, published capabilities, or a message. */
const maxEventBytes = 256 * 1024;

export class RedisFleet implements Fleet {
  readonly #redis: RedisConnection;
  readonly #prefix: string;
  /** Shared dates use the time of day. */
  readonly #shiftMs: () => number;
  readonly #clock: () => number;
  readonly #instance = randomUUID();
  readonly #completions = new CompletionWatch();
  readonly #listeners = new Set<(signal: Signal) => void>();

  constructor({ redis, prefix, shiftMs = clockShiftMs, clock = monotonicClock }: RedisFleetOptions) {
    this.#redis = redis;
    this.#prefix = prefix;
    this.#shiftMs = shiftMs;
    this.#clock = clock;
    this.#listen('completions', (value) => {
      const completion = decodeCompletion(value);
      if (completion !== null) this.#completions.report(completion);
    });
    this.#listen('signals', (value) => {
      const signal = decodeSignal(value);
      if (signal === null || signal.from === this.#instance) return;
      for (const listener of this.#listeners) listener(signal);
    });
  }

  async fetchShared<Answer extends Dated>(
    key: string,
    fetch: SharedFetch<Answer>,
    call: () => Promise<Answer>,
  ): Promise<SharedResult<Answer>> {
    const name = hashOf(key);
    const lease = this.#name('lease', name);
    const [answerKey, failureKey] = [this.#name('answer', name), this.#name('failure', name)];
    const mark = randomUUID();
    /** Mark of the call that was last waited for. */
    let awaited: string | null = null;
    const accepts = (sentAt: number) =>
      fetch.accepts(sentAt) || (awaited !== null && sentAt >= fetch.joinsFrom);
    const failureIn = (completion: Completion | null) => {
      if (completion?.kind !== 'failed' || completion.mark !== awaited) return null;
      const startedAt = this.#ownTimeOf(completion.startedAt);
      return startedAt !== null && startedAt >= fetch.joinsFrom ? failureOf(completion.error) : null;
    };
    while (!fetch.signal.aborted) {
      // Starts before the request, so that no completion is missed.
      const watch = this.#completions.watch(name, fetch.signal);
      // The script that acquires the lease also reads the answer and the failure, because they are written together
      // with the release of the lease.
      const found = await this.#redis.send(
        evaluate(leaseScript, [lease, answerKey, failureKey], [mark, leaseMs, maxAnswerBytes, maxEventBytes]),
      );
      const [holder, text, failureText] = listOf(found?.[0]);
      const isLeased = holder === mark;
      const shared = unseal(answerKey, text);
      const value = isDated(shared) ? this.#datedIn(shared) : null;
      const answer = value !== null && accepts(value.sentAt) ? fetch.revive(value) : null;
      const isFound = answer !== null;
      const failure = isFound ? null : failureIn(decodeCompletion(unseal(failureKey, failureText)));
      if (found === null || isLeased || isFound || failure !== null) watch.end();
      if (found === null) return { answer: await call(), isOwn: true };
      if (isLeased && (isFound || failure !== null))
        this.#release(lease, mark, { call: name, kind: 'released' });
      if (failure !== null) throw failure;
      // The seal shows that the answer belongs to the key.
      if (isFound) return { answer, isOwn: false };
      if (isLeased) return { answer: await this.#makeCall(name, fetch, { lease, mark }, call), isOwn: true };
      awaited = String(holder);
      const published = failureIn(await watch.completion);
      if (published !== null) throw published;
    }
    throw new Error('The call was cancelled.');
  }

  publish(list: string, event: ListEvent, lifeMs: number): void {
    void this.#redis.send(...this.#eventCommands(list, event, lifeMs));
  }

  publishCapabilities(collection: string, state: CapabilitiesState): void {
    const key = this.#capabilitiesOf(collection);
    void this.#redis.send(['SET', key, seal(key, state), 'PX', String(capabilitiesLifeMs)]);
  }

  async readEvents({ list, collection }: ListName, position: string | null): Promise<ListUpdates | null> {
    const [callsKey, capabilitiesKey] = [this.#inFlightOf(list), this.#capabilitiesOf(collection)];
    const stream = this.#eventsOf(list);
    const since = position === null ? '-' : `(${position}`;
    const replies = await this.#redis.send(
      evaluate(eventsScript, [callsKey, capabilitiesKey, stream], [since, maxEvents, maxEventBytes]),
    );
    if (replies === null) return null;
    const [calls, capabilitiesText, entries] = listOf(replies[0]);
    const capabilities = decodeCapabilities(unseal(capabilitiesKey, capabilitiesText));
    if (capabilities === null && typeof capabilitiesText === 'string')
      this.#remove(['UNLINK', capabilitiesKey]);
    const decoded = this.#decodeEvents(stream, listOf(entries));
    // Only the newest of several answers to one call is cached.
    const lastOf = new Map(
      decoded.flatMap(({ kind, key }, index) => (kind === 'answer' ? [[key, index]] : [])),
    );
    const events = decoded.filter(({ kind, key }, index) => kind === 'absent' || lastOf.get(key) === index);
    const answers = await this.#findAnswers(
      events.flatMap(({ kind, key }) => (kind === 'answer' ? [key] : [])),
    );
    if (answers === null) return null;
    const newest = listOf(listOf(entries)[0])[0];
    return {
      position: typeof newest === 'string' ? newest : position,
      capabilities,
      inFlight: this.#decodeCalls(callsKey, listOf(calls)),
      events: events.map((event) => ({
        event,
        answer: event.kind === 'answer' ? (answers.get(event.key) ?? null) : null,
      })),
    };
  }

  /** Takes tokens of the fleet's rate; null if Redis can't be reached. */
  async takeTokens({ name, max, perSecond }: Allowance, wanted: number): Promise<TokenGrant | null> {
    const bucket = this.#name('allowance', hashOf(name));
    const replies = await this.#redis.send(evaluate(takeScript, [bucket], [max, perSecond / 1000, wanted]));
    return decodeGrant(replies?.[0]);
  }

  signal(signal: Signal): void {
    const channel = this.#name('signals');
    void this.#redis.send(['PUBLISH', channel, seal(channel, { ...signal, from: this.#instance })]);
  }

  onSignal(listener: (signal: Signal) => void): void {
    this.#listeners.add(listener);
  }

  async #makeCall<Answer extends Dated>(
    name: string,
    { startedAt, lifeMs, event }: SharedFetch<Answer>,
    { lease, mark }: { readonly lease: string; readonly mark: string },
    call: () => Promise<Answer>,
  ): Promise<Answer> {
    const list = event === null ? null : this.#publishCall(name, event(), startedAt);
    const renewal = setInterval(() => {
      void this.#redis.send(evaluate(renewScript, [lease], [mark, leaseMs]));
    }, leaseMs / 3);
    let answer: Answer;
    try {
      answer = await call();
    } catch (error) {
      const ended = { call: name, mark, startedAt: startedAt + this.#shiftMs() };
      this.#release(lease, mark, completionOfError(ended, error), list);
      throw error;
    } finally {
      clearInterval(renewal);
    }
    // Waiters of this instance do not wait for the publication.
    const published = event?.();
    const key = this.#name('answer', name);
    const text = seal(key, { ...answer, sentAt: answer.sentAt + this.#shiftMs() });
    const isShared = Buffer.byteLength(text) <= maxAnswerBytes;
    void this.#redis.send(
      isShared ? ['SET', key, text, 'PX', lifeOf(lifeMs)] : ['UNLINK', key],
      ...(published === undefined || !isShared
        ? []
        : this.#eventCommands(published.list, published.event, lifeMs)),
      ...this.#completionCommands(lease, mark, { call: name, kind: 'completed' }, list),
    );
    return answer;
  }

  /** Publishes that a call of a list is in flight; returns the list. */
  #publishCall(
    name: string,
    { list, event }: { readonly list: string; readonly event: ListEvent },
    sentAt: number,
  ): string {
    if (event.kind !== 'answer') return list;
    const key = this.#inFlightOf(list);
    const call = seal(key, {
      from: this.#instance,
      request: event.request,
      sentAt: sentAt + this.#shiftMs(),
    });
    void this.#redis.send(['HSET', key, name, call], ['PEXPIRE', key, String(leaseMs)]);
    return list;
  }

  #release(lease: string, mark: string, completion: Completion, list: string | null = null): void {
    void this.#redis.send(...this.#completionCommands(lease, mark, completion, list));
  }

  #completionCommands(
    lease: string,
    mark: string,
    completion: Completion,
    list: string | null,
  ): readonly (readonly string[])[] {
    const channel = this.#name('completions');
    const failureKey = this.#name('failure', completion.call);
    return [
      ...(list === null ? [] : [['HDEL', this.#inFlightOf(list), completion.call]]),
      ...(completion.kind === 'failed'
        ? [['SET', failureKey, seal(failureKey, completion), 'PX', String(minLifeMs)]]
        : []),
      evaluate(releaseScript, [lease], [mark]),
      ['PUBLISH', channel, seal(channel, completion)],
    ];
  }

  #eventCommands(list: string, event: ListEvent, lifeMs: number): readonly string[][] {
    const stream = this.#eventsOf(list);
    const fields = ['from', this.#instance, 'event', seal(stream, event)];
    return [
      ['XADD', stream, 'MAXLEN', '~', String(maxEvents), '*', ...fields],
      ['PEXPIRE', stream, lifeOf(lifeMs)],
    ];
  }

  /** Events in order of publication, without this instance's own. */
  #decodeEvents(stream: string, entries: readonly unknown[]): ListEvent[] {
    const invalid: string[] = [];
    const events = entries.toReversed().flatMap((entry) => {
      const [id, from, text] = listOf(entry);
      if (from === this.#instance) return [];
      const event = decodeListEvent(unseal(stream, text));
      if (event === null) invalid.push(String(id));
      return event === null ? [] : [event];
    });
    if (invalid.length > 0) this.#remove(['XDEL', stream, ...invalid]);
    return events;
  }

  #decodeCalls(key: string, fields: readonly unknown[]): ListUpdates['inFlight'] {
    const invalid: string[] = [];
    const calls = fields.flatMap((text, index) => {
      if (index % 2 === 0) return [];
      const call = decodeRemoteCall(unseal(key, text));
      if (call === null) invalid.push(String(fields[index - 1]));
      if (call === null || call.from === this.#instance) return [];
      const dated = this.#datedIn(call);
      return dated === null ? [] : [dated];
    });
    if (invalid.length > 0) this.#remove(['HDEL', key, ...invalid]);
    return calls;
  }

  /** Functions that read cached answers, by the keys of their calls; null if Redis can't be reached. */
  async #findAnswers(keys: readonly string[]): Promise<Map<string, () => Dated | null> | null> {
    if (keys.length === 0) return new Map();
    const names = keys.map((key) => this.#name('answer', hashOf(key)));
    const replies = await this.#redis.send(evaluate(answersScript, names, [maxAnswerBytes, maxAnswersBytes]));
    if (replies === null) return null;
    const texts = listOf(replies[0]);
    return new Map(
      keys.flatMap((key, index) => {
        const [name, text] = [names[index], texts[index]];
        if (name === undefined || typeof text !== 'string') return [];
        const read = () => {
          const value = unseal(name, text);
          if (isDated(value)) return this.#datedIn(value);
          this.#remove(['UNLINK', name]);
          return null;
        };
        return [[key, read]];
      }),
    );
  }

  /** Another instance's value, dated by this instance's clock; null if its date is in the future. */
  #datedIn<Value extends Dated>(value: Value): Value | null {
    const sentAt = this.#ownTimeOf(value.sentAt);
    return sentAt === null ? null : { ...value, sentAt };
  }

  /** A time of day by this instance's clock; null if it is in the future. */
  #ownTimeOf(timeOfDay: number): number | null {
    const time = timeOfDay - this.#shiftMs();
    return time <= this.#clock() + maxAheadMs ? time : null;
  }

  /** Removes invalid values, which would otherwise be read again. */
  #remove(command: readonly string[]): void {
    void this.#redis.send(command);
  }

  #listen(channelName: string, onValue: (value: unknown) => void): void {
    const channel = this.#name(channelName);
    this.#redis.listen(channel, (message) => {
      if (message.length <= maxEventBytes) onValue(unseal(channel, message));
    });
  }

  #inFlightOf(list: string): string {
    return this.#name('calls', hashOf(list));
  }

  #eventsOf(list: string): string {
    return this.#name('events', hashOf(list));
  }

  #capabilitiesOf(collection: string): string {
    return this.#name('capabilities', hashOf(collection));
  }

  #name(...parts: readonly string[]): string {
    return [this.#prefix, ...parts].join(':');
  }
}

function lifeOf(milliseconds: number): string {
  return String(Math.max(minLifeMs, Math.ceil(milliseconds)));
}

/** Hides ids and look-up keys in key names. */
function hashOf(text: string): string {
  return createHash('sha256').update(text).digest('base64url');
}
