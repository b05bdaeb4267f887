/** Authentication by API key or token, rate limits, and each caller's customers. */
import { hash, timingSafeEqual } from 'node:crypto';
import type { IncomingHttpHeaders } from 'node:http';
import { invariant, Refusal } from '../errors.ts';
import type { Viewer } from '../scope.ts';
import type { Secret } from '../secret.ts';
import { ApiKeys, type ApiKeysOptions } from './api-keys.ts';
import { allowanceOf, RateLimit, secondsLeft } from './rate-limit.ts';
import { BearerTokens, type BearerTokenOptions } from './bearer-tokens.ts';
import { KeysUnavailableError, type ProviderKeysOptions } from './provider-keys.ts';
import type { TakeFleetTokens } from '../tokens.ts';

export type CallersConfig = CallersKnown & {
  /** Limit for callers whose key has none; null for unlimited. */
  readonly requestsPerMinute: number | null;
};

type CallersKnown =
  /** Accepts every request, with access to all customers. */
  | { readonly kind: 'open' }
  /** Accepts one key, that of the process that started the gateway, with access to all customers. */
  | { readonly kind: 'secret'; readonly key: Secret; readonly name: string }
  /** Accepts keys of the file and tokens of the provider, at least one of which is configured. */
  | {
      readonly kind: 'known';
      readonly keysFile: string | null;
      readonly tokens: BearerTokenOptions | null;
    };

/** Missing or invalid credential; the message is the same for all reasons. */
class UnauthenticatedError extends Refusal {
  override readonly name = 'UnauthenticatedError';
  readonly status = 401;
  readonly code = 'UNAUTHENTICATED';

  constructor() {
    super('Missing, unknown or expired credential. Send "Authorization: Bearer …" or "X-API-Key: …".');
  }
}

/**
 * Tokens can't be verified at present. Has no cause: `CallersOptions.report` receives the cause once, not with each
 * request.
 */
class IdentityUnavailableError extends Refusal {
  override readonly name = 'IdentityUnavailableError';
  readonly status = 503;
  override readonly retryAfter = 1;
  readonly code = 'IDENTITY_UNAVAILABLE';

  constructor() {
    super("The identity provider's keys are unavailable at the moment. Try again later.");
  }
}

class TooManyRequestsError extends Refusal {
  override readonly name = 'TooManyRequestsError';
  readonly status = 429;
  readonly code = 'RATE_LIMITED';
  override readonly retryAfter: number;

  constructor(requestsPerMinute: number, retryAfter: number) {
    super(`Rate limit exceeded (${requestsPerMinute} requests per minute); retry after ${retryAfter} s.`);
    this.retryAfter = retryAfter;
  }
}

export interface Caller {
  readonly viewer: Viewer;
  /** Null if the configured limit applies. */
  readonly requestsPerMinute: number | null;
  /** Whether only trusted documents are accepted. */
  readonly requiresTrustedDocuments: boolean;
}

export interface CallersOptions extends ApiKeysOptions {
  /** Monotonic milliseconds. */
  readonly now: () => number;
  /** Fetches the identity provider's keys and reports failures; required for tokens. */
  readonly providerKeys?: Pick<ProviderKeysOptions, 'onFault' | 'fetchAnswer'> | null;
  /** The fleet's rate limit; null for a single instance. */
  readonly takeFleetTokens?: TakeFleetTokens | null;
}

export interface Callers {
  /**
   * Authenticates a request, without counting it: a long response authenticates its caller repeatedly. Rejects with
   * UnauthenticatedError and IdentityUnavailableError.
   */
  readonly identify: (headers: IncomingHttpHeaders) => Caller | Promise<Caller>;
  /** Counts a request. Throws or rejects with TooManyRequestsError. */
  readonly admit: (caller: Caller) => void | Promise<void>;
  readonly close: () => void;
}

const openCaller: Caller = {
  viewer: { name: 'anonymous', customerIds: null, profile: null },
  requestsPerMinute: null,
  requiresTrustedDocuments: false,
};

/** @throws KeyFileError */
export function createCallers(config: CallersConfig, options: CallersOptions): Callers {
  const { now, takeFleetTokens = null } = options;
  const rateLimit = new RateLimit(now);
  const admit = ({ viewer: { name }, requestsPerMinute }: Caller): void | Promise<void> => {
    const max = requestsPerMinute ?? config.requestsPerMinute;
    if (max === null) return;
    const assertGranted = (waitSeconds: number): void => {
      if (waitSeconds > 0) throw new TooManyRequestsError(max, waitSeconds);
    };
    if (takeFleetTokens === null) {
      assertGranted(rateLimit.take(name, max));
      return;
    }
    return takeFleetTokens(allowanceOf(name, max), 1).then((grant) => {
      assertGranted(grant === null ? rateLimit.take(name, max) : secondsLeft(grant));
    });
  };
  if (config.kind === 'open') {
    return { identify: () => openCaller, admit, close: () => undefined };
  }
  if (config.kind === 'secret') {
    const { key, name } = config;
    const owner = { ...openCaller, viewer: { ...openCaller.viewer, name } };
    const identify = (headers: IncomingHttpHeaders) => {
      if (!isEqual(credentialOf(headers) ?? '', key.reveal())) throw new UnauthenticatedError();
      return owner;
    };
    return { identify, admit, close: () => undefined };
  }
  const keys = config.keysFile === null ? null : new ApiKeys(config.keysFile, options);
  const tokens = config.tokens === null ? null : createTokens(config.tokens, options);
  return {
    identify: async (headers) => {
      const credential = credentialOf(headers);
      if (credential === null) throw new UnauthenticatedError();
      // Keys first: a key may look like a token, but no token is among the keys.
      const caller = keys?.find(credential) ?? (await findByToken(tokens, credential));
      if (caller === null) throw new UnauthenticatedError();
      return caller;
    },
    admit,
    close: () => keys?.close(),
  };
}

function createTokens(config: BearerTokenOptions, options: CallersOptions): BearerTokens {
  const { providerKeys = null } = options;
  invariant(providerKeys !== null, 'tokens are verified by the keys of their provider');
  return new BearerTokens(config, { ...options, ...providerKeys });
}

/** Constant-time comparison. */
function isEqual(left: string, right: string): boolean {
  const digest = (text: string) => hash('sha256', text, 'buffer');
  return timingSafeEqual(digest(left), digest(right));
}

const tokenPattern = /^[\w-]+\.[\w-]*\.[\w-]*$/;

function credentialOf(headers: IncomingHttpHeaders): string | null {
  const key = headers['x-api-key'];
  if (typeof key === 'string') return key;
  return /^Bearer +(\S+)$/i.exec(headers.authorization ?? '')?.[1] ?? null;
}

async function findByToken(tokens: BearerTokens | null, token: string): Promise<Caller | null> {
  if (tokens === null || !tokenPattern.test(token)) return null;
  try {
    const viewer = await tokens.find(token);
    return viewer === null ? null : { viewer, requestsPerMinute: null, requiresTrustedDocuments: false };
  } catch (error) {
    if (error instanceof KeysUnavailableError) throw new IdentityUnavailableError();
    throw error;
  }
}

/** Equal for callers with the same permissions only. */
export function permissionsKeyOf(caller: Caller): string {
  let key = permissionsKeys.get(caller);
  if (key === undefined) {
    const { viewer, requiresTrustedDocuments } = caller;
    const customers = viewer.customerIds === null ? 'all' : [...viewer.customerIds].sort();
    key = JSON.stringify([requiresTrustedDocuments, viewer.profile, customers]);
    permissionsKeys.set(caller, key);
  }
  return key;
}

/** Callers with API keys stay the same objects while the key file is unchanged. */
const permissionsKeys = new WeakMap<Caller, string>();
