/**
 * JSON Web Tokens (RFC 7519) of an identity provider: whoever holds one is who it says, for as long as it says. Only
 * algorithms with a public key are taken, so that a public key can't be passed off as a secret.
 */
import { createHash } from 'node:crypto';
import { createRemoteJWKSet, errors, jwtVerify, type JWTPayload } from 'jose';
import type { Viewer } from '../scope.ts';
import { decodeCustomers, decodeProfile, type ProfileNames } from './rights.ts';

export interface BearerTokenOptions {
  readonly issuer: string;
  readonly audience: string;
  /** Where the provider publishes its keys. */
  readonly jwksUrl: URL;
  readonly algorithms: readonly string[];
  readonly clockSkewSeconds: number;
  /** The claim that names the customers: a list of ids, or "all". A token without it has none. */
  readonly customersClaim: string;
  /** The claim that names the profile, where there are several; a token without it is not valid then. */
  readonly profileClaim: string;
}

/** A key that is not known is looked for again, but not more often than this. */
const cooldownMs = 10_000;
const keysMaxAgeMs = 600_000;
const timeoutMs = 5000;

export class BearerTokens {
  readonly #options: BearerTokenOptions;
  readonly #keys: ReturnType<typeof createRemoteJWKSet>;
  readonly #clock: () => number;
  readonly #profiles: ProfileNames;

  /** @param clock in milliseconds since the epoch */
  constructor(options: BearerTokenOptions, clock: () => number, profiles: ProfileNames) {
    this.#options = options;
    this.#clock = clock;
    this.#profiles = profiles;
    this.#keys = createRemoteJWKSet(options.jwksUrl, {
      cooldownDuration: cooldownMs,
      cacheMaxAge: keysMaxAgeMs,
      timeoutDuration: timeoutMs,
    });
  }

  /** Whose token it is; null where it is not valid. Rejects where the provider's keys can't be had. */
  async find(token: string): Promise<Viewer | null> {
    const { issuer, audience, algorithms, clockSkewSeconds, customersClaim, profileClaim } = this.#options;
    try {
      const { payload } = await jwtVerify(token, this.#keys, {
        issuer,
        audience,
        algorithms: [...algorithms],
        clockTolerance: clockSkewSeconds,
        currentDate: new Date(this.#clock()),
        requiredClaims: ['exp', 'sub'],
      });
      const customerIds = decodeCustomers(payload[customersClaim]);
      const profile = decodeProfile(payload[profileClaim], this.#profiles);
      if (profile === undefined) return null;
      return {
        name: `token ${nameOf(payload)}`,
        customerIds: customerIds === undefined ? new Set() : customerIds,
        profile,
      };
    } catch (error) {
      if (isInvalid(error)) return null;
      throw error;
    }
  }
}

function isInvalid(error: unknown): boolean {
  if (error instanceof errors.JWKSTimeout || error instanceof errors.JWKSInvalid) return false;
  return error instanceof errors.JOSEError && error.code !== 'ERR_JOSE_GENERIC';
}

/** A service goes by its own name. Who else it is may be a person, whose name or address is nobody's here. */
function nameOf({ sub = '', client_id: clientId, azp }: JWTPayload): string {
  const isService = sub === clientId || sub === azp;
  if (isService && /^[\w.@|:-]{1,100}$/.test(sub)) return sub;
  return createHash('sha256').update(sub).digest('hex').slice(0, pseudonymDigits);
}

const pseudonymDigits = 16;
