/** Authentication by API key or token, rate limits, and the customers that each caller may see. */
import { hash, timingSafeEqual } from 'node:crypto';
import type { IncomingHttpHeaders } from 'node:http';
import { invariant, Refusal } from '../errors.ts';
import type { Viewer } from '../scope.ts';
import type { Secret } from '../secret.ts';
import { ApiKeys, type ApiKeysOptions } from './api-keys.ts';
import { allowanceOf, RateLimit, secondsLeft } from './rate-limit.ts';
import { BearerTokens, type BearerTokenOptions } from './bearer-tokens.ts';
import { KeysUnavailableError, type ProviderKeysOptions } from './provider-keys.ts';
import type { TakeOfAll } from './token-buckets.ts';

export type CallersConfig = CallersKnown & {
  /** Limit of a caller whose key has none; null sets no limit. */
  readonly requestsPerMinute: number | null;
};

type CallersKnown =
  /** Every request is accepted, and sees all customers. */
  | { readonly kind: 'open' }
  /** Requests with one key, of the process that has started the gateway for itself: they see all customers. */
  | { readonly kind: 'secret'; readonly key: Secret; readonly name: string }
  /** Requests with a key of the file or a token of the provider; at least one of the two is set. */
  | {
      readonly kind: 'known';
      readonly keysFile: string | null;
      readonly tokens: BearerTokenOptions | null;
    };

/** The credential is missing or invalid. The message is the same for every reason. */
class UnauthenticatedError extends Refusal {
  override readonly name = 'UnauthenticatedError';
  readonly status = 401;
  readonly code = 'UNAUTHENTICATED';

  constructor() {
    super(
      'Send a credential that is known here and has not expired: "Authorization: Bearer …", or an API key as "X-API-Key: …".',
    );
  }
}

/**
 * Whether a token is valid can't be checked at the moment. Without a cause: `CallersOptions.report` gets it once, not
 * with each request.
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

/** The caller's rate limit is exceeded. */
class TooManyRequestsError extends Refusal {
  override readonly name = 'TooManyRequestsError';
  readonly status = 429;
  readonly code = 'RATE_LIMITED';
  override readonly retryAfter: number;

  constructor(requestsPerMinute: number, retryAfter: number) {
    super(`You may ask ${requestsPerMinute} times a minute. Try again in ${retryAfter} s.`);
    this.retryAfter = retryAfter;
  }
}

/** An authenticated caller. */
export interface Caller {
  readonly viewer: Viewer;
  /** Null if the configured limit applies. */
  readonly requestsPerMinute: number | null;
  /** Whether the caller may send trusted documents alone. */
  readonly requiresTrustedDocuments: boolean;
}

export interface CallersOptions extends ApiKeysOptions {
  /** Milliseconds; it never goes back. */
  readonly now: () => number;
  /** Fetches the identity provider's keys, and is notified of failures; required if there are tokens. */
  readonly providerKeys?: Pick<ProviderKeysOptions, 'onFault' | 'fetchAnswer'> | null;
  /** Takes from what a caller may ask in a minute, of all instances together; null if there is one. */
  readonly takeOfAll?: TakeOfAll | null;
}

export interface Callers {
  /**
   * Finds the caller of a request; counts nothing, so that a long answer's caller can be looked for again and again.
   * Rejects with UnauthenticatedError and IdentityUnavailableError.
   */
  readonly identify: (headers: IncomingHttpHeaders) => Caller | Promise<Caller>;
  /** Counts a request of a caller's. Throws or rejects with TooManyRequestsError. */
  readonly admit: (caller: Caller) => void | Promise<void>;
  readonly close: () => void;
}

const anybody: Caller = {
  viewer: { name: 'anybody', customerIds: null, profile: null },
  requestsPerMinute: null,
  requiresTrustedDocuments: false,
};

/** @throws KeyFileError */
export function createCallers(config: CallersConfig, options: CallersOptions): Callers {
  const { now, takeOfAll = null } = options;
  const rateLimit = new RateLimit(now);
  const admit = ({ viewer: { name }, requestsPerMinute }: Caller): void | Promise<void> => {
    const max = requestsPerMinute ?? config.requestsPerMinute;
    if (max === null) return;
    const heed = (waitSeconds: number): void => {
      if (waitSeconds > 0) throw new TooManyRequestsError(max, waitSeconds);
    };
    if (takeOfAll === null) {
      heed(rateLimit.take(name, max));
      return;
    }
    return takeOfAll(allowanceOf(name, max), 1).then((grant) => {
      heed(grant === null ? rateLimit.take(name, max) : secondsLeft(grant));
    });
  };
  if (config.kind === 'open') {
    return { identify: () => anybody, admit, close: () => undefined };
  }
  if (config.kind === 'secret') {
    const { key, name } = config;
    const owner = { ...anybody, viewer: { ...anybody.viewer, name } };
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
      // Keys first: a key may have the form of a token, but no token is among the keys.
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

/** Takes the same time wherever they differ. */
function isEqual(one: string, other: string): boolean {
  const digest = (text: string) => hash('sha256', text, 'buffer');
  return timingSafeEqual(digest(one), digest(other));
}

const tokenForm = /^[\w-]+\.[\w-]*\.[\w-]*$/;

function credentialOf(headers: IncomingHttpHeaders): string | null {
  const key = headers['x-api-key'];
  if (typeof key === 'string') return key;
  return /^Bearer +(\S+)$/i.exec(headers.authorization ?? '')?.[1] ?? null;
}

async function findByToken(tokens: BearerTokens | null, token: string): Promise<Caller | null> {
  if (tokens === null || !tokenForm.test(token)) return null;
  try {
    const viewer = await tokens.find(token);
    return viewer === null ? null : { viewer, requestsPerMinute: null, requiresTrustedDocuments: false };
  } catch (error) {
    if (error instanceof KeysUnavailableError) throw new IdentityUnavailableError();
    throw error;
  }
}

/** Equal for callers who may ask for and see the same, and for no others. */
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

/** Callers with API keys are the same objects for as long as the key file is unchanged. */
const permissionsKeys = new WeakMap<Caller, string>();
