/**
 * The public keys of an identity provider (RFC 7517), cached. A token names its key, and anyone can write a token: what
 * tokens name must never make the gateway call the provider more often than a cooldown allows, least of all while the
 * provider is down.
 */
import { createLocalJWKSet, errors, type JSONWebKeySet, type JWTVerifyGetKey } from 'jose';

export interface ProviderKeysOptions {
  /** Where the provider publishes its keys. */
  readonly url: URL;
  /** Milliseconds since the epoch. */
  readonly clock: () => number;
  /** Called once when the keys can't be fetched any more, and once for a key set with an unusable key. */
  readonly report: (error: unknown) => void;
}

/** No keys are cached, and the provider has just failed to give any. */
export class KeysUnavailableError extends Error {
  override readonly name = 'KeysUnavailableError';
}

const maxAgeMs = 600_000;
/** Between two fetches; it doubles with each fetch that fails. */
const minCooldownMs = 10_000;
const maxCooldownMs = 60_000;
const timeoutMs = 5000;
const maxBytes = 256 * 1024;
const maxKeys = 1000;

export class ProviderKeys {
  readonly #options: ProviderKeysOptions;
  #keys: ReturnType<typeof createLocalJWKSet> | null = null;
  #fetchedAt = -Infinity;
  #attemptedAt = -Infinity;
  #cooldownMs = minCooldownMs;
  #isFailing = false;
  #hasReportedKey = false;
  #fetching: Promise<void> | null = null;

  constructor(options: ProviderKeysOptions) {
    this.#options = options;
  }

  /** The key that a token's header names. Rejects with KeysUnavailableError, and with JWKSNoMatchingKey of jose. */
  readonly find: JWTVerifyGetKey = async (header, token) => {
    const isFresh = this.#keys !== null && this.#isWithin(this.#fetchedAt, maxAgeMs);
    if (!isFresh && !(await this.#fetch())) throw new KeysUnavailableError('The keys are unavailable.');
    try {
      return await this.#current(header, token);
    } catch (error) {
      const mayBeNew = error instanceof errors.JWKSNoMatchingKey && (await this.#fetch());
      if (!mayBeNew) throw error;
      return this.#current(header, token);
    }
  };

  /** Reports a published key that can't verify anything, once for each key set. */
  reportUnusableKey(cause: unknown): void {
    if (this.#hasReportedKey) return;
    this.#hasReportedKey = true;
    this.#options.report(new Error("A key of the identity provider can't be used.", { cause }));
  }

  readonly #current: JWTVerifyGetKey = (header, token) => {
    if (this.#keys === null) throw new KeysUnavailableError('The keys are unavailable.');
    return this.#keys(header, token);
  };

  /** Whether the keys were fetched just now; false during the cooldown. */
  async #fetch(): Promise<boolean> {
    if (this.#fetching === null && this.#isWithin(this.#attemptedAt, this.#cooldownMs)) return false;
    this.#fetching ??= this.#load().finally(() => (this.#fetching = null));
    await this.#fetching;
    return !this.#isFailing;
  }

  async #load(): Promise<void> {
    const { url, clock, report } = this.#options;
    try {
      this.#keys = createLocalJWKSet(await fetchKeySet(url));
      this.#fetchedAt = clock();
      this.#cooldownMs = minCooldownMs;
      this.#isFailing = false;
      this.#hasReportedKey = false;
    } catch (cause) {
      if (this.#isFailing) this.#cooldownMs = Math.min(maxCooldownMs, this.#cooldownMs * 2);
      else report(new Error("The identity provider's keys can't be fetched.", { cause }));
      this.#isFailing = true;
    }
    this.#attemptedAt = clock();
  }

  /** False as well if the clock was set back. */
  #isWithin(since: number, milliseconds: number): boolean {
    const elapsedMs = this.#options.clock() - since;
    return elapsedMs >= 0 && elapsedMs < milliseconds;
  }
}

/** Redirects are not followed: keys are trusted at the configured URL alone. */
async function fetchKeySet(url: URL): Promise<JSONWebKeySet> {
  const response = await fetch(url, {
    headers: { accept: 'application/json, application/jwk-set+json' },
    redirect: 'manual',
    signal: AbortSignal.timeout(timeoutMs),
  });
  if (response.status !== 200) {
    await response.body?.cancel();
    throw new Error(`Expected the key set with status 200, but got ${response.status}.`);
  }
  const keySet: unknown = JSON.parse(await readBody(response));
  if (!isKeySet(keySet)) throw new Error(`Expected a key set of ${maxKeys} keys at most.`);
  return keySet;
}

/** @throws Error if the body is longer than `maxBytes`; reading ends there */
async function readBody({ body }: Response): Promise<string> {
  const chunks: Uint8Array[] = [];
  let bytes = 0;
  const parts = (body ?? []) as AsyncIterable<Uint8Array> | readonly Uint8Array[];
  for await (const chunk of parts) {
    bytes += chunk.byteLength;
    if (bytes > maxBytes) throw new Error(`Expected a key set of ${maxBytes} bytes at most.`);
    chunks.push(chunk);
  }
  return Buffer.concat(chunks).toString();
}

/** What jose checks of a key set it checks itself. */
function isKeySet(value: unknown): value is JSONWebKeySet {
  if (typeof value !== 'object' || value === null || !('keys' in value)) return false;
  return Array.isArray(value.keys) && value.keys.length <= maxKeys;
}
