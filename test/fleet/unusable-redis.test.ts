/** A Redis that REDIS_URL does not fit: the cause and the setting are named, by the process, and operations are answered. */
import { once } from 'node:events';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { createServer as createHttpServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, describe, expect, test } from '@jest/globals';
import { generate } from 'selfsigned';
import { freePort } from '../free-port.ts';
import { endProcess, startGatewayProcess, type GatewayProcess } from '../gateway-process.ts';
import { hasRedis, startRedisServer, type RedisServer } from '../redis-server.ts';
import { until } from '../until.ts';

const folder = mkdtempSync(join(tmpdir(), 'redis-tls-'));
const [certificate, key] = [join(folder, 'certificate.pem'), join(folder, 'key.pem')];
const alone = 'This instance shares nothing with others until then.';

(hasRedis ? describe : describe.skip)('a Redis', () => {
  let plain: RedisServer;
  let secured: RedisServer;
  let encrypted: RedisServer;
  const page = createHttpServer((_, response) => response.end('very-secret'));
  beforeAll(async () => {
    const { cert, private: pem } = await generate([{ name: 'commonName', value: 'localhost' }], {
      keySize: 2048,
      extensions: [{ name: 'subjectAltName', altNames: [{ type: 7, ip: '127.0.0.1' }] }],
    });
    writeFileSync(certificate, cert);
    writeFileSync(key, pem);
    plain = await startRedisServer();
    secured = await startRedisServer(['--requirepass', 'very-secret']);
    const tlsPort = String(await freePort());
    const tls = await startRedisServer([
      ...['--tls-port', tlsPort, '--tls-cert-file', certificate, '--tls-key-file', key],
      ...['--tls-auth-clients', 'no'],
    ]);
    encrypted = { ...tls, url: `redis://127.0.0.1:${tlsPort}` };
    page.listen(0, '127.0.0.1');
    await once(page, 'listening');
  });
  afterAll(async () => {
    page.close();
    await Promise.all([plain, secured, encrypted].map((redis) => redis.kill()));
    rmSync(folder, { recursive: true });
  });

  let gateway: GatewayProcess | undefined;
  afterEach(async () => {
    await endProcess(gateway);
    gateway = undefined;
  });

  const faultsOf = async ({ url }: GatewayProcess) =>
    ((await (await fetch(`${url}/health/ready`)).json()) as { readonly faults: string[] }).faults;
  const hostOf = ({ url }: RedisServer) => new URL(url).host;
  const withUser = ({ url }: RedisServer, user: string) => url.replace('//', `//${user}@`);
  const overTls = ({ url }: RedisServer) => url.replace('redis:', 'rediss:');
  const refused = (redis: RedisServer, reason: string, settings = 'REDIS_URL') =>
    `Redis at ${hostOf(redis)} refuses commands (${reason}): check it, and ${settings}.`;
  const wrong = 'WRONGPASS: the password or the user is wrong';
  const both = 'REDIS_URL and REDIS_PASSWORD';

  test.each<[string, () => Record<string, string>, () => string]>([
    [
      'without the database of the URL',
      () => ({ REDIS_URL: `${plain.url}/99` }),
      () => refused(plain, 'ERR: it does not have the database that the URL names'),
    ],
    [
      'of another password in the URL',
      () => ({ REDIS_URL: withUser(secured, ':very-wrong') }),
      () => refused(secured, wrong, both),
    ],
    [
      'of another password',
      () => ({ REDIS_URL: secured.url, REDIS_PASSWORD: 'very-wrong' }),
      () => refused(secured, wrong, both),
    ],
    [
      'of another user',
      () => ({ REDIS_URL: withUser(secured, 'stranger:very-secret') }),
      () => refused(secured, wrong, both),
    ],
    [
      'that wants a password',
      () => ({ REDIS_URL: secured.url }),
      () => refused(secured, 'NOAUTH: it wants a password', both),
    ],
    [
      'without TLS that is called with it',
      () => ({ REDIS_URL: overTls(plain) }),
      () =>
        `Redis can't be called: ${hostOf(plain)} completes no TLS handshake (ETIMEDOUT): check REDIS_URL, and whether the port expects TLS; "redis:" calls it without.`,
    ],
    [
      'with TLS that is called without it',
      () => ({ REDIS_URL: encrypted.url }),
      () =>
        `Redis can't be called: ${hostOf(encrypted)} ends connections without an answer: check REDIS_URL, and whether the port expects TLS; "rediss:" calls it with it.`,
    ],
    [
      'with a certificate that is not trusted',
      () => ({ REDIS_URL: overTls(encrypted) }),
      () =>
        `Redis can't be called: the certificate of ${hostOf(encrypted)} is not trusted (DEPTH_ZERO_SELF_SIGNED_CERT): check REDIS_URL, or name its authority by NODE_EXTRA_CA_CERTS.`,
    ],
    [
      'that is a web server',
      () => ({ REDIS_URL: `redis://127.0.0.1:${(page.address() as AddressInfo).port}` }),
      () =>
        `Redis can't be called: 127.0.0.1:${(page.address() as AddressInfo).port} does not answer as Redis does: check REDIS_URL, and whether the port is that of Redis.`,
    ],
  ])('%s is named in one warning and by the health check', async (_what, settings, text) => {
    gateway = await startGatewayProcess(null, settings());
    const { url, complaints } = gateway;
    expect(await faultsOf(gateway)).toEqual([`${text()} ${alone}`]);
    // Later attempts fail in the same way.
    for (let count = 0; count < 3; count++) {
      const response = await fetch(`${url}/graphql?query={customers{totalCount}}`);
      expect(await response.text()).toContain('"totalCount"');
    }
    expect(await faultsOf(gateway)).toEqual([`${text()} ${alone}`]);
    expect(complaints().match(/"level":"warn"/g)).toHaveLength(1);
    expect(complaints()).toContain(JSON.stringify(`${text()} ${alone}`));
    expect(complaints()).not.toMatch(/very-(secret|wrong)/);
  });

  test('with TLS whose authority is trusted is used', async () => {
    gateway = await startGatewayProcess(null, {
      REDIS_URL: overTls(encrypted),
      NODE_EXTRA_CA_CERTS: certificate,
    });
    expect(await faultsOf(gateway)).toEqual([]);
    expect(gateway.complaints()).toBe('');
  });

  test('that recovers with another password is reported with that cause', async () => {
    const port = await freePort();
    const first = await startRedisServer(['--port', String(port)]);
    const url = `redis://127.0.0.1:${port}`;
    const started = await startGatewayProcess(null, { REDIS_URL: url });
    gateway = started;
    const faults = async () => (await faultsOf(started)).join('\n');
    expect(await faults()).toBe('');
    await first.kill();
    await until(async () => (await faults()).startsWith("Redis can't be called: "));
    const second = await startRedisServer(['--port', String(port), '--requirepass', 'very-secret']);
    try {
      await until(async () => (await faults()).includes('NOAUTH: it wants a password'));
    } finally {
      await second.kill();
    }
  });
});
