/** Which tests `npm run test:unit` runs. */
import { existsSync } from 'node:fs';
import { expect, test } from '@jest/globals';

const { longSearches, quickTests, slowModules } = (await import(
  new URL('../jest.unit.config.js', import.meta.url).href
)) as Readonly<Record<'longSearches' | 'quickTests' | 'slowModules', readonly string[]>>;

test('those that start nothing are quick, and no others', () => {
  expect(quickTests).toEqual(
    expect.arrayContaining([
      'test/config.test.ts',
      'test/planner/choose.test.ts',
      'test/server/price.test.ts',
    ]),
  );
  for (const [what, file] of [
    ['a gateway', 'test/graph/queries.test.ts'],
    ['a process', 'test/startup.test.ts'],
    ['a browser', 'test/graphiql/page.test.ts'],
    ['Redis', 'test/fleet/unusable-redis.test.ts'],
    ['a measurement', 'test/planner/many-keys.test.ts'],
  ] as const)
    expect([what, existsSync(file), quickTests.includes(file)]).toEqual([what, true, false]);
});

test('what makes a test slow is where the rule looks for it', () => {
  const files = [...slowModules, ...longSearches].filter((name) => /^\.|^test\//.test(name));
  expect(files.filter((file) => !existsSync(file))).toEqual([]);
});

test('the full storms are those of all files that have sizes of storms', async () => {
  const { storms } = (await import(new URL('../jest.storms.config.js', import.meta.url).href)) as {
    readonly storms: readonly string[];
  };
  expect(storms).toEqual(
    expect.arrayContaining([
      'test/chaos/soak.test.ts',
      'test/graph/moving-worlds.test.ts',
      'test/profiles.test.ts',
    ]),
  );
  expect(storms).not.toContain('test/fold.test.ts');
});
