import { createPrivateKey, X509Certificate } from 'node:crypto';
import { inspect } from 'node:util';
import { afterEach, describe, expect, test } from '@jest/globals';
import { generate } from 'selfsigned';
import type { UpstreamError } from '../../src/errors.ts';
import { createScope } from '../../src/scope.ts';
import { startSimulator, type Simulator, type SimulatorOptions } from '../../src/simulator/simulator.ts';
import { withAccessToken, type ClientCredential } from '../../src/transport/access-token.ts';
import { requestIdOf, type Transport } from '../../src/transport/transport.ts';
import { createRetry } from '../../src/transport/retry.ts';
import { createUndiciTransport, type PooledTransport } from '../../src/transport/undici.ts';
import { until } from '../until.ts';

const request = {
  endpoint: 'POST customers',
  method: 'POST',
  path: '/partner/external/v3/general/customers/batch?pageIndex=1&pageSize=1',
} as const;
const { scope } = createScope();

let simulator: Simulator | undefined;
let pool: PooledTransport | undefined;
afterEach(async () => {
  await pool?.close();
  await simulator?.stop();
  pool = undefined;
  simulator = undefined;
});

interface Setup {
  readonly send: Transport;
  readonly simulator: Simulator;
  readonly tokenCalls: () => number;
  /** Moves the client's clock. */
  readonly advance: (milliseconds: number) => void;
}

async function setUp(
  options: Partial<SimulatorOptions> = {},
  override: { credential?: ClientCredential; clientId?: string } = {},
  onFault: (error: UpstreamError | null) => void = () => undefined,
): Promise<Setup> {
  let tokenCalls = 0;
  let now = Date.now();
  simulator = await startSimulator({
    port: 0,
    world: { seed: 1, customers: 1, tenantsPerCustomer: 1, usersPerTenant: 1 },
    latencyMs: 0,
    dialect: 'plural',
    ...options,
    intercept: (call) => {
      if (call.path === '/connect/token') tokenCalls += 1;
      return options.intercept?.(call);
    },
  });
  pool = await createUndiciTransport({
    baseUrl: simulator.credentials.apiUrl,
    timeoutMs: 300_000,
    maxResponseBytes: 16 * 1024 * 1024,
    connections: 8,
  });
  const send = withAccessToken(
    pool.send,
    pool.send,
    { ...simulator.credentials, ...override },
    {
      retry: createRetry({ maxRetries: 2, random: () => 0 }),
      clock: () => now,
      onFault,
    },
  );
  return { send, simulator, tokenCalls: () => tokenCalls, advance: (milliseconds) => (now += milliseconds) };
}

describe('the access token', () => {
  test('is fetched once for all waiters', async () => {
    const { send, tokenCalls } = await setUp();
    const responses = await Promise.all(Array.from({ length: 20 }, () => send(request, scope)));
    expect(responses.map(({ status }) => status)).toEqual(new Array(20).fill(200));
    expect(tokenCalls()).toBe(1);
  });

  test('is retried once for all waiters after a transient failure of the identity service', async () => {
    let failures = 1;
    const { send, tokenCalls } = await setUp({
      intercept: ({ path }) =>
        path === '/connect/token' && failures-- > 0 ? { status: 503, body: '' } : undefined,
    });
    const responses = await Promise.all(Array.from({ length: 20 }, () => send(request, scope)));
    expect(responses.map(({ status }) => status)).toEqual(new Array(20).fill(200));
    expect(tokenCalls()).toBe(2);
  });

  test('that is refused fails the call, which is not sent', async () => {
    const { send, tokenCalls } = await setUp({
      intercept: ({ path }) => (path === '/connect/token' ? { status: 500, body: '' } : undefined),
    });
    await expect(Promise.all([send(request, scope), send(request, scope)])).rejects.toMatchObject({
      code: 'UPSTREAM_UNAVAILABLE',
      details: { endpoint: 'POST token', status: 500, notSent: true },
    });
    expect(tokenCalls()).toBe(3);
  });

  test('is renewed in the background before it expires', async () => {
    const { send, tokenCalls, advance } = await setUp();
    await send(request, scope);
    advance(3_500_000);
    expect(tokenCalls()).toBe(1);
    advance(45_000);
    await send(request, scope);
    await send(request, scope);
    expect(tokenCalls()).toBe(2);
  });

  test('that has expired is waited for', async () => {
    const { send, tokenCalls, advance } = await setUp();
    await send(request, scope);
    advance(4_000_000);
    expect((await send(request, scope)).status).toBe(200);
    expect(tokenCalls()).toBe(2);
  });

  test('that is refused before it expires is renewed once for all waiters', async () => {
    const { send, simulator, tokenCalls } = await setUp();
    await send(request, scope);
    simulator.revokeTokens();
    const responses = await Promise.all(Array.from({ length: 10 }, () => send(request, scope)));
    expect(responses.map(({ status }) => status)).toEqual(new Array(10).fill(200));
    expect(tokenCalls()).toBe(2);
  });

  test('is not renewed for each call if the call stays refused', async () => {
    const { send, tokenCalls } = await setUp({
      intercept: ({ path }) => (path === '/connect/token' ? undefined : { status: 401, body: '' }),
    });
    expect((await send(request, scope)).status).toBe(401);
    expect(tokenCalls()).toBe(2);
  });

  test('that is still refused is replaced before the next call, which is made once', async () => {
    let refuses = true;
    let calls = 0;
    const { send, tokenCalls, advance } = await setUp({
      intercept: ({ path }) => {
        if (path === '/connect/token') return undefined;
        calls += 1;
        return refuses ? { status: 401, body: '' } : undefined;
      },
    });
    await send(request, scope);
    expect([tokenCalls(), calls]).toEqual([2, 2]);
    for (const round of [1, 2, 3]) {
      advance(8000);
      expect((await send(request, scope)).status).toBe(401);
      expect([tokenCalls(), calls]).toEqual([2 + round, 2 + round]);
    }
    refuses = false;
    advance(8000);
    expect((await send(request, scope)).status).toBe(200);
    advance(8000);
    expect((await send(request, scope)).status).toBe(200);
    expect([tokenCalls(), calls]).toEqual([6, 7]);
  });

  test.each(['null', '""', '0', undefined])('whose life is %s is not fetched for each call', async (life) => {
    const { send, tokenCalls } = await setUp({
      intercept: ({ path }) =>
        path === '/connect/token'
          ? {
              status: 200,
              body: `{"access_token": "t"${life === undefined ? '' : `, "expires_in": ${life}`}}`,
            }
          : { status: 200, body: '{}' },
    });
    for (let call = 0; call < 20; call++) await send(request, scope);
    expect(tokenCalls()).toBe(1);
  });

  test('that does not arrive is a fault even if all waiting operations end first', async () => {
    const faults: (string | undefined)[] = [];
    let isAsked = false;
    let isMended = false;
    const { send, advance } = await setUp(
      {
        intercept: ({ path }) => {
          if (path !== '/connect/token' || isMended) return undefined;
          isAsked = true;
          return new Promise(() => undefined);
        },
      },
      {},
      (error) => faults.push(error?.code),
    );
    const operation = createScope();
    const waiting = send(request, operation.scope);
    await until(() => isAsked);
    advance(5000);
    operation.end();
    await expect(waiting).rejects.toMatchObject({ code: 'REQUEST_CANCELLED' });
    await until(() => faults.length > 0);
    isMended = true;
    expect((await send(request, scope)).status).toBe(200);
    expect(faults).toEqual(['UPSTREAM_TIMEOUT', undefined]);
  });

  test('can be requested with a certificate', async () => {
    const { cert, private: key } = await generate([{ name: 'commonName', value: 'elements-graph' }], {
      keySize: 2048,
    });
    const credential: ClientCredential = {
      kind: 'certificate',
      certificate: new X509Certificate(cert),
      privateKey: createPrivateKey(key),
    };
    const { send } = await setUp({ clientCertificate: cert }, { credential });
    expect((await send(request, scope)).status).toBe(200);
  });

  test('that is refused is an error that repeats neither the credential nor the body', async () => {
    const { send, simulator } = await setUp({}, { clientId: 'another client' });
    const error: unknown = await send(request, scope).catch((thrown: unknown) => thrown);
    expect(error).toMatchObject({
      code: 'UPSTREAM_UNAUTHENTICATED',
      message: expect.stringContaining('invalid_client'),
    });
    expect(inspect(error, { depth: 9 })).not.toContain(simulator.credentials.credential.secret.reveal());
  });

  test.each([
    ['{}', 'access_token'],
    ['{"access_token": "line\\nbreak"}', 'access_token'],
    ['{"access_token": "t", "expires_in": "soon"}', 'expires_in'],
    ['<html>', 'body'],
  ])('in an answer like %s is an error that names the field', async (body, field) => {
    const { send } = await setUp({
      intercept: ({ path }) => (path === '/connect/token' ? { status: 200, body } : undefined),
    });
    await expect(send(request, scope)).rejects.toMatchObject({
      code: 'UPSTREAM_INVALID_RESPONSE',
      details: { field },
    });
  });
});

describe('an exchange', () => {
  test('that takes too long is a timeout', async () => {
    const { simulator } = await setUp({ latencyMs: 2000 });
    const hasty = await createUndiciTransport({
      baseUrl: simulator.credentials.apiUrl,
      timeoutMs: 50,
      maxResponseBytes: 1_000_000,
      connections: 1,
    });
    await expect(hasty.send(request, scope)).rejects.toMatchObject({ code: 'UPSTREAM_TIMEOUT' });
    await hasty.close();
  });

  test('with a closed port is unavailable', async () => {
    const { simulator, send } = await setUp();
    await simulator.stop();
    await expect(send(request, scope)).rejects.toMatchObject({ code: 'UPSTREAM_UNAVAILABLE' });
  });

  test('ends when its scope does', async () => {
    const { simulator } = await setUp({ latencyMs: 2000 });
    const patient = await createUndiciTransport({
      baseUrl: simulator.credentials.apiUrl,
      timeoutMs: 300_000,
      maxResponseBytes: 16 * 1024 * 1024,
      connections: 1,
    });
    const { scope, end } = createScope();
    const sent = patient.send(request, scope);
    end();
    await expect(sent).rejects.toMatchObject({ code: 'REQUEST_CANCELLED' });
    await patient.close();
  });

  test.each(['request-id', 'x-request-id', 'requestid', 'x-ms-request-id'])(
    'knows the request id of %s',
    (name) => {
      expect(requestIdOf({ status: 200, headers: { [name]: 'a-1 <b>' }, body: '' })).toBe('a-1b');
    },
  );

  describe('for permissions that are not all granted', () => {
    const refusal = {
      status: 400,
      headers: { 'content-type': 'application/json' },
      body: '{"error":"invalid_scope"}',
    };
    const directory = {
      endpoint: 'GET directory',
      method: 'GET',
      path: '/partner/customers',
      permission: 'partner.customers.read.all',
    } as const;
    const customers = { ...request, permission: 'elements.customers.read.all' };

    test('has the granted ones; a call that needs another fails with its name until it is granted', async () => {
      let isGranted = false;
      const asked: string[] = [];
      const { send, advance } = await setUp({
        intercept: ({ path, body }) => {
          if (path !== '/connect/token') return undefined;
          const scopes = new URLSearchParams(body).get('scope') ?? '';
          asked.push(scopes);
          return !isGranted && scopes.includes(directory.permission) ? refusal : undefined;
        },
      });
      expect(await send(customers, scope)).toMatchObject({ status: 200 });
      expect(asked).toHaveLength(6);
      expect(asked.at(-1)?.split(' ')).toHaveLength(3);
      await expect(send(directory, scope)).rejects.toMatchObject({
        code: 'UPSTREAM_FORBIDDEN',
        retryable: false,
        message: expect.stringContaining('partner.customers.read.all'),
        details: { endpoint: 'GET directory', permission: 'partner.customers.read.all', notSent: true },
      });
      isGranted = true;
      advance(60_000);
      await expect(send(directory, scope)).rejects.toMatchObject({ code: 'UPSTREAM_FORBIDDEN' });
      expect(asked).toHaveLength(6);
      advance(5 * 60_000);
      // Renewed in the background.
      await send(customers, scope);
      let status: number | null = null;
      const ask = () => {
        send(directory, scope).then(
          (response) => (status = response.status),
          () => null,
        );
        return status === 200;
      };
      await until(ask);
      expect(asked).toHaveLength(7);
    });

    test('is refused if none is granted, without requesting each separately for every call', async () => {
      const { send, tokenCalls } = await setUp({
        intercept: ({ path }) => (path === '/connect/token' ? refusal : undefined),
      });
      for (const calls of [5, 6, 7]) {
        await expect(send(customers, scope)).rejects.toMatchObject({
          code: 'UPSTREAM_UNAUTHENTICATED',
          message: expect.stringContaining('(invalid_scope)'),
        });
        expect(tokenCalls()).toBe(calls);
      }
    });
  });
});
