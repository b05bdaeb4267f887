/**
 * Answers whose bodies can't be read, and redirects: one warning that names the cause, the same in the health report, few
 * repetitions and bounded memory. Of the gateway's own process, over an upstream that answers byte by byte.
 */
import { once } from 'node:events';
import { createServer, type IncomingMessage, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { brotliCompressSync, gzipSync } from 'node:zlib';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { endProcess, startGatewayProcess, type GatewayProcess } from '../gateway-process.ts';
import { until } from '../until.ts';

interface RawAnswer {
  readonly status: number;
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: Buffer;
}

const servers: Server[] = [];
afterAll(() => {
  for (const server of servers) {
    server.closeAllConnections();
    server.close();
  }
});

async function listen(answer: (request: IncomingMessage) => RawAnswer): Promise<string> {
  const server = createServer((request, response) => {
    request.resume().once('end', () => {
      const { status, headers = {}, body = Buffer.alloc(0) } = answer(request);
      response.writeHead(status, headers).end(body);
    });
  }).listen(0, '127.0.0.1');
  servers.push(server);
  await once(server, 'listening');
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
}

const json = { 'content-type': 'application/json' };
const tokenText = (token: string) => JSON.stringify({ access_token: token, expires_in: 3600 });
const pageText = JSON.stringify({ data: [], metadata: { pageIndex: 1, pageSize: 100, totalCount: 0 } });

/** 64 MiB, in a few kilobytes. */
const long = Buffer.alloc(64 * 1024 * 1024, ' ');
const bombs = {
  gzip: gzipSync(long),
  br: brotliCompressSync(long),
  'gzip, gzip': gzipSync(gzipSync(long)),
};

const encoded = (encoding: string, body: Buffer): RawAnswer => ({
  status: 200,
  headers: { ...json, 'content-encoding': encoding },
  body,
});
const redirect = (status: number) => (elsewhere: string) => ({
  status,
  headers: { location: `${elsewhere}/secret-of-the-location` },
});

const isTooLong = /(too long|longer than the gateway reads) \(AVEPOINT_MAX_RESPONSE_MEBIBYTES\)/;
const isTorn = /can't be decompressed/;
const isUnknown = /Content-Encoding that was not asked for|encoded in a way that the gateway does not accept/;
const isRedirect = (status: number) => new RegExp(`(?=.*redirect, which is not followed).*status ${status}`);

const cases: readonly (readonly [
  what: string,
  spoil: (elsewhere: string, good: string) => RawAnswer,
  cause: RegExp,
  attempts: 1 | 2,
])[] = [
  ['truncated gzip', (_, good) => encoded('gzip', gzipSync(good).subarray(0, 20)), isTorn, 2],
  ['truncated br', (_, good) => encoded('br', brotliCompressSync(good).subarray(0, 12)), isTorn, 2],
  ['a bomb of gzip', () => encoded('gzip', bombs.gzip), isTooLong, 1],
  ['a bomb of br', () => encoded('br', bombs.br), isTooLong, 1],
  ['a bomb in a bomb', () => encoded('gzip, gzip', bombs['gzip, gzip']), isTooLong, 1],
  ['a body that is long as it is', () => ({ status: 200, headers: json, body: long }), isTooLong, 1],
  ['an unknown encoding', (_, good) => encoded('zstd', Buffer.from(good)), isUnknown, 1],
  ['an encoding that is not that of the body', (_, good) => encoded('gzip', Buffer.from(good)), isTorn, 2],
  [
    'a compressed body that is sent as if it were not',
    (_, good) => ({ status: 200, headers: json, body: gzipSync(good) }),
    /is no JSON object or array|can't be understood at body/,
    2,
  ],
  [
    'a JSON body that is no object',
    () => ({ status: 200, headers: json, body: Buffer.from('"text"') }),
    /is no JSON object or array|can't be understood at body/,
    2,
  ],
  [
    'an empty body',
    () => ({ status: 200, headers: json }),
    /is no JSON object or array|can't be understood at body/,
    2,
  ],
  ...[301, 302, 307, 308].map(
    (status) => [`a redirect by ${status}`, redirect(status), isRedirect(status), 1] as const,
  ),
];

/** A gateway logs a recurring fault five times a minute. */
const casesPerGateway = 5;

const fiftyLists = `{ ${Array.from(
  { length: 50 },
  (_, index) => `t${index}: tenant(customerId: "c", tenantId: "t${index}") { users { totalCount } }`,
).join(' ')} }`;

interface Spoiled {
  /** Spoils the service's answers, looks at what becomes of it, and mends the service. */
  readonly check: (spoiling: (typeof cases)[number]) => Promise<void>;
  readonly stop: () => Promise<void>;
}

/** A gateway over an upstream of which one service is spoiled. */
async function startSpoiled(what: 'API' | 'identity service'): Promise<Spoiled> {
  let gateway: GatewayProcess | undefined;
  let checked = 0;
  /** Null while the service is well. */
  let spoil: (typeof cases)[number][1] | null = null;
  /** Changed for each case, so that it needs a token of its own. */
  let token = '';
  let spoiled = 0;
  let followed = 0;
  const elsewhere = await listen(() => {
    followed += 1;
    return { status: 200, headers: json, body: Buffer.from(tokenText(token)) };
  });
  const upstream = await listen(({ url = '', headers }) => {
    const isToken = url.startsWith('/connect/token');
    if (!isToken && headers.authorization !== `Bearer ${token}`) return { status: 401 };
    const good = isToken ? tokenText(token) : pageText;
    if (spoil === null || isToken !== (what === 'identity service'))
      return { status: 200, headers: json, body: Buffer.from(good) };
    spoiled += 1;
    return spoil(elsewhere, good);
  });
  const start = () =>
    startGatewayProcess(null, {
      CALLERS: 'open',
      AVEPOINT_API_URL: upstream,
      AVEPOINT_TOKEN_URL: `${upstream}/connect/token`,
      AVEPOINT_CLIENT_ID: 'client',
      AVEPOINT_CLIENT_SECRET: 'secret-of-the-client',
      AVEPOINT_MAX_RESPONSE_MEBIBYTES: '1',
      AVEPOINT_MAX_RETRIES: '1',
    });
  const check: Spoiled['check'] = async ([name, spoilAnswer, cause, attempts]) => {
    if (gateway === undefined || checked++ % casesPerGateway === 0) {
      await endProcess(gateway);
      gateway = await start();
    }
    const { url, complaints, residentMebibytes } = gateway;
    const ask = async (query = '{ customers { totalCount } }') => {
      const response = await fetch(`${url}/graphql`, {
        method: 'POST',
        headers: { ...json, 'cache-control': 'no-cache' },
        body: JSON.stringify({ query }),
      });
      return (await response.json()) as { readonly errors?: readonly unknown[] };
    };
    const allWarnings = () => complaints().split('\n').filter(Boolean);
    const warningsBefore = allWarnings().length;
    const residentBefore = residentMebibytes();
    spoiled = 0;
    token = `token-of-${name.replace(/\W/g, '-')}`;
    spoil = spoilAnswer;
    expect((await ask()).errors).toHaveLength(1);
    expect(spoiled).toBe(attempts);
    for (let count = 0; count < 7; count++) expect((await ask()).errors).toHaveLength(1);
    await until(() => allWarnings().length > warningsBefore);
    const warnings = allWarnings().slice(warningsBefore);
    expect(warnings).toEqual([expect.stringMatching(cause)]);
    const { faults } = (await (await fetch(`${url}/health/ready`)).json()) as { faults: readonly string[] };
    expect(faults).toEqual([(JSON.parse(warnings[0] ?? '') as { readonly msg: string }).msg]);
    expect(faults[0]).toContain(`The ${what} `);
    expect(faults.join()).not.toMatch(/could not be reached|secret-of|ends connections|CLIENT_SECRET/);
    expect(followed).toBe(0);
    // 64 MiB were sent, or came of it, again and again.
    expect(residentMebibytes() - residentBefore).toBeLessThan(64);
    spoil = null;
    await until(async () => {
      // It takes a second or more, which need not be one of work.
      await sleep(50);
      return (await ask()).errors === undefined;
    });
    const { faults: left } = (await (await fetch(`${url}/health/ready`)).json()) as { faults: unknown };
    expect(left).toEqual([]);
    // As after a start, for the next case: retries are earned by calls, five each.
    expect((await ask(fiftyLists)).errors).toBeUndefined();
  };
  return { check, stop: () => endProcess(gateway) };
}

describe('the API and the identity service answer with', () => {
  let services: readonly Spoiled[] = [];
  beforeAll(async () => {
    services = await Promise.all((['API', 'identity service'] as const).map(startSpoiled));
  });
  afterAll(() => Promise.all(services.map(({ stop }) => stop())));

  test.each(cases)('%s', async (...spoiling) => {
    await Promise.all(services.map(({ check }) => check(spoiling)));
  });
});
