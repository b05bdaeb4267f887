/**
 * Instances of the gateway as one, over Redis: an answer that one has is everybody's, a call that one makes is waited
 * for, and what a minute or a second allows is counted for all. Redis is a help and never a need: where it is gone, each
 * instance goes on alone.
 *
 * A flight is a key with a lease, which ends by itself where its instance dies. An answer is a key; a list has a stream
 * of notes, so that an instance hears of answers whose calls it would not have made itself.
 */
import { createHash, randomUUID } from 'node:crypto';
import { UpstreamError } from '../errors.ts';
import type {
  AirborneElsewhere,
  Dated,
  Fleet,
  FleetError,
  FleetFlight,
  Flown,
  ListName,
  News,
  Note,
} from '../planner/fleet.ts';
import type { KnowledgeState } from '../planner/knowledge.ts';
import type { CircuitChange } from '../transport/circuit-breaker.ts';
import type { Grant } from '../transport/governor.ts';
import { withoutCall } from '../transport/transport.ts';
import type { RedisConnection } from './redis-connection.ts';

export interface RedisFleetOptions {
  readonly redis: RedisConnection;
  /** Of all keys and channels: instances that can't understand each other have different ones. */
  readonly prefix: string;
}

/** How much of something there is, and how fast it comes back. */
export interface Allowance {
  /** Tells it from all others. */
  readonly name: string;
  readonly most: number;
  readonly perSecond: number;
}

/** Something that all instances should know at once of an upstream. */
export type Signal = { readonly upstream: string } & (
  | { readonly kind: 'pause'; readonly milliseconds: number }
  | { readonly kind: 'circuit'; readonly endpoint: string; readonly change: CircuitChange }
);

type Landing =
  | { readonly flight: string; readonly kind: 'landed' | 'released' }
  | {
      readonly flight: string;
      readonly kind: 'failed';
      readonly startedAt: number;
      readonly error: FleetError;
    };

/** A flight whose instance has died is free after this. */
const leaseMs = 5000;
/** Should a message be lost, this is looked for. */
const lookAgainMs = 250;
/** How long it is of use what was learned of a deployment. */
const knowledgeLifeMs = 15 * 60_000;
/** Whoever waits for a flight must still find what it has brought. */
const shortestLifeMs = 5000;
/** Of one list, as many notes as an instance may hear of that has heard none. */
const mostNotes = 256;

const releaseScript =
  "if redis.call('GET', KEYS[1]) == ARGV[1] then return redis.call('DEL', KEYS[1]) end return 0";
const renewScript =
  "if redis.call('GET', KEYS[1]) == ARGV[1] then return redis.call('PEXPIRE', KEYS[1], ARGV[2]) end return 0";
/** A token bucket by the clock of Redis, which is the same for all. */
const takeScript = `
local now = redis.call('TIME')
local at = now[1] * 1000 + now[2] / 1000
local most, perMillisecond, wanted = tonumber(ARGV[1]), tonumber(ARGV[2]), tonumber(ARGV[3])
local bucket = redis.call('HMGET', KEYS[1], 'tokens', 'at')
local tokens = math.min(most, (tonumber(bucket[1]) or most) + math.max(0, at - (tonumber(bucket[2]) or at)) * perMillisecond)
local granted = math.min(wanted, math.floor(tokens))
tokens = tokens - granted
redis.call('HSET', KEYS[1], 'tokens', string.format('%.9f', tokens), 'at', string.format('%.3f', at))
redis.call('PEXPIRE', KEYS[1], math.ceil((most - tokens) / perMillisecond) + 1000)
local wait = 0
if granted < wanted then wait = (1 - tokens) / perMillisecond end
return { granted, math.ceil(wait) }`;

export class RedisFleet implements Fleet {
  readonly #redis: RedisConnection;
  readonly #prefix: string;
  readonly #instance = randomUUID();
  readonly #waiting = new Map<string, Set<(landing: Landing | null) => void>>();
  readonly #listeners = new Set<(signal: Signal) => void>();

  constructor({ redis, prefix }: RedisFleetOptions) {
    this.#redis = redis;
    this.#prefix = prefix;
    redis.listen(this.#name('landings'), (message) => {
      const landing = parse(message) as Landing | null;
      for (const wake of this.#waiting.get(landing?.flight ?? '') ?? []) wake(landing);
    });
    redis.listen(this.#name('signals'), (message) => {
      const told = parse(message) as { readonly from: string; readonly signal: Signal } | null;
      if (told === null || told.from === this.#instance) return;
      for (const listener of this.#listeners) listener(told.signal);
    });
  }

  async fly<Answer extends Dated>(
    key: string,
    flight: FleetFlight,
    call: () => Promise<Answer>,
  ): Promise<Flown<Answer>> {
    const name = hashOf(key);
    const lease = this.#name('flight', name);
    const mark = `${this.#instance} ${flight.startedAt}`;
    let hasWaited = false;
    const accepts = (sentAt: number) => flight.accepts(sentAt) || (hasWaited && sentAt >= flight.joinsFrom);
    while (!flight.signal.aborted) {
      // Before anything is asked, so that no landing is missed.
      const lookOut = this.#lookOut(name, flight.signal);
      // Whoever gets the lease looks for the answer after that: between the two, nobody else can have landed.
      const found = await this.#redis.send(
        ['SET', lease, mark, 'NX', 'PX', String(leaseMs)],
        ['GET', this.#name('answer', name)],
      );
      const [leased, text] = found ?? [];
      const isLeased = typeof leased === 'string';
      const answer = parse(text) as Answer | null;
      const isFound = answer !== null && accepts(answer.sentAt);
      if (found === null || isLeased || isFound) lookOut.end();
      if (found === null) return { answer: await call(), isOwn: true };
      if (isFound) {
        if (isLeased) this.#release(lease, mark, { flight: name, kind: 'released' });
        return { answer, isOwn: false };
      }
      if (isLeased) return { answer: await this.#make(name, flight, { lease, mark }, call), isOwn: true };
      const landing = await lookOut.landing;
      hasWaited = true;
      if (landing?.kind === 'failed' && landing.startedAt >= flight.joinsFrom) throw failureOf(landing.error);
    }
    throw new Error('Nobody waits any more.');
  }

  tell(list: string, note: Note, lifeMs: number): void {
    void this.#redis.send(...this.#noteCommands(list, note, lifeMs));
  }

  learned(collection: string, state: KnowledgeState): void {
    const life = String(knowledgeLifeMs);
    void this.#redis.send(['SET', this.#knowledgeOf(collection), JSON.stringify(state), 'PX', life]);
  }

  async hear({ list, collection }: ListName, position: string | null): Promise<News | null> {
    const stream = this.#name('notes', hashOf(list));
    const since = position === null ? '-' : `(${position}`;
    const replies = await this.#redis.send(
      ['HGETALL', this.#airborneOf(list)],
      ['GET', this.#knowledgeOf(collection)],
      ['XREVRANGE', stream, '+', since, 'COUNT', String(mostNotes)],
    );
    if (replies === null) return null;
    const [airborne, knowledge, entries] = replies as readonly [
      Readonly<Record<string, string>>,
      string | null,
      readonly StreamEntry[],
    ];
    const told = entries.toReversed().flatMap(([, [, from, , note]]) => {
      return from === this.#instance ? [] : ((parse(note) as Note | null) ?? []);
    });
    // Of several answers to the same call, only the newest is to be had.
    const lastOf = new Map(told.flatMap(({ kind, key }, index) => (kind === 'answer' ? [[key, index]] : [])));
    const notes = told.filter(({ kind, key }, index) => kind === 'absent' || lastOf.get(key) === index);
    const keys = notes.flatMap(({ kind, key }) => (kind === 'answer' ? [key] : []));
    const texts =
      keys.length === 0
        ? [[]]
        : await this.#redis.send(['MGET', ...keys.map((key) => this.#name('answer', hashOf(key)))]);
    if (texts === null) return null;
    const [found] = texts as readonly [readonly (string | null)[]];
    const answers = new Map(keys.map((key, index) => [key, found[index] ?? null]));
    return {
      position: entries[0]?.[0] ?? position,
      knowledge: parse(knowledge) as KnowledgeState | null,
      airborne: Object.values(airborne).flatMap((text) => {
        const call = parse(text) as (AirborneElsewhere & { readonly from: string }) | null;
        return call === null || call.from === this.#instance ? [] : [call];
      }),
      notes: notes.map((note) => {
        const text = note.kind === 'answer' ? (answers.get(note.key) ?? null) : null;
        return { note, answer: text === null ? null : () => parse(text) as Dated | null };
      }),
    };
  }

  /** Takes of an allowance that is common to all; null where nobody can be asked. */
  async take({ name, most, perSecond }: Allowance, wanted: number): Promise<Grant | null> {
    const bucket = this.#name('allowance', hashOf(name));
    const numbers = [most, perSecond / 1000, wanted].map(String);
    const replies = await this.#redis.send(['EVAL', takeScript, '1', bucket, ...numbers]);
    const [taken] = replies ?? [];
    if (!Array.isArray(taken)) return null;
    const [granted, waitMs] = taken.map(Number);
    return { granted: granted ?? 0, waitMs: waitMs ?? 0 };
  }

  /** Tells all other instances. */
  signal(signal: Signal): void {
    const message = JSON.stringify({ from: this.#instance, signal });
    void this.#redis.send(['PUBLISH', this.#name('signals'), message]);
  }

  onSignal(listener: (signal: Signal) => void): void {
    this.#listeners.add(listener);
  }

  async #make<Answer extends Dated>(
    name: string,
    { startedAt, lifeMs, note }: FleetFlight,
    { lease, mark }: { readonly lease: string; readonly mark: string },
    call: () => Promise<Answer>,
  ): Promise<Answer> {
    const list = note === null ? null : this.#depart(name, note(), startedAt);
    const renewal = setInterval(() => {
      void this.#redis.send(['EVAL', renewScript, '1', lease, mark, String(leaseMs)]);
    }, leaseMs / 3);
    let answer: Answer;
    try {
      answer = await call();
    } catch (error) {
      this.#release(lease, mark, landingOfError(name, startedAt, error), list);
      throw error;
    } finally {
      clearInterval(renewal);
    }
    // Those who wait for the answer here need not wait until the others have it.
    const told = note?.();
    void this.#redis.send(
      ['SET', this.#name('answer', name), JSON.stringify(answer), 'PX', lifeOf(lifeMs)],
      ...(told === undefined ? [] : this.#noteCommands(told.list, told.note, lifeMs)),
      ...this.#landingCommands(lease, mark, { flight: name, kind: 'landed' }, list),
    );
    return answer;
  }

  /** Tells that a call of a list is in the air; returns the list. */
  #depart(
    name: string,
    { list, note }: { readonly list: string; readonly note: Note },
    sentAt: number,
  ): string {
    if (note.kind !== 'answer') return list;
    const call = JSON.stringify({ from: this.#instance, request: note.request, sentAt });
    void this.#redis.send(
      ['HSET', this.#airborneOf(list), name, call],
      ['PEXPIRE', this.#airborneOf(list), String(leaseMs)],
    );
    return list;
  }

  #release(lease: string, mark: string, landing: Landing, list: string | null = null): void {
    void this.#redis.send(...this.#landingCommands(lease, mark, landing, list));
  }

  #landingCommands(lease: string, mark: string, landing: Landing, list: string | null): readonly string[][] {
    return [
      ...(list === null ? [] : [['HDEL', this.#airborneOf(list), landing.flight]]),
      ['EVAL', releaseScript, '1', lease, mark],
      ['PUBLISH', this.#name('landings'), JSON.stringify(landing)],
    ];
  }

  #noteCommands(list: string, note: Note, lifeMs: number): readonly string[][] {
    const stream = this.#name('notes', hashOf(list));
    const fields = ['from', this.#instance, 'note', JSON.stringify(note)];
    return [
      ['XADD', stream, 'MAXLEN', '~', String(mostNotes), '*', ...fields],
      ['PEXPIRE', stream, lifeOf(lifeMs)],
    ];
  }

  /** Begins to look out for the landing of a flight; null where none was told of for a while, or nobody waits any more. */
  #lookOut(
    name: string,
    signal: AbortSignal,
  ): { readonly landing: Promise<Landing | null>; readonly end: () => void } {
    const wakers = this.#waiting.get(name) ?? new Set();
    this.#waiting.set(name, wakers);
    let wake: (landing: Landing | null) => void = () => undefined;
    const landing = new Promise<Landing | null>((resolve) => (wake = resolve));
    const end = () => {
      clearTimeout(timeout);
      signal.removeEventListener('abort', end);
      wakers.delete(wake);
      if (wakers.size === 0) this.#waiting.delete(name);
      wake(null);
    };
    const timeout = setTimeout(end, lookAgainMs);
    signal.addEventListener('abort', end, { once: true });
    wakers.add(wake);
    return { landing: landing.finally(end), end };
  }

  #airborneOf(list: string): string {
    return this.#name('airborne', hashOf(list));
  }

  #knowledgeOf(collection: string): string {
    return this.#name('knowledge', hashOf(collection));
  }

  #name(...parts: readonly string[]): string {
    return [this.#prefix, ...parts].join(':');
  }
}

/** Of Redis: an id, and fields with their values as `#noteCommands` gives them. */
type StreamEntry = readonly [string, readonly [string, string, string, string]];

function lifeOf(milliseconds: number): string {
  return String(Math.max(shortestLifeMs, Math.ceil(milliseconds)));
}

function landingOfError(flight: string, startedAt: number, error: unknown): Landing {
  // That its caller has gone says nothing of the call.
  if (!(error instanceof UpstreamError) || error.code === 'REQUEST_CANCELLED')
    return { flight, kind: 'released' };
  const { code, message, details } = withoutCall(error);
  return {
    flight,
    kind: 'failed',
    startedAt,
    error: { code, message, details: { ...details, cause: null } },
  };
}

function failureOf({ code, message, details }: FleetError): UpstreamError {
  return new UpstreamError(code, message, { ...details, wasNotCalled: true });
}

/** Of the length of a key: ids, and what is looked up, stand in none. */
function hashOf(text: string): string {
  return createHash('sha256').update(text).digest('base64url');
}

/** What an instance of this version has written. What can't be read is as good as gone. */
function parse(text: unknown): unknown {
  try {
    return typeof text === 'string' ? JSON.parse(text) : null;
  } catch {
    return null;
  }
}
