/**
 * Connection to a Redis that may become unavailable at any time: commands then resolve to null at once, and `onChange`
 * is called once on loss and once on recovery.
 */
import { ConnectionTimeoutError, createClient, ErrorReply } from '@redis/client';
import type { Secret } from '../secret.ts';

interface RedisConnectionOptions {
  /** May contain a password. */
  readonly url: Secret;
  /**
   * Called on loss and recovery. `error` is the cause without the URL; `reason` explains why Redis refused the
   * connection, if it did.
   */
  readonly onChange: (isUp: boolean, error: unknown, reason: string | null) => void;
  /** Called with each error while Redis is unavailable: the first may not be the lasting one. */
  readonly onError?: (error: unknown, reason: string | null) => void;
  /**
   * Called with the reason if Redis refuses commands, such as OOM or READONLY, and with null when it accepts them
   * again.
   */
  readonly onErrorReply?: (reason: string | null) => void;
  /** Timeout of one reply. */
  readonly timeoutMs?: number;
  /** Maximum latency. A slower Redis is bypassed, since it would cost more time than it saves. */
  readonly maxLatencyMs?: number;
}

type Client = ReturnType<typeof createClient>;

/** Reasons by the first word of an error reply. */
const errorReplies: Readonly<Record<string, string>> = {
  OOM: 'its memory is full',
  READONLY: 'it is a replica, which takes no writes',
  MISCONF: "it can't write to its disk",
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
/** Reasons of error replies that start with ERR, by text. */
const plainErrorReplies: readonly (readonly [pattern: RegExp, reason: string])[] = [
  [/\bDB index|SELECT is not allowed/i, 'it does not have the database that the URL names'],
  [/max number of clients/i, 'it has as many clients as it may'],
];

/** By then, the upstream would have answered. */
const defaultTimeoutMs = 500;
const defaultMaxLatencyMs = 20;
const maxLatencies = 5;
/** Intervals between pings of a slow Redis. */
const pingEveryMs = 1000;
const pingSoonMs = 100;
/** A blocked event loop uses only one step, so that delayed replies do not count as late. */
const timeoutSteps = 5;
const maxReconnectMs = 1000;
/** Time limit of the first attempt; the gateway starts meanwhile. */
const maxConnectMs = 2000;
/** Shorter than `maxConnectMs`, so that the first attempt fails with its cause. */
const connectTimeoutMs = 1500;

/** Redis replies too late. */
export class SlowRedisError extends Error {
  override readonly name = 'SlowRedisError';
}

/** Connecting or the TLS handshake took too long. */
class ConnectTimeoutError extends Error {
  override readonly name = 'ConnectTimeoutError';
  readonly code = 'ETIMEDOUT';
}

export class RedisConnection {
  readonly #client: Client;
  readonly #subscriber: Client;
  readonly #onChange: RedisConnectionOptions['onChange'];
  readonly #onError: NonNullable<RedisConnectionOptions['onError']>;
  readonly #onErrorReply: (reason: string | null) => void;
  readonly #timeoutMs: number;
  /** Form of the commands that Redis last answered with an error; null if it accepts them. */
  #formOfErrors: string | null = null;
  #isUp = false;
  #isClosed = false;
  #lastError: unknown = null;
  readonly #maxLatencyMs: number;
  #latencies: number[] = [];
  /** Whether the latest replies were late, or one was missing. */
  #isSlow = false;

  constructor({
    url,
    onChange,
    onError = () => undefined,
    onErrorReply = () => undefined,
    timeoutMs = defaultTimeoutMs,
    maxLatencyMs = defaultMaxLatencyMs,
  }: RedisConnectionOptions) {
    this.#onChange = onChange;
    this.#onError = onError;
    this.#onErrorReply = onErrorReply;
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
        this.#update();
        if (!this.#isUp && !this.#isClosed) this.#onError(error, connectionReasonOf(error));
      });
      client.on('ready', () => {
        this.#isSlow = false;
        this.#latencies = [];
        this.#update();
      });
      client.on('end', () => {
        this.#update();
      });
    }
  }

  get isUp(): boolean {
    return this.#isUp;
  }

  /** Mean of the latest latencies in milliseconds; 0 if there are none. */
  get latencyMs(): number {
    const { length } = this.#latencies;
    return length === 0 ? 0 : this.#latencies.reduce((sum, each) => sum + each) / length;
  }

  /** Resolves after the first attempt or its timeout; reconnects continue in the background. */
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
    if (!this.#isUp) this.#onChange(false, this.#lastError, connectionReasonOf(this.#lastError));
  }

  /** Replies of the commands, all or none; null if Redis is unavailable, fails, or takes too long. */
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
            this.#suspend(`it has not answered for ${this.#timeoutMs} ms`);
            resolve(null);
          }, this.#timeoutMs / timeoutSteps);
        };
        wait(timeoutSteps);
      });
      const replies = await Promise.race([this.#send(commands), tooLate]);
      // Commands of another form, such as reads, may have been accepted all along.
      if (replies !== null && this.#formOfErrors === formOf(commands)) {
        this.#formOfErrors = null;
        this.#onErrorReply(null);
      }
      return replies;
    } catch (error) {
      this.#lastError = error;
      const reason = reasonOf(error);
      if (reason !== null) {
        this.#formOfErrors = formOf(commands);
        this.#onErrorReply(reason);
      }
      return null;
    } finally {
      clearTimeout(timeout);
    }
  }

  /** Subscribes to a channel, and again after each reconnect. */
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
    this.#latencies = [...this.#latencies, elapsed()].slice(-maxLatencies);
    const isLate = (latency: number) => latency > this.#maxLatencyMs;
    if (this.#latencies.length === maxLatencies && this.#latencies.every(isLate))
      this.#suspend(`it takes ${Math.round(this.latencyMs)} ms to answer`);
    return replies;
  }

  async #execute(commands: readonly (readonly string[])[]): Promise<readonly unknown[]> {
    const [only, ...others] = commands;
    if (only !== undefined && others.length === 0) return [await this.#client.sendCommand([...only])];
    const transaction = this.#client.multi();
    for (const command of commands) transaction.addCommand([...command]);
    return transaction.exec<'typed'>();
  }

  /** Suspends commands until replies arrive in time again. */
  #suspend(reason: string): void {
    if (this.#isSlow) return;
    this.#isSlow = true;
    this.#lastError = new SlowRedisError(reason);
    this.#update();
    this.#ping(0);
  }

  /** @param inTime consecutive replies in time */
  #ping(inTime: number): void {
    const elapsed = startWatch();
    const onReply = () => {
      const latency = elapsed();
      this.#latencies = [...this.#latencies, latency].slice(-maxLatencies);
      const isInTime = latency <= this.#maxLatencyMs;
      if (isInTime && inTime + 1 === maxLatencies) {
        this.#isSlow = false;
        this.#update();
        return;
      }
      const next = isInTime ? inTime + 1 : 0;
      setTimeout(
        () => {
          this.#ping(next);
        },
        isInTime ? pingSoonMs : pingEveryMs,
      ).unref();
    };
    // A new connection starts its own pings.
    if (this.#isSlow && this.#client.isReady) this.#client.ping().then(onReply, () => undefined);
  }

  #update(): void {
    const isUp = this.#client.isReady && this.#subscriber.isReady && !this.#isSlow;
    if (isUp === this.#isUp || this.#isClosed) return;
    this.#isUp = isUp;
    this.#onChange(isUp, isUp ? null : this.#lastError, isUp ? null : connectionReasonOf(this.#lastError));
  }
}

/** Measures idle time of the event loop in milliseconds: during busy time, a reply may already have arrived. */
function startWatch(): () => number {
  const before = performance.eventLoopUtilization();
  return () => performance.eventLoopUtilization(before).idle;
}

/** Names and scripts of commands, without keys and values. */
function formOf(commands: readonly (readonly string[])[]): string {
  return commands.map(([name, script = '']) => (name === 'EVAL' ? script : (name ?? ''))).join('\n');
}

/** Reason why Redis refused commands; null for any other error. */
function reasonOf(error: unknown): string | null {
  if (typeof error !== 'object' || error === null) return null;
  const replies: unknown = 'replies' in error ? error.replies : null;
  const all: readonly unknown[] = [error].concat(Array.isArray(replies) ? (replies as object[]) : []);
  for (const each of all) {
    if (typeof each !== 'object' || each === null || !('message' in each)) continue;
    const word = /\b[A-Z]{3,12}\b/.exec(String(each.message))?.[0] ?? '';
    if (Object.hasOwn(errorReplies, word)) return `${word}: ${errorReplies[word]}`;
  }
  return null;
}

/** Reason why Redis refused a connection; null for any other error. */
function connectionReasonOf(error: unknown): string | null {
  const known = reasonOf(error);
  if (known !== null || !(error instanceof ErrorReply)) return known;
  const word = /^[A-Z]{3,12}\b/.exec(error.message)?.[0] ?? 'ERR';
  const [, reason] = plainErrorReplies.find(([pattern]) => pattern.test(error.message)) ?? [];
  return `${word}: ${reason ?? 'it answers with an error'}`;
}
