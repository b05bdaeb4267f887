/** Reads the settings of authentication and rate limits. */
import type { BearerTokenOptions } from '../callers/bearer-tokens.ts';
import type { CallersConfig } from '../callers/callers.ts';
import type { Settings } from './settings.ts';

const callersSettings = [
  'CALLERS_KEYS_FILE',
  'CALLERS_JWT_ISSUER',
  'CALLERS_JWT_AUDIENCE',
  'CALLERS_JWT_JWKS_URL',
] as const;

/** Optional settings of tokens that require an issuer. */
const tokenSettings = [
  'CALLERS_JWT_ALGORITHMS',
  'CALLERS_JWT_CLOCK_SKEW_SECONDS',
  'CALLERS_JWT_CUSTOMERS_CLAIM',
  'CALLERS_JWT_PROFILE_CLAIM',
] as const;

/** Only algorithms with public keys: a published key can't be misused as a shared secret. */
const tokenAlgorithms = [
  'RS256',
  'RS384',
  'RS512',
  'PS256',
  'PS384',
  'PS512',
  'ES256',
  'ES384',
  'ES512',
  'EdDSA',
];

/** @param upstreamKind `embedded` needs no credential, since its data is invented */
export function readCallers(
  settings: Settings,
  upstreamKind: 'embedded' | 'remote' | 'profiles' | null,
): CallersConfig {
  const isOpen = settings.optionalChoice('CALLERS', 'open') !== null;
  const isKnown = callersSettings.some((name) => settings.text(name) !== null);
  if (isOpen && isKnown) {
    settings.mistakes.push(
      'CALLERS=open accepts every request: unset it, or the other settings of CALLERS_…',
    );
  } else if (isOpen && upstreamKind === 'profiles') {
    settings.mistakes.push('CALLERS=open: AVEPOINT_PROFILES needs authenticated callers');
  } else if (!isOpen && !isKnown && upstreamKind !== 'embedded') {
    settings.mistakes.push(
      'CALLERS_KEYS_FILE or CALLERS_JWT_ISSUER is missing: set one of them, or accept every request with CALLERS=open',
    );
  }
  const requestsPerMinute = settings.optionalInteger('CALLERS_REQUESTS_PER_MINUTE', {
    from: 1,
    to: 10_000_000,
  });
  const tokens = readTokens(settings);
  if (!isKnown) return { kind: 'open', requestsPerMinute };
  return { kind: 'known', keysFile: settings.text('CALLERS_KEYS_FILE'), tokens, requestsPerMinute };
}

function readTokens(settings: Settings): BearerTokenOptions | null {
  const issuer = settings.text('CALLERS_JWT_ISSUER');
  const audience = settings.text('CALLERS_JWT_AUDIENCE');
  const url = settings.text('CALLERS_JWT_JWKS_URL');
  if (issuer === null && audience === null && url === null) {
    for (const name of tokenSettings)
      if (settings.text(name) !== null) settings.mistakes.push(`${name}: it needs CALLERS_JWT_ISSUER`);
    return null;
  }
  for (const [name, value] of Object.entries({
    CALLERS_JWT_ISSUER: issuer,
    CALLERS_JWT_AUDIENCE: audience,
    CALLERS_JWT_JWKS_URL: url,
  })) {
    if (value === null)
      settings.mistakes.push(`${name} is missing: issuer, audience and keys belong together`);
  }
  const jwksUrl = url === null ? null : settings.secureUrl('CALLERS_JWT_JWKS_URL', url);
  const algorithms = settings.list('CALLERS_JWT_ALGORITHMS', 'RS256 ES256');
  const unknown = algorithms.filter((algorithm) => !tokenAlgorithms.includes(algorithm));
  if (unknown.length > 0) {
    settings.mistakes.push(
      `CALLERS_JWT_ALGORITHMS: expected some of ${tokenAlgorithms.join(' ')}, but got ${JSON.stringify(unknown.join(' '))}`,
    );
  }
  const clockSkewSeconds = settings.integer('CALLERS_JWT_CLOCK_SKEW_SECONDS', {
    from: 0,
    to: 300,
    otherwise: 5,
  });
  const customersClaim = settings.textOr('CALLERS_JWT_CUSTOMERS_CLAIM', 'customers');
  const profileClaim = settings.textOr('CALLERS_JWT_PROFILE_CLAIM', 'avepoint_profile');
  if (issuer === null || audience === null || jwksUrl === null) return null;
  const mcpText = settings.text('MCP_URL');
  const mcpUrl = mcpText !== null && URL.canParse(mcpText) ? new URL(mcpText).href : null;
  return {
    issuer,
    audience,
    ...(mcpUrl === null ? {} : { resourceUrl: mcpUrl }),
    jwksUrl,
    algorithms,
    clockSkewSeconds,
    customersClaim,
    profileClaim,
  };
}
