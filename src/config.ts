/**
 * The environment to one frozen Config. Every fault is reported at once, by the name of its setting, and never with the
 * value of a secret. docs/configuration.md describes the settings.
 */
import { createPrivateKey, X509Certificate, type KeyObject } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { availableParallelism } from 'node:os';
import type { Lifetime } from './planner/freshness.ts';
import type { Lifetimes } from './planner/memory.ts';
import { Secret } from './secret.ts';
import type { SimulatorOptions } from './simulator/simulator.ts';
import type { TokenOptions } from './transport/access-token.ts';

export interface Config {
  readonly host: string;
  /** 0 takes any free port. */
  readonly port: number;
  readonly upstream: UpstreamConfig | EmbeddedUpstreamConfig;
  /** For one call of the upstream. */
  readonly upstreamTimeoutMs: number;
  /** Repetitions of one call of the upstream that failed for a passing reason. */
  readonly maxRetries: number;
  /** Calls of the upstream begun per second, on average; null sets no rate. */
  readonly callsPerSecond: number | null;
  /** Of the upstream, at most. */
  readonly maxConcurrentCalls: number;
  /** Of one answer of the upstream. */
  readonly maxResponseBytes: number;
  /** For one operation, all its calls together. */
  readonly operationTimeoutMs: number;
  /** Calls of the upstream that one operation may make. */
  readonly maxUpstreamCalls: number;
  /** Processes behind one port. */
  readonly workers: number;
  /** Requests that are answered at once; more are refused. */
  readonly maxRequestsInFlight: number;
  /** How long requests may wait for the event loop before more are refused. */
  readonly maxEventLoopDelayMs: number;
  readonly shutdown: ShutdownConfig;
  readonly cache: CacheConfig;
}

/** What happens after SIGTERM. */
export interface ShutdownConfig {
  /** How long requests are refused in words before the port closes. */
  readonly delayMs: number;
  /** When the process is gone at the latest. */
  readonly limitMs: number;
}

/** What is kept in memory between operations, and how long. */
export interface CacheConfig {
  readonly maxBytes: number;
  /** Of whole answers. */
  readonly maxAnswerBytes: number;
  readonly lifetimes: Lifetimes;
}

/** The real API, or any server of it. */
export interface UpstreamConfig extends TokenOptions {
  readonly kind: 'remote';
  readonly apiUrl: URL;
}

/** The simulation that the gateway starts itself. */
export interface EmbeddedUpstreamConfig {
  readonly kind: 'embedded';
  readonly options: SimulatorOptions;
}

/** Names every mistake of the environment. */
export class ConfigError extends Error {
  override readonly name = 'ConfigError';
  readonly mistakes: readonly string[];

  constructor(mistakes: readonly string[]) {
    super(['The settings are not usable:', ...mistakes.map((mistake) => `  - ${mistake}`)].join('\n'));
    this.mistakes = mistakes;
  }
}

type Environment = Readonly<Record<string, string | undefined>>;

const defaultScope = [
  'elements.customers.read.all',
  'elements.um.user.read.all',
  'elements.cbprotected.read.all',
  'partner.customers.read.all',
].join(' ');

const upstreamSettings = [
  'AVEPOINT_API_URL',
  'AVEPOINT_TOKEN_URL',
  'AVEPOINT_CLIENT_ID',
  'AVEPOINT_CLIENT_SECRET',
  'AVEPOINT_CLIENT_CERTIFICATE',
  'AVEPOINT_CLIENT_KEY',
  'AVEPOINT_SCOPE',
] as const;

const mebibyte = 1024 * 1024;

/** @throws ConfigError */
export function readConfig(environment: Environment): Config {
  const settings = new Settings(environment);
  const isRemote = upstreamSettings.some((name) => settings.text(name) !== null);
  const config = {
    host: settings.text('HOST') ?? '127.0.0.1',
    port: settings.integer('PORT', { from: 0, to: 65_535, otherwise: 4000 }),
    upstream: isRemote ? readUpstream(settings) : readSimulator(settings),
    upstreamTimeoutMs: settings.integer('AVEPOINT_TIMEOUT_MS', { from: 1, to: 600_000, otherwise: 10_000 }),
    maxRetries: settings.integer('AVEPOINT_MAX_RETRIES', { from: 0, to: 10, otherwise: 3 }),
    callsPerSecond:
      settings.integer('AVEPOINT_CALLS_PER_SECOND', { from: 0, to: 10_000, otherwise: 0 }) || null,
    maxConcurrentCalls: settings.integer('AVEPOINT_MAX_CONCURRENT_CALLS', {
      from: 1,
      to: 1024,
      otherwise: 128,
    }),
    maxResponseBytes:
      settings.integer('AVEPOINT_MAX_RESPONSE_MEBIBYTES', { from: 1, to: 1024, otherwise: 16 }) * mebibyte,
    operationTimeoutMs: settings.integer('OPERATION_TIMEOUT_MS', {
      from: 1,
      to: 600_000,
      otherwise: 30_000,
    }),
    maxUpstreamCalls: settings.integer('MAX_UPSTREAM_CALLS', { from: 1, to: 100_000, otherwise: 500 }),
    workers: settings.integer('WORKERS', { from: 0, to: 256, otherwise: 1 }) || availableParallelism(),
    maxRequestsInFlight: settings.integer('MAX_REQUESTS_IN_FLIGHT', {
      from: 1,
      to: 1_000_000,
      otherwise: 5000,
    }),
    maxEventLoopDelayMs: settings.integer('MAX_EVENT_LOOP_DELAY_MS', {
      from: 1,
      to: 600_000,
      otherwise: 10_000,
    }),
    shutdown: {
      delayMs: settings.integer('SHUTDOWN_DELAY_MS', { from: 0, to: 600_000, otherwise: 1000 }),
      limitMs: settings.integer('SHUTDOWN_TIMEOUT_MS', { from: 1000, to: 600_000, otherwise: 25_000 }),
    },
    cache: readCache(settings),
  };
  if (settings.mistakes.length > 0 || config.upstream === null) throw new ConfigError(settings.mistakes);
  return Object.freeze({ ...config, upstream: config.upstream });
}

const longestSeconds = 7 * 24 * 3600;

function readCache(settings: Settings): CacheConfig {
  const milliseconds = (name: string, otherwise: number) =>
    settings.integer(name, { from: 0, to: longestSeconds, otherwise }) * 1000;
  const common = {
    absentMs: milliseconds('CACHE_TTL_ABSENT_SECONDS', 30),
    staleWhileRevalidateMs: milliseconds('CACHE_STALE_WHILE_REVALIDATE_SECONDS', 300),
    staleIfErrorMs: milliseconds('CACHE_STALE_IF_ERROR_SECONDS', 3600),
  };
  const lifetime = (name: string, otherwise: number): Lifetime => {
    const freshMs = milliseconds(name, otherwise);
    return { ...common, freshMs, absentMs: Math.min(common.absentMs, freshMs) };
  };
  return {
    maxBytes: settings.integer('CACHE_MAX_MEBIBYTES', { from: 0, to: 65_536, otherwise: 256 }) * mebibyte,
    maxAnswerBytes:
      settings.integer('CACHE_ANSWERS_MEBIBYTES', { from: 0, to: 65_536, otherwise: 64 }) * mebibyte,
    lifetimes: {
      customers: lifetime('CACHE_TTL_CUSTOMERS_SECONDS', 300),
      users: lifetime('CACHE_TTL_USERS_SECONDS', 300),
      protectionStatuses: lifetime('CACHE_TTL_PROTECTION_SECONDS', 120),
      directory: lifetime('CACHE_TTL_DIRECTORY_SECONDS', 300),
    },
  };
}

function readUpstream(settings: Settings): UpstreamConfig | null {
  // The two URLs are one pair, of the commercial cloud, of a government's or of a test server: never half of each.
  if ((settings.text('AVEPOINT_API_URL') === null) !== (settings.text('AVEPOINT_TOKEN_URL') === null)) {
    settings.mistakes.push('AVEPOINT_API_URL and AVEPOINT_TOKEN_URL belong together: set both or neither');
  }
  const apiUrl = settings.url('AVEPOINT_API_URL', 'https://graph.avepointonlineservices.com');
  const tokenUrl = settings.url(
    'AVEPOINT_TOKEN_URL',
    'https://identity.avepointonlineservices.com/connect/token',
  );
  const clientId = settings.text('AVEPOINT_CLIENT_ID');
  if (clientId === null) settings.mistakes.push('AVEPOINT_CLIENT_ID is missing');
  const credential = readCredential(settings);
  if (apiUrl === null || tokenUrl === null || clientId === null || credential === null) return null;
  const scope = settings.text('AVEPOINT_SCOPE') ?? defaultScope;
  return { kind: 'remote', apiUrl, tokenUrl, clientId, credential, scope };
}

function readCredential(settings: Settings): TokenOptions['credential'] | null {
  const secret = settings.text('AVEPOINT_CLIENT_SECRET');
  const certificateFile = settings.text('AVEPOINT_CLIENT_CERTIFICATE');
  const keyFile = settings.text('AVEPOINT_CLIENT_KEY');
  if (secret !== null && (certificateFile !== null || keyFile !== null)) {
    settings.mistakes.push(
      'AVEPOINT_CLIENT_SECRET and AVEPOINT_CLIENT_CERTIFICATE with AVEPOINT_CLIENT_KEY exclude each other: set one of the two',
    );
    return null;
  }
  if (secret !== null) return { kind: 'secret', secret: new Secret(secret) };
  if (certificateFile === null && keyFile === null) {
    settings.mistakes.push(
      'AVEPOINT_CLIENT_SECRET is missing (or AVEPOINT_CLIENT_CERTIFICATE with AVEPOINT_CLIENT_KEY)',
    );
    return null;
  }
  const certificate = settings.pemFile('AVEPOINT_CLIENT_CERTIFICATE', (pem) => new X509Certificate(pem));
  const privateKey = settings.pemFile<KeyObject>('AVEPOINT_CLIENT_KEY', (pem) => createPrivateKey(pem));
  if (certificate === null || privateKey === null) return null;
  if (privateKey.asymmetricKeyType !== 'rsa') {
    settings.mistakes.push('AVEPOINT_CLIENT_KEY: expected an RSA key, which RS256 signs with');
    return null;
  }
  if (!certificate.checkPrivateKey(privateKey)) {
    settings.mistakes.push('AVEPOINT_CLIENT_KEY is not the key of AVEPOINT_CLIENT_CERTIFICATE');
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

/** The environment, and the mistakes found in it so far. An empty setting is one that is not set. */
class Settings {
  readonly mistakes: string[] = [];
  readonly #environment: Environment;

  constructor(environment: Environment) {
    this.#environment = environment;
  }

  text(name: string): string | null {
    const value = this.#environment[name]?.trim();
    return value === undefined || value === '' ? null : value;
  }

  integer(name: string, { from, to, otherwise }: { from: number; to: number; otherwise: number }): number {
    const text = this.text(name);
    if (text === null) return otherwise;
    const value = Number(text);
    if (/^\d+$/.test(text) && value >= from && value <= to) return value;
    return this.#mistake(
      name,
      `expected a whole number from ${from} to ${to}, but got ${JSON.stringify(text)}`,
      otherwise,
    );
  }

  fraction(name: string, otherwise: number): number {
    const text = this.text(name);
    if (text === null) return otherwise;
    const value = Number(text);
    if (value >= 0 && value <= 1) return value;
    return this.#mistake(name, `expected a number from 0 to 1, but got ${JSON.stringify(text)}`, otherwise);
  }

  choice<Choice extends string>(name: string, choices: readonly Choice[], otherwise: Choice): Choice {
    const text = this.text(name);
    if (text === null) return otherwise;
    const chosen = choices.find((choice) => choice === text);
    if (chosen !== undefined) return chosen;
    return this.#mistake(
      name,
      `expected ${choices.join(' or ')}, but got ${JSON.stringify(text)}`,
      otherwise,
    );
  }

  /** Without showing what was got: a URL may carry a password. */
  url(name: string, otherwise: string): URL | null {
    const text = this.text(name) ?? otherwise;
    const url = URL.canParse(text) ? new URL(text) : null;
    if (url === null || !['http:', 'https:'].includes(url.protocol)) {
      return this.#mistake(name, 'expected an http or https URL', null);
    }
    if (url.username !== '' || url.password !== '' || url.hash !== '') {
      return this.#mistake(name, 'expected a URL without user, password and fragment', null);
    }
    return url;
  }

  pemFile<Content>(name: string, parse: (pem: Buffer) => Content): Content | null {
    const file = this.text(name);
    if (file === null)
      return this.#mistake(name, 'is missing: the certificate and its key belong together', null);
    let pem: Buffer;
    try {
      pem = readFileSync(file);
    } catch {
      return this.#mistake(name, `the file ${JSON.stringify(file)} can't be read`, null);
    }
    try {
      return parse(pem);
    } catch {
      return this.#mistake(name, `the file ${JSON.stringify(file)} is not in the PEM form expected`, null);
    }
  }

  #mistake<Value>(name: string, mistake: string, otherwise: Value): Value {
    this.mistakes.push(`${name}: ${mistake}`);
    return otherwise;
  }
}
