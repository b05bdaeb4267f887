/**
 * The public keys of an identity provider (RFC 7517), cached. A token names its key, and anyone can write a token: what
 * tokens name must never make the gateway call the provider more often than a cooldown allows, least of all while the
 * provider is down.
 */
import { createLocalJWKSet, errors, type JSONWebKeySet, type JWTVerifyGetKey } from 'jose';

/** What the provider answers; the body counts only with status 200. */
interface ProviderAnswer {
  readonly status: number;
  readonly body: string;
}

/** Limits of one fetch of keys. */
export const keySetLimits = { timeoutMs: 5000, maxBytes: 256 * 1024 };

export interface ProviderKeysOptions {
  /** Milliseconds; it never goes back. */
  readonly now: () => number;
  /** Called once for a key set with an unusable key; and once when the keys can't be fetched any more, without `onFault`. */
  readonly report: (error: unknown) => void;
  /** Notified of each fetch of keys that fails, and of null when one succeeds again. */
  readonly onFault?: (error: unknown) => void;
  /** Fetches the URL within `keySetLimits`, without following redirects: keys are trusted at the configured URL alone. */
  readonly fetchAnswer: () => Promise<ProviderAnswer>;
}

/** What a provider answers is no key set; the message has nothing of it. */
export class KeySetError extends Error {
  override readonly name = 'KeySetError';
}

/** No keys are cached, and the provider has just failed to give any. */
export class KeysUnavailableError extends Error {
  override readonly name = 'KeysUnavailableError';
}

const maxAgeMs = 600_000;
/** While the provider is down, the last keys verify tokens for so long. */
const maxStaleMs = 3_600_000;
/** Between two fetches; it doubles with each fetch that fails. */
const minCooldownMs = 10_000;
const maxCooldownMs = 60_000;
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
    const hasKeysOf = (ageMs: number) => this.#keys !== null && this.#isWithin(this.#fetchedAt, ageMs);
    if (!hasKeysOf(maxAgeMs)) {
      const isStale = hasKeysOf(maxStaleMs);
      const fetching = this.#fetch();
      // Callers do not wait for a provider that has just failed.
      const isFetched = isStale && this.#isFailing ? false : await fetching;
      if (!isFetched && !isStale) throw new KeysUnavailableError('The keys are unavailable.');
    }
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
    const { now, report, onFault, fetchAnswer } = this.#options;
    try {
      this.#keys = createLocalJWKSet(decodeKeySet(await fetchAnswer()));
      this.#fetchedAt = now();
      this.#cooldownMs = minCooldownMs;
      if (this.#isFailing) onFault?.(null);
      this.#isFailing = false;
      this.#hasReportedKey = false;
    } catch (cause) {
      onFault?.(cause);
      if (this.#isFailing) this.#cooldownMs = Math.min(maxCooldownMs, this.#cooldownMs * 2);
      else if (onFault === undefined)
        report(new Error("The identity provider's keys can't be fetched.", { cause }));
      this.#isFailing = true;
    }
    this.#attemptedAt = now();
  }

  #isWithin(since: number, milliseconds: number): boolean {
    return this.#options.now() - since < milliseconds;
  }
}

function decodeKeySet({ status, body }: ProviderAnswer): JSONWebKeySet {
  if (status !== 200) throw new KeySetError(`Expected the key set with status 200, but got ${status}.`);
  let keySet: unknown;
  try {
    keySet = JSON.parse(body);
  } catch {
    throw new KeySetError('Expected the key set as JSON.');
  }
  if (!isKeySet(keySet)) throw new KeySetError(`Expected a key set of ${maxKeys} keys at most.`);
  return keySet;
}

/** What jose checks of a key set it checks itself. */
function isKeySet(value: unknown): value is JSONWebKeySet {
  if (typeof value !== 'object' || value === null || !('keys' in value)) return false;
  return Array.isArray(value.keys) && value.keys.length <= maxKeys;
}
