/** A proxy that keeps calls from their services is named as the cause, with its setting and host, and without its password. */
import { once } from 'node:events';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterEach, describe, expect, test } from '@jest/globals';
import { startSimulator } from '../../src/simulator/simulator.ts';
import { runToEnd } from '../ended-process.ts';
import { freePort } from '../free-port.ts';
import { endProcess, startGatewayProcess } from '../gateway-process.ts';
import { until } from '../until.ts';

const closing: (() => unknown)[] = [];
afterEach(async () => {
  for (const close of closing.splice(0).reverse()) await close();
});

/** @param answer to CONNECT; empty ends the connection */
async function startProxy(answer: string): Promise<number> {
  const proxy = createServer().listen(0, '127.0.0.1');
  proxy.on('connect', (_request, socket) => socket.end(answer));
  await once(proxy, 'listening');
  closing.push(() => {
    proxy.closeAllConnections();
    proxy.close();
  });
  return (proxy.address() as AddressInfo).port;
}

const faults: readonly (readonly [
  what: string,
  start: () => Promise<number>,
  reason: (setting: string, target: string) => string,
])[] = [
  ['refuses connections', freePort, (setting) => `refuses connections (ECONNREFUSED): check ${setting}.`],
  [
    'answers 407 to CONNECT',
    () => startProxy('HTTP/1.1 407 Proxy Authentication Required\r\n\r\n'),
    (setting) => `requires a valid user and password (status 407): check ${setting}.`,
  ],
  [
    'answers 502 to CONNECT',
    () => startProxy('HTTP/1.1 502 Bad Gateway\r\n\r\n'),
    (setting, target) => `does not connect to ${target} (status 502): check ${setting} and NO_PROXY.`,
  ],
];

describe.each(faults)('a proxy that %s', (_what, start, reason) => {
  test.each([
    ['The API', 'HTTPS_PROXY', 'https://api.invalid', null],
    ['The identity service', 'HTTPS_PROXY', 'https://api.invalid', 'https://identity.invalid/connect/token'],
  ])('is the fault of %s by %s, and the finding of a probe', async (service, setting, api, token) => {
    const port = await start();
    const simulator = await startSimulator({
      port: 0,
      world: { seed: 1, customers: 2, tenantsPerCustomer: 1, usersPerTenant: 1 },
      latencyMs: 0,
      dialect: 'plural',
    });
    closing.push(simulator.stop);
    const { tokenUrl, clientId, credential } = simulator.credentials;
    const settings = {
      CALLERS: 'open',
      AVEPOINT_API_URL: api,
      AVEPOINT_TOKEN_URL: token ?? tokenUrl.href,
      AVEPOINT_CLIENT_ID: clientId,
      AVEPOINT_CLIENT_SECRET: credential.secret.reveal(),
      AVEPOINT_MAX_RETRIES: '0',
      [setting]: `http://user:very-secret@127.0.0.1:${port}`,
    };
    const target = new URL(token ?? api).hostname;
    const cause = `proxy 127.0.0.1:${port} ${reason(setting, target)}`;
    const gateway = await startGatewayProcess(null, settings);
    closing.push(() => endProcess(gateway));
    const faultsOf = async () =>
      ((await (await fetch(`${gateway.url}/health/ready`)).json()) as { faults: string[] }).faults;
    await until(async () => {
      const answer = await fetch(`${gateway.url}/graphql?query={customers{totalCount}}`);
      expect(await answer.text()).not.toMatch(/very-secret|127\.0\.0\.1/);
      return (await faultsOf()).length > 0;
    });
    expect(await faultsOf()).toEqual([`${service} can't be called: the ${cause}`]);
    expect(gateway.complaints()).toContain(JSON.stringify(`${service} can't be called: the ${cause}`));
    expect(gateway.complaints()).not.toContain('very-secret');

    const { code, output } = await runToEnd(settings, ['--check-config', '--probe']);
    expect(code).toBe(1);
    expect(output).toContain(`${service} can't be called: the ${cause}`);
    expect(output).not.toContain('very-secret');
  });
});
