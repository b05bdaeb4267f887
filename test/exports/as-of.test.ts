/** The end of an export has the time of the oldest data of all rows in the file. */
import { afterEach, expect, test } from '@jest/globals';
import { startGatewayUnderTest, type GatewayUnderTest } from '../gateway-under-test.ts';
import { userRow, worldOfTenant } from '../world-of.ts';
import { exported } from './compared.ts';
import { readNdjson } from './exported.ts';

let gateway: GatewayUnderTest | undefined;
afterEach(async () => {
  await gateway?.stop();
  gateway = undefined;
});

test.each([
  ['fails', 403, Infinity, 1],
  ['is read again', 503, 1, 0],
])('also if a tenant %s midway', async (_, status, failures, missing) => {
  let left = failures;
  gateway = await startGatewayUnderTest({
    world: worldOfTenant({
      users: Array.from({ length: 450 }, (_user, index) => userRow({ id: `user-${index}` })),
      protection: [],
    }),
    intercept: ({ path, query }) => {
      if (!path.endsWith('/t/users/batch') || query.get('pageIndex') !== '4' || left === 0) return undefined;
      left -= 1;
      return { status, body: '' };
    },
  });
  const { rows, end } = readNdjson(await exported(gateway, '?columns=userId,asOf'));
  expect(rows.length).toBeGreaterThan(100);
  expect(end.missing).toHaveLength(missing);
  const times = rows.map(({ asOf }) => String(asOf)).sort();
  expect(end.asOf).toBe(times[0]);
});
