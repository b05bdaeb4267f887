import { writeFileSync, mkdtempSync, readFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { inspect } from 'node:util';
import { describe, expect, test } from '@jest/globals';
import { generate } from 'selfsigned';
import { reference } from '../src/config/reference.ts';
import { firstWords } from '../src/config/unknown-settings.ts';
import { readConfig } from '../src/config/config.ts';
import { mistakesOf } from './mistakes-of.ts';

const remote = {
  AVEPOINT_API_URL: 'https://api.example.com/base/',
  AVEPOINT_TOKEN_URL: 'https://identity.example.com/connect/token',
  AVEPOINT_CLIENT_ID: 'client',
  AVEPOINT_CLIENT_SECRET: 'very-secret',
  CALLERS: 'open',
};

describe('the settings', () => {
  test('need none: the upstream is then the embedded one', () => {
    expect(readConfig({ AVEPOINT_CLIENT_ID: '' })).toMatchObject({
      host: '127.0.0.1',
      port: 4000,
      upstream: { kind: 'embedded', options: { dialect: 'plural' } },
    });
  });

  test('name the real upstream', () => {
    expect(readConfig(remote)).toMatchObject({
      upstream: {
        kind: 'remote',
        apiUrl: new URL('https://api.example.com/base/'),
        tokenUrl: new URL('https://identity.example.com/connect/token'),
        clientId: 'client',
        credential: { kind: 'secret' },
        scope:
          'elements.customers.read.all elements.um.user.read.all elements.cbprotected.read.all partner.customers.read.all',
      },
    });
  });

  test('never show a secret', () => {
    const config = readConfig(remote);
    expect(`${inspect(config, { depth: 9, showHidden: true })}${JSON.stringify(config)}`).not.toContain(
      'very-secret',
    );
  });

  test('are refused with every mistake named at once', () => {
    const mistakes = mistakesOf({
      PORT: 'many',
      AVEPOINT_API_URL: 'ftp://x',
      AVEPOINT_CLIENT_SECRET: 'very-secret',
      AVEPOINT_CLIENT_KEY: '/nowhere',
      AVEPOINT_TIMEOUT_MS: '-1',
    });
    expect(mistakes.map((mistake) => /^[A-Z_]+/.exec(mistake)?.[0])).toEqual([
      'AVEPOINT_API_URL',
      'AVEPOINT_API_URL',
      'AVEPOINT_CLIENT_ID',
      'AVEPOINT_CLIENT_SECRET',
      'PORT',
      'CALLERS_KEYS_FILE',
      'AVEPOINT_TIMEOUT_MS',
    ]);
    expect(mistakes.join()).not.toContain('very-secret');
  });

  test.each([
    [{ SIMULATOR_DIALECT: 'klingon' }, 'SIMULATOR_DIALECT: expected singular or plural, but got "klingon"'],
    [{ SIMULATOR_FAULT_RATE: '2' }, 'SIMULATOR_FAULT_RATE: expected a number from 0 to 1, but got "2"'],
    [{ PORT: '70000' }, 'PORT: expected a whole number from 0 to 65535, but got "70000"'],
    [
      { ...remote, AVEPOINT_TOKEN_URL: 'https://u:p@x.example' },
      'AVEPOINT_TOKEN_URL: expected a URL without user, password and fragment',
    ],
  ])('like %j are refused', (environment, mistake) => {
    expect(mistakesOf(environment as unknown as Record<string, string>)).toEqual([mistake]);
  });

  test.each<[string, string, object?]>([
    ['CALLERS_REQUEST_PER_MINUTE', 'CALLERS_REQUESTS_PER_MINUTE'],
    ['AVEPOINT_CLIENT_SECRT', 'AVEPOINT_CLIENT_SECRET', remote],
    ['AVEPOINT_CLIENTID', 'AVEPOINT_CLIENT_ID', remote],
    ['avepoint_client_id', 'AVEPOINT_CLIENT_ID'],
    ['SIMULATOR_DIALEKT', 'SIMULATOR_DIALECT'],
    ['CACHE_TTL_USER_SECONDS', 'CACHE_TTL_USERS_SECONDS'],
    ['MAX_SUBSCRIPTION', 'MAX_SUBSCRIPTIONS'],
    ['MAX_OPERATION_ROW', 'MAX_OPERATION_ROWS'],
    ['TRUSTED_DOCUMENT', 'TRUSTED_DOCUMENTS'],
    ['TRUSTED_DOCUMENT_FILE', 'TRUSTED_DOCUMENTS_FILE'],
    ['CORS_ORIGIN', 'CORS_ORIGINS'],
    ['AUDIT_FILES', 'AUDIT_FILE'],
    ['SHUTDOWN_DELAY', 'SHUTDOWN_DELAY_MS'],
    ['REDIS_ULR', 'REDIS_URL'],
    ['REDIS_PREFIXX', 'REDIS_PREFIX'],
    ['INTROSPECTON', 'INTROSPECTION'],
    ['OPERATION_TIMEOUT', 'OPERATION_TIMEOUT_MS'],
    ['READER_TIMEOUT', 'READER_TIMEOUT_MS'],
    ['BODY_TIMEOUT', 'BODY_TIMEOUT_MS'],
    ['READER_TIMEOUT_SECONDS', 'READER_TIMEOUT_MS'],
    ['CACHE_TTL_USERS_MS', 'CACHE_TTL_USERS_SECONDS'],
    ['MAX_ANSWER_MB', 'MAX_ANSWER_MEBIBYTES'],
    ['INTROSPECTION_ENABLED', 'INTROSPECTION'],
    ['ENABLE_INTROSPECTION', 'INTROSPECTION'],
    ['DISABLE_EXPLORER', 'EXPLORER'],
    ['METRICS_ENABLED', 'METRICS'],
    ['metrics_enabled', 'METRICS'],
    [
      'AVEPOINT_NROTH_CLIENT_ID',
      'AVEPOINT_NORTH_CLIENT_ID',
      {
        AVEPOINT_PROFILES: 'north',
        AVEPOINT_NORTH_CLIENT_ID: 'x',
        AVEPOINT_NORTH_CLIENT_SECRET: 'x',
        CALLERS_KEYS_FILE: 'x',
      },
    ],
  ])('refuse %s, which means nothing, and suggest %s', (name, suggested, others = {}) => {
    const mistakes = mistakesOf({ ...others, [name]: 'very-secret' });
    expect(mistakes).toEqual([`${name}: unknown setting; did you mean ${suggested}?`]);
    expect(mistakesOf({ ...others, [name]: ' ' })).toEqual([]);
  });

  test('refuse what has their prefix and is like none of them', () => {
    expect(mistakesOf({ MAX_BODY_BYTES: '4' })).toEqual([
      expect.stringMatching(/^MAX_BODY_BYTES: unknown setting;/),
    ]);
    expect(mistakesOf({ CALLERS_ANYTHING: '1', [`CACHE_${'X'.repeat(9999)}`]: '1' })).toEqual([
      'CALLERS_ANYTHING: unknown setting; docs/configuration.md lists them',
      `CACHE_${'X'.repeat(9999)}: unknown setting; docs/configuration.md lists them`,
    ]);
    expect(mistakesOf({ ...remote, AVEPOINT_SOUTH_EAST_CLIENT_ID: 'x' })).toEqual([
      'AVEPOINT_SOUTH_EAST_CLIENT_ID belongs to no profile of AVEPOINT_PROFILES',
    ]);
  });

  test('leave alone what is not theirs, and take what another mode reads', () => {
    expect(
      mistakesOf({
        ...remote,
        SIMULATOR_SEED: 'only of the simulation',
        ...{ OTEL_TRACES_SAMPLER: 'always_on', OTEL_SERVICE_NAMES: 'x', OTEL_BSP_MAX_QUEUE_SIZE: '9' },
        ...{ PATH: '/bin', HOME: '/', HOSTNAME: 'x', HOSTS: 'x', PORTS: 'x', NODE_OPTIONS: 'x', TERM: 'x' },
        ...{
          BODY_SIZE_LIMIT: '9',
          INTROSPECTION_URL: 'x',
          METRICS_PORT: '9',
          LOG_FORMAT: 'x',
          MAX_MEMORY: '9',
        },
        ...{
          ENABLE_METRICS_SERVER: 'x',
          TRUSTED_PROXIES: 'x',
          OPERATION_MODE: 'x',
          HOST_MS: 'x',
          CACHE: 'x',
        },
        ...{ MAX_OLD_SPACE_SIZE: '9', NODE_UNIQUE_ID: '1', npm_config_cache: 'x', LOGNAME: 'x', CI: 'true' },
        // Of services called redis, cache and cors.
        ...{
          REDIS_PORT: 'tcp://10.0.0.1:6379',
          REDIS_PORT_6379_TCP_ADDR: '10.0.0.1',
          REDIS_SERVICE_HOST: 'x',
        },
        ...{ CACHE_PORT: 'tcp://10.0.0.1:80', CACHE_SERVICE_PORT_HTTP: '80', CORS_PORT_80_TCP: 'tcp://x:80' },
      }),
    ).toEqual([]);
  });

  test('take no variable that Kubernetes sets for a service called simulator', () => {
    expect(mistakesOf({ SIMULATOR_PORT: 'tcp://10.0.0.1:4001', SIMULATOR_SERVICE_HOST: '10.0.0.1' })).toEqual(
      [],
    );
  });

  test('begin as they are known to, so that a new one has its unknown neighbours refused', () => {
    const known = Object.values(firstWords).flat();
    expect(Object.keys(reference).filter((name) => !known.includes(name.split('_')[0] ?? ''))).toEqual([]);
    expect(
      known.filter((word) => !Object.keys(reference).some((name) => name.split('_')[0] === word)),
    ).toEqual([]);
  });

  test('know whichever of the documented settings is set, in every mode', () => {
    for (const name of Object.keys(reference)) {
      for (const mode of [{}, remote]) {
        expect(mistakesOf({ [name]: '1', ...mode }).join()).not.toContain('unknown setting');
      }
    }
  });

  test.each([
    ['https://portal.example.com', ['https://portal.example.com']],
    ['HTTPS://Portal.Example.COM/', ['https://portal.example.com']],
    [
      'https://portal.example.com:443 http://a.example:80',
      ['https://portal.example.com', 'http://a.example'],
    ],
    ['http://localhost:3000/,http://[::1]:3000', ['http://localhost:3000', 'http://[::1]:3000']],
    ['https://bücher.example', ['https://xn--bcher-kva.example']],
    ['https://a.example, https://A.example/', ['https://a.example']],
  ])('take the origins %s as browsers send them', (text, allowedOrigins) => {
    expect(readConfig({ CORS_ORIGINS: text })).toMatchObject({ endpoint: { allowedOrigins } });
  });

  test.each([
    'portal.example.com',
    'https://portal.example.com/app',
    'https://portal.example.com//',
    'https://portal.example.com?x',
    'https://portal.example.com#x',
    '*',
    'https://*.example.com',
    'null',
    'https:portal.example.com',
    'https:\\\\portal.example.com',
    'https:///portal.example.com',
    'https://',
    'https://a.example:99999',
    'file:///x',
    'ftp://a.example',
    'https://%2a.example.com',
    'https://$HOST',
    'https://${HOST}',
    'https://.example.com',
    'https://a..example.com',
    'https://a.example:0',
    'http://0.0.0.0:3000',
  ])('refuse %j, which is no origin', (text) => {
    expect(mistakesOf({ CORS_ORIGINS: `https://good.example ${text}` })).toEqual([
      `CORS_ORIGINS: expected scheme and host alone, such as "https://portal.example.com", but got ${JSON.stringify(text)}`,
    ]);
  });

  test('never show what stands before the host of an origin', () => {
    expect(mistakesOf({ CORS_ORIGINS: 'https://user:very-secret@a.example' })).toEqual([
      'CORS_ORIGINS: expected scheme and host alone, such as "https://portal.example.com"',
    ]);
  });

  test.each<Record<string, string>>([{}, { AVEPOINT_TIMEOUT_MS: '5' }, { AVEPOINT_CLIENT_ID: ' ' }])(
    'ask in production for the simulation by its name, with %j beside',
    (others) => {
      for (const mode of ['production', 'Production', 'PRODUCTION'])
        expect(mistakesOf({ NODE_ENV: mode, ...others })).toEqual([
          'SIMULATOR is missing: for the API set AVEPOINT_CLIENT_ID and AVEPOINT_CLIENT_SECRET, or AVEPOINT_PROFILES; with NODE_ENV=production, the embedded simulation and its invented data need SIMULATOR=on',
        ]);
      expect(readConfig({ NODE_ENV: 'production', SIMULATOR: 'on', ...others })).toMatchObject({
        upstream: { kind: 'embedded' },
      });
    },
  );

  test.each<[Record<string, string>, string]>([
    [remote, 'AVEPOINT_API_URL'],
    [{ AVEPOINT_CLIENT_SECRET_FILE: '/x', CALLERS: 'open' }, 'AVEPOINT_CLIENT_SECRET_FILE'],
    [{ AVEPOINT_PROFILES: 'north' }, 'AVEPOINT_PROFILES'],
  ])('refuse the simulation beside %j', (others, named) => {
    expect(mistakesOf({ ...others, SIMULATOR: 'on' })).toContain(
      `SIMULATOR=on and ${named} exclude each other: unset one of the two`,
    );
  });

  test('ignore the variables of other software', () => {
    const foreign = { UPSTREAM: 'http://127.0.0.1:4100', MODE: 'raw', BODY: '{}', DEBUG: '*', SERVER: 'a:1' };
    expect(readConfig({ ...foreign, ...remote, CALLERS: 'open' })).toEqual(
      readConfig({ ...remote, CALLERS: 'open' }),
    );
  });

  test('refuse any other value of SIMULATOR', () => {
    const mistake = 'SIMULATOR: expected on, but got "yes"';
    expect(mistakesOf({ SIMULATOR: 'yes' })).toEqual([mistake]);
    expect(mistakesOf({ SIMULATOR: 'yes', NODE_ENV: 'production' })).toEqual([mistake]);
    expect(mistakesOf({ SIMULATOR: 'yes', ...remote })).toEqual([mistake]);
  });

  test.each([
    ['http://api.example.com', false],
    ['http://10.0.0.1:8080', false],
    ['http://localhost.example.com', false],
    ['http://127.0.0.1.example.com', false],
    ['http://[::2]', false],
    ['http://0.0.0.0:80', false],
    ['https://10.0.0.1', true],
    ['http://localhost:4010', true],
    ['http://LOCALHOST', true],
    ['http://127.0.0.1:4010', true],
    ['http://127.1', true],
    ['http://127.8.9.10', true],
    ['http://[::1]:80', true],
  ])('take plain http of this machine alone: %s', (url, isTaken) => {
    const withUrls = { ...remote, AVEPOINT_API_URL: url, AVEPOINT_TOKEN_URL: `${url}/token` };
    const mistake = 'expected an https URL; http is accepted for this machine alone';
    expect(mistakesOf(withUrls)).toEqual(
      isTaken ? [] : [`AVEPOINT_API_URL: ${mistake}`, `AVEPOINT_TOKEN_URL: ${mistake}`],
    );
    const jwks = { CALLERS_JWT_ISSUER: 'x', CALLERS_JWT_AUDIENCE: 'x', CALLERS_JWT_JWKS_URL: url };
    expect(mistakesOf(jwks)).toEqual(isTaken ? [] : [`CALLERS_JWT_JWKS_URL: ${mistake}`]);
  });

  test.each([
    ['2000', '1000'],
    ['751', '1000'],
    ['18751', ''],
  ])('refuse a delay of %s ms with a time limit of %s', (delay, limit) => {
    expect(mistakesOf({ SHUTDOWN_DELAY_MS: delay, SHUTDOWN_TIMEOUT_MS: limit })).toEqual([
      `SHUTDOWN_DELAY_MS: expected at most three quarters of SHUTDOWN_TIMEOUT_MS (${limit === '' ? 18_750 : 750}), but got "${delay}"`,
    ]);
  });

  test('shorten a delay that is not set with the time limit', () => {
    expect(readConfig({ SHUTDOWN_TIMEOUT_MS: '1000' })).toMatchObject({
      shutdown: { delayMs: 500, limitMs: 1000 },
    });
    expect(readConfig({ SHUTDOWN_DELAY_MS: '750', SHUTDOWN_TIMEOUT_MS: '1000' })).toMatchObject({
      shutdown: { delayMs: 750, limitMs: 1000 },
    });
  });

  test.each(['HTTPS_PROXY', 'HTTP_PROXY', 'NO_PROXY'])('read %s in small letters as well', (name) => {
    const value = name === 'NO_PROXY' ? '.example.com' : 'http://proxy:8080';
    for (const given of [name, name.toLowerCase()]) expect(mistakesOf({ [given]: value })).toEqual([]);
    expect(mistakesOf({ [name]: value, [name.toLowerCase()]: value })).toEqual([]);
  });

  test.each([
    'redis://:%zzPW@127.0.0.1:6399',
    'redis://127.0.0.1:6399/abc',
    'redis:foo',
    'redis:///0',
    'redis://h:0',
    'http://127.0.0.1',
  ])('refuse %s as REDIS_URL, without its value', (url) => {
    expect(mistakesOf({ REDIS_URL: url })).toEqual([
      'REDIS_URL: expected a redis or rediss URL, with a number as its path if any',
    ]);
  });

  test.each(['http://user:%zzPW@127.0.0.1:5911', 'http://127.0.0.1:0', 'socks5://proxy'])(
    'refuse %s as a proxy, without its value',
    (url) => {
      expect(mistakesOf({ HTTPS_PROXY: url })).toEqual(["HTTPS_PROXY: expected a proxy's http or https URL"]);
    },
  );

  test.each([
    'http://proxy:3128/proxy.pac',
    'http://proxy:1/?a=x',
    'http://proxy:1/#x',
    'http://u:PW@proxy/p',
  ])('refuse %s as a proxy, which has no path, query or fragment', (url) => {
    const mistake = "HTTPS_PROXY: expected a proxy's host and port, without a path or query";
    expect(mistakesOf({ HTTPS_PROXY: url })).toEqual([mistake]);
  });

  test('do not open real data to every caller by oversight', () => {
    const { CALLERS, ...others } = remote;
    expect(CALLERS).toBe('open');
    expect(mistakesOf(others)).toEqual([
      'CALLERS_KEYS_FILE or CALLERS_JWT_ISSUER is missing: set one of them, or accept every request with CALLERS=open',
    ]);
    expect(readConfig(others, true)).toMatchObject({ callers: { kind: 'open' } });
  });

  test('name several of the upstream’s credentials', () => {
    const profiles = {
      AVEPOINT_PROFILES: 'north south-west',
      AVEPOINT_NORTH_CLIENT_ID: 'of-north',
      AVEPOINT_NORTH_CLIENT_SECRET: 'very-secret',
      AVEPOINT_SOUTH_WEST_CLIENT_ID: 'of-south',
      AVEPOINT_SOUTH_WEST_CLIENT_SECRET: 'secret too',
    };
    const { upstream } = readConfig({ ...profiles, CALLERS_KEYS_FILE: 'keys.json' });
    expect(
      upstream.kind === 'profiles'
        ? [...upstream.profiles].map(([name, { clientId }]) => [name, clientId])
        : upstream,
    ).toEqual([
      ['north', 'of-north'],
      ['south-west', 'of-south'],
    ]);
    expect(
      mistakesOf({
        ...profiles,
        AVEPOINT_PROFILES: 'north South west',
        AVEPOINT_CLIENT_ID: 'no profile’s',
        CALLERS: 'open',
      }),
    ).toEqual([
      'AVEPOINT_CLIENT_ID belongs to no profile of AVEPOINT_PROFILES',
      'AVEPOINT_PROFILES: expected names of small letters, digits and "-", but got "South"',
      'AVEPOINT_WEST_CLIENT_ID is missing',
      'AVEPOINT_WEST_CLIENT_SECRET is missing (or AVEPOINT_WEST_CLIENT_CERTIFICATE with AVEPOINT_WEST_CLIENT_KEY)',
      'CALLERS=open: AVEPOINT_PROFILES needs authenticated callers',
      'AVEPOINT_SOUTH_WEST_CLIENT_ID belongs to no profile of AVEPOINT_PROFILES',
      'AVEPOINT_SOUTH_WEST_CLIENT_SECRET belongs to no profile of AVEPOINT_PROFILES',
    ]);
  });

  test('refuse certificate files that can’t be used', () => {
    const file = join(mkdtempSync(join(tmpdir(), 'pem-')), 'broken.pem');
    writeFileSync(file, 'broken');
    const { AVEPOINT_CLIENT_SECRET, ...others } = remote;
    expect(AVEPOINT_CLIENT_SECRET).toBeDefined();
    expect(
      mistakesOf({ ...others, AVEPOINT_CLIENT_CERTIFICATE: file, AVEPOINT_CLIENT_KEY: '/nowhere.pem' }),
    ).toEqual([
      `AVEPOINT_CLIENT_CERTIFICATE: the file ${JSON.stringify(file)} is not in the PEM form expected`,
      'AVEPOINT_CLIENT_KEY: the file "/nowhere.pem" does not exist',
    ]);
  });

  test('take a certificate with its key, and no other key', async () => {
    const folder = mkdtempSync(join(tmpdir(), 'pem-'));
    const write = (name: string, pem: string) => {
      writeFileSync(join(folder, name), pem);
      return join(folder, name);
    };
    const [own, other] = await Promise.all([
      generate([{ name: 'commonName', value: 'own' }], { keySize: 2048 }),
      generate([{ name: 'commonName', value: 'other' }], { keySize: 2048 }),
    ]);
    const environment = {
      CALLERS: 'open',
      AVEPOINT_CLIENT_ID: 'client',
      AVEPOINT_CLIENT_CERTIFICATE: write('certificate.pem', own.cert),
      AVEPOINT_CLIENT_KEY: write('key.pem', own.private),
    };
    expect(readConfig(environment)).toMatchObject({ upstream: { credential: { kind: 'certificate' } } });
    expect(mistakesOf({ ...environment, AVEPOINT_CLIENT_KEY: write('other.pem', other.private) })).toEqual([
      'AVEPOINT_CLIENT_KEY is not the key of AVEPOINT_CLIENT_CERTIFICATE',
    ]);
  });

  test('bound what an operation may call and what is kept', () => {
    const second = 1000;
    const usual = {
      absentMs: 30 * second,
      staleWhileRevalidateMs: 300 * second,
      staleIfErrorMs: 3600 * second,
    };
    expect(readConfig({})).toMatchObject({
      maxUpstreamCalls: 500,
      operationTimeoutMs: 30 * second,
      maxRequestsInFlight: 5000,
      maxEventLoopDelayMs: 10 * second,
      shutdown: { delayMs: second, limitMs: 25 * second },
      cache: {
        maxBytes: 256 * 1024 * 1024,
        maxAnswerBytes: 64 * 1024 * 1024,
        lifetimes: {
          customers: { ...usual, freshMs: 300 * second },
          users: { ...usual, freshMs: 300 * second },
          protectionStatuses: { ...usual, freshMs: 120 * second },
          directory: { ...usual, freshMs: 300 * second },
        },
      },
    });
    expect(
      readConfig({ CACHE_MAX_MEBIBYTES: '0', CACHE_TTL_USERS_SECONDS: '5', MAX_UPSTREAM_CALLS: '7' }),
    ).toMatchObject({
      maxUpstreamCalls: 7,
      // An absence is never remembered longer than a row.
      cache: { maxBytes: 0, lifetimes: { users: { freshMs: 5 * second, absentMs: 5 * second } } },
    });
    expect(mistakesOf({ MAX_UPSTREAM_CALLS: '0', CACHE_TTL_ABSENT_SECONDS: '-1' })).toEqual([
      'MAX_UPSTREAM_CALLS: expected a whole number from 1 to 100000, but got "0"',
      'CACHE_TTL_ABSENT_SECONDS: expected a whole number from 0 to 604800, but got "-1"',
    ]);
  });

  test('are all documented, and nothing else is', () => {
    const known = new Set<string>();
    for (const environment of [
      {},
      { AVEPOINT_CLIENT_KEY: 'x' },
      { CALLERS_JWT_ISSUER: 'x' },
      { OTEL_EXPORTER_OTLP_ENDPOINT: 'x' },
    ]) {
      const recorded: Record<string, string> = new Proxy(environment, {
        get: (values, name) => {
          // Proxies are set by names in small letters as well.
          known.add(String(name).toUpperCase());
          return Reflect.get(values, name) as unknown;
        },
      });
      mistakesOf(recorded);
    }
    expect(Object.keys(reference).sort()).toEqual([...known].sort());
    const page = readFileSync(new URL('../docs/configuration.md', import.meta.url), 'utf8');
    const rows = [...page.matchAll(/^\| `([A-Z_]+)`/gm)].map(([, name]) => name);
    expect(rows.sort()).toEqual([...known].sort());
  });
});
