/** How clients of the protocol learn where to sign in (RFC 9728), and whose tokens are accepted (RFC 8707). */
import { afterAll, expect, test } from '@jest/globals';
import { readConfig } from '../../src/config/config.ts';
import { startProvider, type Provider } from '../callers/provider.ts';
import { useGateway } from '../use-gateway.ts';
import { mcpSetting } from './official-client.ts';
import { createGeneratedWorld } from '../../src/simulator/generated-world.ts';

const url = new URL('https://graph.example.com/elements/mcp');

let provider: Provider;

const gateway = useGateway(async () => {
  provider = await startProvider();
  return {
    world: createGeneratedWorld({ seed: 1, customers: 2, tenantsPerCustomer: 1, usersPerTenant: 3 }),
    clock: () => Date.now(),
    callers: { kind: 'known', keysFile: null, tokens: { ...provider.options, resourceUrl: url.href } },
    endpoint: { mcp: { ...mcpSetting, url, authorizationServer: provider.options.issuer } },
  };
});
afterAll(() => provider.stop());

const ping = (headers: Readonly<Record<string, string>> = {}) =>
  fetch(`${gateway.url}/mcp`, {
    method: 'POST',
    headers: {
      'content-type': 'application/json',
      accept: 'application/json, text/event-stream',
      'mcp-protocol-version': '2025-11-25',
      ...headers,
    },
    body: '{"jsonrpc":"2.0","id":1,"method":"ping"}',
  });

test('a caller without a token learns where to get one', async () => {
  const refused = await ping();
  expect(refused.status).toBe(401);
  expect(refused.headers.get('www-authenticate')).toBe(
    'Bearer resource_metadata="https://graph.example.com/.well-known/oauth-protected-resource/elements/mcp"',
  );
  for (const path of ['', '/mcp', '/elements/mcp']) {
    const response = await fetch(`${gateway.url}/.well-known/oauth-protected-resource${path}`);
    expect(await response.json()).toMatchObject({
      resource: url.href,
      authorization_servers: [provider.options.issuer],
    });
  }
});

test.each([
  ['for the endpoint', { aud: url.href }, 200],
  ['for the gateway', {}, 200],
  ['for another service', { aud: 'https://other.example.com/mcp' }, 401],
])('a token %s is answered with its status', async (_whom, claims, status) => {
  const token = await provider.sign(claims);
  expect((await ping({ authorization: `Bearer ${token}` })).status).toBe(status);
});

test('the address that is published is the one that is accepted', () => {
  const config = readConfig({
    SIMULATOR: 'on',
    CALLERS_JWT_ISSUER: 'https://identity.example.com/',
    CALLERS_JWT_AUDIENCE: 'elements-graph',
    CALLERS_JWT_JWKS_URL: 'https://identity.example.com/keys',
    MCP_URL: 'https://Graph.example.com:443',
  });
  const resource = config.endpoint.mcp?.url?.href;
  expect(resource).toBe('https://graph.example.com/');
  expect(config.callers).toMatchObject({ tokens: { resourceUrl: resource } });
});
