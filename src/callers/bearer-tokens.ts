/**
 * JSON Web Tokens (RFC 7519) of an identity provider. Only algorithms with public keys are accepted: otherwise, a
 * public key could be used as a secret.
 */
import { createHash } from 'node:crypto';
import { errors, jwtVerify, type JWTPayload } from 'jose';
import type { Viewer } from '../scope.ts';
import { KeysUnavailableError, ProviderKeys, type ProviderKeysOptions } from './provider-keys.ts';
import { decodeCustomers, decodeProfile, type ProfileNames } from './rights.ts';

export interface BearerTokenOptions {
  readonly issuer: string;
  readonly audience: string;
  /** URL of the MCP endpoint, which may be the token's audience as well (RFC 8707). */
  readonly resourceUrl?: string;
  /** URL of the provider's key set. */
  readonly jwksUrl: URL;
  readonly algorithms: readonly string[];
  readonly clockSkewSeconds: number;
  /** Claim with the customers: a list of ids, or "all". Without it, a token has no customers. */
  readonly customersClaim: string;
  /** Claim with the profile, if there are several; a token without it is invalid then. */
  readonly profileClaim: string;
}

export class BearerTokens {
  readonly #options: BearerTokenOptions;
  readonly #keys: ProviderKeys;
  readonly #clock: () => number;
  readonly #profiles: ProfileNames;

  constructor(
    options: BearerTokenOptions,
    {
      profiles,
      clock,
      ...provider
    }: ProviderKeysOptions & {
      /** Time of day, in milliseconds since the epoch. */
      readonly clock: () => number;
      readonly profiles: ProfileNames;
    },
  ) {
    this.#options = options;
    this.#clock = clock;
    this.#profiles = profiles;
    this.#keys = new ProviderKeys(provider);
  }

  /** Holder of a token; null if it is invalid. Rejects with KeysUnavailableError. */
  async find(token: string): Promise<Viewer | null> {
    const { issuer, audience, resourceUrl, algorithms, clockSkewSeconds } = this.#options;
    try {
      const { payload } = await jwtVerify(token, this.#keys.find, {
        issuer,
        audience: resourceUrl === undefined ? audience : [audience, resourceUrl],
        algorithms: [...algorithms],
        clockTolerance: clockSkewSeconds,
        currentDate: new Date(this.#clock()),
        requiredClaims: ['exp', 'sub'],
      });
      return this.#decodeViewer(payload);
    } catch (error) {
      if (error instanceof KeysUnavailableError) throw error;
      // The provider's key is unusable, so its tokens are invalid.
      if (!(error instanceof errors.JOSEError)) this.#keys.reportUnusableKey(error);
      return null;
    }
  }

  /** Null if a claim has a wrong type: a provider may sign anything. */
  #decodeViewer(payload: JWTPayload): Viewer | null {
    const { customersClaim, profileClaim } = this.#options;
    const { exp, aud, sub, client_id: clientId, azp } = payload;
    if (!Number.isFinite(exp) || !isAudience(aud)) return null;
    if (!isName(sub)) return null;
    if (![clientId, azp].every((name) => name === undefined || isName(name))) return null;
    const customers = claimOf(payload, customersClaim);
    const customerIds = customers === undefined ? new Set<string>() : decodeCustomers(customers);
    const profile = decodeProfile(claimOf(payload, profileClaim), this.#profiles);
    if (customerIds === undefined || profile === undefined) return null;
    const isService = sub === clientId || sub === azp;
    return { name: `token ${isService ? serviceName(sub) : pseudonym(sub)}`, customerIds, profile };
  }
}

/** Undefined also for null, which some providers send for an absent claim. */
function claimOf(payload: JWTPayload, name: string): unknown {
  return Object.hasOwn(payload, name) ? (payload[name] ?? undefined) : undefined;
}

const maxNameLength = 1000;
const maxAudiences = 100;

function isName(value: unknown): value is string {
  return typeof value === 'string' && value.trim() !== '' && value.length <= maxNameLength;
}

function isAudience(audience: unknown): boolean {
  if (!Array.isArray(audience)) return isName(audience);
  return audience.length <= maxAudiences && audience.every(isName);
}

/** Services are logged by name. */
function serviceName(sub: string): string {
  return /^[\w.@|:-]{1,100}$/.test(sub) ? sub : pseudonym(sub);
}

const pseudonymDigits = 16;

/** Hash of a subject that may be a person's name or address, which must not be logged. */
function pseudonym(sub: string): string {
  return createHash('sha256').update(sub).digest('hex').slice(0, pseudonymDigits);
}
