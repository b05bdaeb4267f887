/**
 * Redis as something that may go away at any time: commands then resolve to null at once, and `onChange` is called once
 * when it has gone and once when it is back.
 */
import { ConnectionTimeoutError, createClient, ErrorReply } from '@redis/client';
import type { Secret } from '../secret.ts';

interface RedisConnectionOptions {
  /** It may hold a password. */
  readonly url: Secret;
  /**
   * Notified that Redis has gone or is back; `error` is what it was seen by, without the URL, and `refusal` says why Redis
   * refused the connection, if it did.
   */
  readonly onChange: (isUp: boolean, error: unknown, refusal: string | null) => void;
  /** Notified of each error while Redis is away: the first may not be the one that lasts. */
  readonly onError?: (error: unknown, refusal: string | null) => void;
  /** Notified of why Redis refuses commands, such as OOM or READONLY, and of null when it accepts them again. */
  readonly onRefusal?: (reason: string | null) => void;
  /** An answer that takes longer is not waited for. */
  readonly timeoutMs?: number;
  /** While answers take longer, none is waited for: the calls that they save would not take as long. */
  readonly maxLatencyMs?: number;
}

type Client = ReturnType<typeof createClient>;

/** By the first word of its answer, why Redis refuses commands though it answers. */
const refusals: Readonly<Record<string, string>> = {
  OOM: 'its memory is full',
  READONLY: 'it is a replica, which takes no writes',
  MISCONF: 'it can not write to its disk',
  NOREPLICAS: 'it has too few replicas',
  NOPERM: 'its user may not send these commands',
  NOAUTH: 'it wants a password',
  WRONGPASS: 'the password or the user is wrong',
  LOADING: 'it is still loading its data',
  MASTERDOWN: 'it has lost its primary',
  CLUSTERDOWN: 'its cluster is down',
  BUSY: 'it is busy with a script',
  DENIED: 'its protected mode refuses other machines',
};
/** Reasons of refusals that begin with ERR alone, by their text. */
const plainRefusals: readonly (readonly [pattern: RegExp, reason: string])[] = [
  [/\bDB index|SELECT is not allowed/i, 'it does not have the database that the URL names'],
  [/max number of clients/i, 'it has as many clients as it may'],
];

/** The upstream would be as fast. */
const defaultTimeoutMs = 500;
const defaultMaxLatencyMs = 20;
/** Answers that are all late, or in time, show how fast Redis is. */
const latenciesSeen = 5;
/** Between two looks at a Redis that is slow. */
const lookEveryMs = 1000;
const lookSoonMs = 100;
/** An event loop that is held uses up one of them: what could not be sent or read meanwhile is not late. */
const timeoutSteps = 5;
const maxReconnectMs = 1000;
/** Of the first attempt: the gateway starts, and listens, meanwhile. */
const maxConnectMs = 2000;
/** Shorter than `maxConnectMs`, so that the first attempt fails with its cause. */
const connectTimeoutMs = 1500;

/** Redis answers, but not in time. */
export class SlowRedisError extends Error {
  override readonly name = 'SlowRedisError';
}

/** No connection was made in time, or no TLS handshake was completed. */
class ConnectTimeoutError extends Error {
  override readonly name = 'ConnectTimeoutError';
  readonly code = 'ETIMEDOUT';
}

export class RedisConnection {
  readonly #client: Client;
  readonly #subscriber: Client;
  readonly #onChange: RedisConnectionOptions['onChange'];
  readonly #onError: NonNullable<RedisConnectionOptions['onError']>;
  readonly #onRefusal: (reason: string | null) => void;
  readonly #timeoutMs: number;
  /** The form of the commands that were refused last; null if none are. */
  #refused: string | null = null;
  #isUp = false;
  #isClosed = false;
  #lastError: unknown = null;
  readonly #maxLatencyMs: number;
  /** Of the last answers, in milliseconds. */
  #latencies: number[] = [];
  /** Whether the last answers took too long, or one did not come in time. */
  #isSlow = false;

  constructor({
    url,
    onChange,
    onError = () => undefined,
    onRefusal = () => undefined,
    timeoutMs = defaultTimeoutMs,
    maxLatencyMs = defaultMaxLatencyMs,
  }: RedisConnectionOptions) {
    this.#onChange = onChange;
    this.#onError = onError;
    this.#onRefusal = onRefusal;
    this.#timeoutMs = timeoutMs;
    this.#maxLatencyMs = maxLatencyMs;
    this.#client = createClient({
      url: url.reveal(),
      disableOfflineQueue: true,
      socket: {
        connectTimeout: connectTimeoutMs,
        reconnectStrategy: (retries) => Math.min(maxReconnectMs, 50 * 2 ** Math.min(retries, 10)),
      },
    });
    this.#subscriber = this.#client.duplicate();
    for (const client of [this.#client, this.#subscriber]) {
      client.on('error', (failure: unknown) => {
        const error = failure instanceof ConnectionTimeoutError ? new ConnectTimeoutError() : failure;
        this.#lastError = error;
        this.#review();
        if (!this.#isUp && !this.#isClosed) this.#onError(error, connectionRefusalOf(error));
      });
      client.on('ready', () => {
        this.#isSlow = false;
        this.#latencies = [];
        this.#review();
      });
      client.on('end', () => {
        this.#review();
      });
    }
  }

  get isUp(): boolean {
    return this.#isUp;
  }

  /** How long the last answers took, on average, in milliseconds; 0 if there was none. */
  get latencyMs(): number {
    const { length } = this.#latencies;
    return length === 0 ? 0 : this.#latencies.reduce((sum, each) => sum + each) / length;
  }

  /** Settles after the first attempt, or when that takes too long; later ones go on by themselves. */
  async connect(): Promise<void> {
    const attempts = [this.#client, this.#subscriber].map(async (client) => {
      const firstOutcome = new Promise<void>((resolve) => {
        client.once('error', resolve);
        client.once('ready', resolve);
      });
      client.connect().catch(() => undefined);
      await firstOutcome;
    });
    let limit: NodeJS.Timeout | undefined;
    const late = new Promise<void>((resolve) => (limit = setTimeout(resolve, maxConnectMs)));
    await Promise.race([Promise.all(attempts), late]);
    clearTimeout(limit);
    this.#lastError ??= new SlowRedisError(`it has not answered for ${maxConnectMs} ms`);
    if (!this.#isUp) this.#onChange(false, this.#lastError, connectionRefusalOf(this.#lastError));
  }

  /** What the commands come to, all or none of them; null if Redis is not there, fails, or takes too long. */
  async send(...commands: readonly (readonly string[])[]): Promise<readonly unknown[] | null> {
    if (!this.#isUp) return null;
    let timeout: NodeJS.Timeout | undefined;
    try {
      const tooLate = new Promise<null>((resolve) => {
        const wait = (steps: number) => {
          timeout = setTimeout(() => {
            if (steps > 1) {
              wait(steps - 1);
              return;
            }
            this.#leaveAlone(`it has not answered for ${this.#timeoutMs} ms`);
            resolve(null);
          }, this.#timeoutMs / timeoutSteps);
        };
        wait(timeoutSteps);
      });
      const replies = await Promise.race([this.#send(commands), tooLate]);
      // Commands of another form may be accepted all the time, such as those that only read.
      if (replies !== null && this.#refused === formOf(commands)) {
        this.#refused = null;
        this.#onRefusal(null);
      }
      return replies;
    } catch (error) {
      this.#lastError = error;
      const reason = refusalOf(error);
      if (reason !== null) {
        this.#refused = formOf(commands);
        this.#onRefusal(reason);
      }
      return null;
    } finally {
      clearTimeout(timeout);
    }
  }

  /** Messages of a channel, whenever Redis is there; subscribed to anew when it is back. */
  listen(channel: string, onMessage: (message: string) => void): void {
    const subscribe = () => {
      this.#subscriber.subscribe(channel, onMessage).catch((error: unknown) => (this.#lastError = error));
    };
    if (this.#subscriber.isReady) subscribe();
    else this.#subscriber.once('ready', subscribe);
  }

  close(): void {
    this.#isClosed = true;
    for (const client of [this.#client, this.#subscriber]) if (client.isOpen) client.destroy();
  }

  async #send(commands: readonly (readonly string[])[]): Promise<readonly unknown[]> {
    const elapsed = startWatch();
    const replies = await this.#execute(commands);
    this.#latencies = [...this.#latencies, elapsed()].slice(-latenciesSeen);
    const isLate = (latency: number) => latency > this.#maxLatencyMs;
    if (this.#latencies.length === latenciesSeen && this.#latencies.every(isLate))
      this.#leaveAlone(`it takes ${Math.round(this.latencyMs)} ms to answer`);
    return replies;
  }

  async #execute(commands: readonly (readonly string[])[]): Promise<readonly unknown[]> {
    const [only, ...others] = commands;
    if (only !== undefined && others.length === 0) return [await this.#client.sendCommand([...only])];
    const transaction = this.#client.multi();
    for (const command of commands) transaction.addCommand([...command]);
    return transaction.exec<'typed'>();
  }

  /** Nothing is asked until answers come in time again. */
  #leaveAlone(reason: string): void {
    if (this.#isSlow) return;
    this.#isSlow = true;
    this.#lastError = new SlowRedisError(reason);
    this.#review();
    this.#look(0);
  }

  /** @param inTime answers that came in time, one after the other */
  #look(inTime: number): void {
    const elapsed = startWatch();
    const goOn = () => {
      const latency = elapsed();
      this.#latencies = [...this.#latencies, latency].slice(-latenciesSeen);
      const isInTime = latency <= this.#maxLatencyMs;
      if (isInTime && inTime + 1 === latenciesSeen) {
        this.#isSlow = false;
        this.#review();
        return;
      }
      const next = isInTime ? inTime + 1 : 0;
      setTimeout(
        () => {
          this.#look(next);
        },
        isInTime ? lookSoonMs : lookEveryMs,
      ).unref();
    };
    // If the connection ends instead, the next one begins anew.
    if (this.#isSlow && this.#client.isReady) this.#client.ping().then(goOn, () => undefined);
  }

  #review(): void {
    const isUp = this.#client.isReady && this.#subscriber.isReady && !this.#isSlow;
    if (isUp === this.#isUp || this.#isClosed) return;
    this.#isUp = isUp;
    this.#onChange(isUp, isUp ? null : this.#lastError, isUp ? null : connectionRefusalOf(this.#lastError));
  }
}

/** Measures how long the event loop waited, in milliseconds: while it works, an answer may be here already. */
function startWatch(): () => number {
  const before = performance.eventLoopUtilization();
  return () => performance.eventLoopUtilization(before).idle;
}

/** What commands do, without their keys and values. */
function formOf(commands: readonly (readonly string[])[]): string {
  return commands.map(([name, script = '']) => (name === 'EVAL' ? script : (name ?? ''))).join('\n');
}

/** In words, why Redis refused commands; null for any other error. */
function refusalOf(error: unknown): string | null {
  if (typeof error !== 'object' || error === null) return null;
  const replies: unknown = 'replies' in error ? error.replies : null;
  const all: readonly unknown[] = [error].concat(Array.isArray(replies) ? (replies as object[]) : []);
  for (const each of all) {
    if (typeof each !== 'object' || each === null || !('message' in each)) continue;
    const word = /\b[A-Z]{3,12}\b/.exec(String(each.message))?.[0] ?? '';
    if (Object.hasOwn(refusals, word)) return `${word}: ${refusals[word]}`;
  }
  return null;
}

/** In words, why Redis refused a connection; null for any other error. */
function connectionRefusalOf(error: unknown): string | null {
  const refusal = refusalOf(error);
  if (refusal !== null || !(error instanceof ErrorReply)) return refusal;
  const word = /^[A-Z]{3,12}\b/.exec(error.message)?.[0] ?? 'ERR';
  const [, reason] = plainRefusals.find(([pattern]) => pattern.test(error.message)) ?? [];
  return `${word}: ${reason ?? 'it answers with an error'}`;
}
