/**
 * Instances of the gateway as one, over Redis: an answer that one has is available to all, a call that one makes is waited
 * for, and what a minute or a second allows is counted for all. Redis is a help and never a need: if it is gone, each
 * instance goes on alone.
 *
 * A shared call is a key with a lease, which ends by itself if its instance dies. An answer is a key; a list has a stream
 * of notes, so that an instance hears of answers whose calls it would not have made itself. What is read and can't be
 * understood is a miss, and is removed.
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
import type { Grant } from '../transport/concurrency-limiter.ts';
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
  newsScript,
  releaseScript,
  renewScript,
  takeScript,
} from './scripts.ts';
import { seal, unseal } from './seal.ts';

interface RedisFleetOptions {
  readonly redis: RedisConnection;
  /** Of all keys and channels: instances that can't understand each other have different ones. */
  readonly prefix: string;
  /** How much later the time of day is than this instance's times, in milliseconds. See `clockShiftMs`. */
  readonly shiftMs?: () => number;
  /** Milliseconds since the epoch; it never goes back. */
  readonly clock?: () => number;
}

/** How much of something there is, and how fast it comes back. */
export interface Allowance {
  /** Distinguishes it from all others. */
  readonly name: string;
  readonly max: number;
  readonly perSecond: number;
}

/** A call whose instance has died is free after this. */
const leaseMs = 5000;
/** How long it is of use what was learned of a deployment. */
const knowledgeLifeMs = 15 * 60_000;
/** A date further ahead is from before a clock was set back, and useless. */
const maxAheadMs = 2000;
/** An instance that waits for a call must still find its answer. */
const minLifeMs = 5000;
/** Of one list, as many notes as an instance may read that has read none. */
const maxNotes = 256;
/** Of an answer: a larger one is not shared. */
const maxAnswerBytes = 32 * 1024 * 1024;
/** Of all answers that one look at a list's notes brings. */
const maxNewsBytes = 128 * 1024 * 1024;
/** Of a note, what is known of a collection, or a message. */
const maxNoteBytes = 256 * 1024;

export class RedisFleet implements Fleet {
  readonly #redis: RedisConnection;
  readonly #prefix: string;
  /** Instances date what they share by the time of day. */
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
    flight: SharedFetch<Answer>,
    call: () => Promise<Answer>,
  ): Promise<SharedResult<Answer>> {
    const name = hashOf(key);
    const lease = this.#name('lease', name);
    const [answerKey, failureKey] = [this.#name('answer', name), this.#name('failure', name)];
    const mark = randomUUID();
    /** Mark of the call that was last waited for. */
    let awaited: string | null = null;
    const accepts = (sentAt: number) =>
      flight.accepts(sentAt) || (awaited !== null && sentAt >= flight.joinsFrom);
    const failureIn = (completion: Completion | null) => {
      if (completion?.kind !== 'failed' || completion.mark !== awaited) return null;
      const startedAt = this.#ownTimeOf(completion.startedAt);
      return startedAt !== null && startedAt >= flight.joinsFrom ? failureOf(completion.error) : null;
    };
    while (!flight.signal.aborted) {
      // Before anything is asked, so that no completion is missed.
      const watch = this.#completions.watch(name, flight.signal);
      // The instance that gets the lease looks for the answer, or the failure of the call that it has waited for, in the
      // same step: a call's outcome is written in the step in which its lease is released.
      const found = await this.#redis.send(
        evaluate(leaseScript, [lease, answerKey, failureKey], [mark, leaseMs, maxAnswerBytes, maxNoteBytes]),
      );
      const [holder, text, failureText] = listOf(found?.[0]);
      const isLeased = holder === mark;
      const shared = unseal(answerKey, text);
      const value = isDated(shared) ? this.#datedIn(shared) : null;
      const answer = value !== null && accepts(value.sentAt) ? flight.revive(value) : null;
      const isFound = answer !== null;
      const failure = isFound ? null : failureIn(decodeCompletion(unseal(failureKey, failureText)));
      if (found === null || isLeased || isFound || failure !== null) watch.end();
      if (found === null) return { answer: await call(), isOwn: true };
      if (isLeased && (isFound || failure !== null))
        this.#release(lease, mark, { call: name, kind: 'released' });
      if (failure !== null) throw failure;
      // What is sealed under a call's key is what such a call has answered.
      if (isFound) return { answer, isOwn: false };
      if (isLeased) return { answer: await this.#make(name, flight, { lease, mark }, call), isOwn: true };
      awaited = String(holder);
      const published = failureIn(await watch.completion);
      if (published !== null) throw published;
    }
    throw new Error('Nobody waits any more.');
  }

  publish(list: string, event: ListEvent, lifeMs: number): void {
    void this.#redis.send(...this.#eventCommands(list, event, lifeMs));
  }

  publishCapabilities(collection: string, state: CapabilitiesState): void {
    const key = this.#knowledgeOf(collection);
    void this.#redis.send(['SET', key, seal(key, state), 'PX', String(knowledgeLifeMs)]);
  }

  async readEvents({ list, collection }: ListName, position: string | null): Promise<ListUpdates | null> {
    const [airborneKey, knowledgeKey] = [this.#inFlightOf(list), this.#knowledgeOf(collection)];
    const stream = this.#eventsOf(list);
    const since = position === null ? '-' : `(${position}`;
    const replies = await this.#redis.send(
      evaluate(newsScript, [airborneKey, knowledgeKey, stream], [since, maxNotes, maxNoteBytes]),
    );
    if (replies === null) return null;
    const [calls, knowledgeText, entries] = listOf(replies[0]);
    const capabilities = decodeCapabilities(unseal(knowledgeKey, knowledgeText));
    if (capabilities === null && typeof knowledgeText === 'string') this.#remove(['UNLINK', knowledgeKey]);
    const decoded = this.#decodeEvents(stream, listOf(entries));
    // Of several answers to the same call, only the newest is to be had.
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
      inFlight: this.#decodeCalls(airborneKey, listOf(calls)),
      events: events.map((event) => ({
        event,
        answer: event.kind === 'answer' ? (answers.get(event.key) ?? null) : null,
      })),
    };
  }

  /** Takes of an allowance that is common to all; null if Redis can't be asked. */
  async take({ name, max, perSecond }: Allowance, wanted: number): Promise<Grant | null> {
    const bucket = this.#name('allowance', hashOf(name));
    const replies = await this.#redis.send(evaluate(takeScript, [bucket], [max, perSecond / 1000, wanted]));
    return decodeGrant(replies?.[0]);
  }

  /** Notifies all other instances. */
  signal(signal: Signal): void {
    const channel = this.#name('signals');
    void this.#redis.send(['PUBLISH', channel, seal(channel, { ...signal, from: this.#instance })]);
  }

  onSignal(listener: (signal: Signal) => void): void {
    this.#listeners.add(listener);
  }

  async #make<Answer extends Dated>(
    name: string,
    { startedAt, lifeMs, event }: SharedFetch<Answer>,
    { lease, mark }: { readonly lease: string; readonly mark: string },
    call: () => Promise<Answer>,
  ): Promise<Answer> {
    const list = event === null ? null : this.#depart(name, event(), startedAt);
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
    // Those who wait for the answer here need not wait until the others have it.
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
  #depart(
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
    const fields = ['from', this.#instance, 'note', seal(stream, event)];
    return [
      ['XADD', stream, 'MAXLEN', '~', String(maxNotes), '*', ...fields],
      ['PEXPIRE', stream, lifeOf(lifeMs)],
    ];
  }

  /** Of what `newsScript` returns: in the order they were written, without this instance's own. */
  #decodeEvents(stream: string, entries: readonly unknown[]): ListEvent[] {
    const broken: string[] = [];
    const events = entries.toReversed().flatMap((entry) => {
      const [id, from, text] = listOf(entry);
      if (from === this.#instance) return [];
      const event = decodeListEvent(unseal(stream, text));
      if (event === null) broken.push(String(id));
      return event === null ? [] : [event];
    });
    if (broken.length > 0) this.#remove(['XDEL', stream, ...broken]);
    return events;
  }

  #decodeCalls(key: string, fields: readonly unknown[]): ListUpdates['inFlight'] {
    const broken: string[] = [];
    const calls = fields.flatMap((text, index) => {
      if (index % 2 === 0) return [];
      const call = decodeRemoteCall(unseal(key, text));
      if (call === null) broken.push(String(fields[index - 1]));
      if (call === null || call.from === this.#instance) return [];
      const dated = this.#datedIn(call);
      return dated === null ? [] : [dated];
    });
    if (broken.length > 0) this.#remove(['HDEL', key, ...broken]);
    return calls;
  }

  /** What there is of answers, by the keys of their calls, to be read one by one; null if Redis can't be asked. */
  async #findAnswers(keys: readonly string[]): Promise<Map<string, () => Dated | null> | null> {
    if (keys.length === 0) return new Map();
    const names = keys.map((key) => this.#name('answer', hashOf(key)));
    const replies = await this.#redis.send(evaluate(answersScript, names, [maxAnswerBytes, maxNewsBytes]));
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

  /** What another instance has dated, by this one's times; null if the date is ahead of them. */
  #datedIn<Value extends Dated>(value: Value): Value | null {
    const sentAt = this.#ownTimeOf(value.sentAt);
    return sentAt === null ? null : { ...value, sentAt };
  }

  /** A time of day by this instance's times; null if it is ahead of them. */
  #ownTimeOf(timeOfDay: number): number | null {
    const time = timeOfDay - this.#shiftMs();
    return time <= this.#clock() + maxAheadMs ? time : null;
  }

  /** What can't be understood would be read, and not understood, again and again. */
  #remove(command: readonly string[]): void {
    void this.#redis.send(command);
  }

  #listen(channelName: string, onValue: (value: unknown) => void): void {
    const channel = this.#name(channelName);
    this.#redis.listen(channel, (message) => {
      if (message.length <= maxNoteBytes) onValue(unseal(channel, message));
    });
  }

  #inFlightOf(list: string): string {
    return this.#name('airborne', hashOf(list));
  }

  #eventsOf(list: string): string {
    return this.#name('notes', hashOf(list));
  }

  #knowledgeOf(collection: string): string {
    return this.#name('knowledge', hashOf(collection));
  }

  #name(...parts: readonly string[]): string {
    return [this.#prefix, ...parts].join(':');
  }
}

function lifeOf(milliseconds: number): string {
  return String(Math.max(minLifeMs, Math.ceil(milliseconds)));
}

/** Of the length of a key: ids, and what is looked up, stand in none. */
function hashOf(text: string): string {
  return createHash('sha256').update(text).digest('base64url');
}
