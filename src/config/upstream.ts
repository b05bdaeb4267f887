/** Reads the settings of the upstream: the real API with one or several credentials, or the simulation. */
import { createPrivateKey, X509Certificate, type KeyObject } from 'node:crypto';
import { collections } from '../endpoint/collections.ts';
import { directoryRoute } from '../endpoint/directory.ts';
import type { SimulatorOptions } from '../simulator/simulator.ts';
import type { TokenOptions } from '../transport/access-token.ts';
import type { Settings } from './settings.ts';

/** The real API, or a server like it. */
export interface UpstreamConfig extends TokenOptions {
  readonly kind: 'remote';
  readonly apiUrl: URL;
}

/** The real API with several credentials, by profile name. */
export interface ProfilesConfig {
  readonly kind: 'profiles';
  readonly profiles: ReadonlyMap<string, UpstreamConfig>;
}

export interface EmbeddedUpstreamConfig {
  readonly kind: 'embedded';
  readonly options: SimulatorOptions;
}

/** Permissions of all routes. An ungranted permission only makes its own route fail. */
export const defaultScope = [
  ...new Set(
    [...Object.values(collections).map(({ route }) => route), directoryRoute].map(
      ({ permission }) => permission,
    ),
  ),
].join(' ');

/** Names of a credential's settings, with the profile's prefix. */
function credentialSettings(prefix: string) {
  return {
    apiUrl: `${prefix}API_URL`,
    tokenUrl: `${prefix}TOKEN_URL`,
    clientId: `${prefix}CLIENT_ID`,
    secret: `${prefix}CLIENT_SECRET`,
    certificate: `${prefix}CLIENT_CERTIFICATE`,
    key: `${prefix}CLIENT_KEY`,
    scope: `${prefix}SCOPE`,
  };
}

const commonPrefix = 'AVEPOINT_';

/** Returns the prefix of a profile's settings; null for the only credential. */
function prefixOf(profile: string | null): string {
  return profile === null ? commonPrefix : `${commonPrefix}${profile.toUpperCase().replaceAll('-', '_')}_`;
}

export function urlSettingsOf(profile: string | null): { readonly api: string; readonly token: string } {
  const { apiUrl, tokenUrl } = credentialSettings(prefixOf(profile));
  return { api: apiUrl, token: tokenUrl };
}

/**
 * Reads the upstream; null if there are mistakes. In production, the simulation must be enabled explicitly: a missing
 * upstream is a mistake there.
 */
export function readUpstream(
  settings: Settings,
): UpstreamConfig | ProfilesConfig | EmbeddedUpstreamConfig | null {
  const names = credentialSettings(commonPrefix);
  const credential = [...Object.values(names), `${names.secret}_FILE`];
  const set = credential.filter((name) => settings.text(name) !== null);
  settings.optionalChoice('SIMULATOR', 'on');
  const simulator = settings.text('SIMULATOR');
  const isReal = set.length > 0 || settings.text('AVEPOINT_PROFILES') !== null;
  if (simulator === 'on' && isReal) {
    settings.mistakes.push(
      `SIMULATOR=on and ${set[0] ?? 'AVEPOINT_PROFILES'} exclude each other: unset one of the two`,
    );
  } else if (!isReal && simulator === null && settings.text('NODE_ENV')?.toLowerCase() === 'production') {
    settings.mistakes.push(
      `SIMULATOR is missing: for the API set ${names.clientId} and ${names.secret}, or AVEPOINT_PROFILES; with NODE_ENV=production, the embedded simulation and its invented data need SIMULATOR=on`,
    );
  }
  if (!isReal) return readSimulator(settings);
  if (settings.text('AVEPOINT_PROFILES') === null) return readCredentials(settings, commonPrefix);
  for (const name of set) settings.mistakes.push(`${name} belongs to no profile of AVEPOINT_PROFILES`);
  const profiles = new Map<string, UpstreamConfig>();
  for (const name of settings.list('AVEPOINT_PROFILES')) {
    if (!profileForm.test(name)) {
      settings.mistakes.push(
        `AVEPOINT_PROFILES: expected names of small letters, digits and "-", but got ${JSON.stringify(name)}`,
      );
      continue;
    }
    const upstream = readCredentials(settings, prefixOf(name));
    if (upstream !== null) profiles.set(name, upstream);
  }
  return { kind: 'profiles', profiles };
}

const profileForm = /^[a-z][a-z\d-]{0,49}$/;

function readCredentials(settings: Settings, prefix: string): UpstreamConfig | null {
  const names = credentialSettings(prefix);
  // Both URLs must belong to the same cloud or test server.
  if ((settings.text(names.apiUrl) === null) !== (settings.text(names.tokenUrl) === null)) {
    settings.mistakes.push(`${names.apiUrl} and ${names.tokenUrl} belong together: set both or neither`);
  }
  const apiUrl = settings.secureUrl(names.apiUrl, 'https://graph.avepointonlineservices.com');
  const tokenUrl = settings.secureUrl(
    names.tokenUrl,
    'https://identity.avepointonlineservices.com/connect/token',
  );
  const clientId = settings.text(names.clientId);
  if (clientId === null) settings.mistakes.push(`${names.clientId} is missing`);
  const credential = readCredential(settings, names);
  if (apiUrl === null || tokenUrl === null || clientId === null || credential === null) return null;
  const scope = settings.textOr(names.scope, defaultScope);
  return { kind: 'remote', apiUrl, tokenUrl, clientId, credential, scope };
}

function readCredential(
  settings: Settings,
  names: ReturnType<typeof credentialSettings>,
): TokenOptions['credential'] | null {
  const isSecret = settings.hasSecret(names.secret);
  const certificateFile = settings.text(names.certificate);
  const keyFile = settings.text(names.key);
  if (isSecret && (certificateFile !== null || keyFile !== null)) {
    settings.mistakes.push(
      `${names.secret} and ${names.certificate} with ${names.key} exclude each other: set one of the two`,
    );
    return null;
  }
  if (isSecret) {
    const secret = settings.secret(names.secret);
    return secret === null ? null : { kind: 'secret', secret };
  }
  if (certificateFile === null && keyFile === null) {
    settings.mistakes.push(`${names.secret} is missing (or ${names.certificate} with ${names.key})`);
    return null;
  }
  const certificate = settings.pemFile(names.certificate, (pem) => new X509Certificate(pem));
  const privateKey = settings.pemFile<KeyObject>(names.key, (pem) => createPrivateKey(pem));
  if (certificate === null || privateKey === null) return null;
  if (privateKey.asymmetricKeyType !== 'rsa') {
    settings.mistakes.push(`${names.key}: expected an RSA key, which RS256 signs with`);
    return null;
  }
  if (!certificate.checkPrivateKey(privateKey)) {
    settings.mistakes.push(`${names.key} is not the key of ${names.certificate}`);
    return null;
  }
  return { kind: 'certificate', certificate, privateKey };
}

function readSimulator(settings: Settings): EmbeddedUpstreamConfig {
  const seed = settings.integer('SIMULATOR_SEED', { from: 0, to: 0xffff_ffff, otherwise: 1 });
  return {
    kind: 'embedded',
    options: {
      port: settings.integer('SIMULATOR_PORT', { from: 0, to: 65_535, otherwise: 0 }),
      world: {
        seed,
        customers: settings.integer('SIMULATOR_CUSTOMERS', { from: 0, to: 100_000, otherwise: 40 }),
        tenantsPerCustomer: settings.integer('SIMULATOR_TENANTS', { from: 0, to: 100, otherwise: 2 }),
        usersPerTenant: settings.integer('SIMULATOR_USERS', { from: 0, to: 1_000_000, otherwise: 120 }),
      },
      latencyMs: settings.integer('SIMULATOR_LATENCY_MS', { from: 0, to: 60_000, otherwise: 20 }),
      dialect: settings.choice('SIMULATOR_DIALECT', ['singular', 'plural'], 'plural'),
      faults: { seed, rate: settings.fraction('SIMULATOR_FAULT_RATE', 0) },
    },
  };
}
