/** GraphQL over HTTP, by the audits of graphql-http, which follow the specification's sentences one by one. */
import { expect, test } from '@jest/globals';
import { serverAudits } from 'graphql-http';
import { useGateway } from '../use-gateway.ts';
import { customerRow } from '../world-of.ts';

const gateway = useGateway({
  world: { customers: [customerRow({ id: 'a' })], directory: [], tenants: {} },
});

const audits = serverAudits({ url: () => `${gateway.url}/graphql` });

test.each(audits.map(({ id, name, fn }) => [id, name, fn] as const))('%s: %s', async (_id, _name, run) => {
  const result = await run();
  expect([result.status, 'reason' in result ? result.reason : null]).toEqual(['ok', null]);
});

test('are all run', () => {
  expect(audits.length).toBeGreaterThan(60);
});

test('a GET of another site’s page is refused, even where its answer is at hand', async () => {
  const url = `${gateway.url}/graphql?query=${encodeURIComponent('{ customers { totalCount } }')}`;
  const statusFrom = async (site: string | null) =>
    (await fetch(url, { headers: site === null ? {} : { 'sec-fetch-site': site } })).status;
  expect([await statusFrom(null), await statusFrom('same-origin'), await statusFrom('same-origin')]).toEqual([
    200, 200, 200,
  ]);
  expect([await statusFrom('cross-site'), await statusFrom('same-site')]).toEqual([400, 400]);
  // By plain HTTP to another host, browsers do not send Sec-Fetch-Site.
  const headers = { 'user-agent': 'Mozilla/5.0 (X11; Linux x86_64) Gecko/20100101 Firefox/140.0' };
  expect((await fetch(url, { headers })).status).toBe(400);
  expect((await fetch(url, { headers: { ...headers, 'apollo-require-preflight': 'yes' } })).status).toBe(200);
});

test('a document that can’t be executed has the status that its media type has for it', async () => {
  const statusFor = async (accept: string, query: string) =>
    (
      await fetch(`${gateway.url}/graphql`, {
        method: 'POST',
        headers: { 'content-type': 'application/json', accept },
        body: JSON.stringify({ query }),
      })
    ).status;
  for (const query of ['{', '{ nope }', 'query ($n: Int!) { customers(first: $n) { totalCount } }']) {
    expect(await statusFor('application/json', query)).toBe(200);
    expect(await statusFor('application/graphql-response+json', query)).toBe(400);
  }
  // What is too much is refused by the gateway, and not by GraphQL.
  expect(await statusFor('application/json', `{ ${'a '.repeat(11_000)} }`)).toBe(400);
});
