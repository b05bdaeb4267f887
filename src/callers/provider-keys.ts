/**
 * Cached public keys of an identity provider (RFC 7517). Any client can name a key in a token, so fetches have a
 * cooldown, which grows while the provider is down.
 */
import { createLocalJWKSet, errors, type JSONWebKeySet, type JWTVerifyGetKey } from 'jose';

/** Response of the provider; the body is used with status 200 only. */
interface ProviderAnswer {
  readonly status: number;
  readonly body: string;
}

/** Limits of one fetch. */
export const keySetLimits = { timeoutMs: 5000, maxBytes: 256 * 1024 };

export interface ProviderKeysOptions {
  /** Monotonic milliseconds. */
  readonly now: () => number;
  /** Called once per key set with an unusable key and, without `onFault`, once when fetches start to fail. */
  readonly report: (error: unknown) => void;
  /** Called with the error of each failed fetch, and with null after recovery. */
  readonly onFault?: (error: unknown) => void;
  /** Fetches the URL within `keySetLimits`, without redirects: keys are trusted at the configured URL only. */
  readonly fetchAnswer: () => Promise<ProviderAnswer>;
}

/** Response that is no key set; the message does not quote it. */
export class KeySetError extends Error {
  override readonly name = 'KeySetError';
}

/** No keys are cached, and the last fetch failed. */
export class KeysUnavailableError extends Error {
  override readonly name = 'KeysUnavailableError';
}

const maxAgeMs = 600_000;
/** Maximum age of keys while the provider is down. */
const maxStaleMs = 3_600_000;
/** Time between two fetches, doubled by each failure. */
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

  /** Key that a token's header names. Rejects with KeysUnavailableError, or JWKSNoMatchingKey of jose. */
  readonly find: JWTVerifyGetKey = async (header, token) => {
    const hasKeysOf = (ageMs: number) => this.#keys !== null && this.#isWithin(this.#fetchedAt, ageMs);
    if (!hasKeysOf(maxAgeMs)) {
      const isStale = hasKeysOf(maxStaleMs);
      const fetching = this.#fetch();
      // While the provider fails, stale keys are used without waiting.
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

  /** Reports a published key that can't verify signatures, once per key set. */
  reportUnusableKey(cause: unknown): void {
    if (this.#hasReportedKey) return;
    this.#hasReportedKey = true;
    this.#options.report(new Error("A key of the identity provider can't be used.", { cause }));
  }

  readonly #current: JWTVerifyGetKey = (header, token) => {
    if (this.#keys === null) throw new KeysUnavailableError('The keys are unavailable.');
    return this.#keys(header, token);
  };

  /** Whether a fetch has just succeeded; false during the cooldown. */
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

/** Checks the size; jose validates the rest. */
function isKeySet(value: unknown): value is JSONWebKeySet {
  if (typeof value !== 'object' || value === null || !('keys' in value)) return false;
  return Array.isArray(value.keys) && value.keys.length <= maxKeys;
}
