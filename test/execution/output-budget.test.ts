/** A response above the limit ends its execution at once, and discards pending work. */
import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import { setImmediate as immediate, setTimeout as sleep } from 'node:timers/promises';
import { makeExecutableSchema } from '@graphql-tools/schema';
import { retainedBytes } from './heap.ts';
import { createPreparedExecutor, read } from './prepared-executor.ts';
import { CallerError, UpstreamError } from '../../src/errors.ts';
import { serializeResponse } from '../../src/execution/request.ts';

const mebibyte = 1024 * 1024;
const text = 'x'.repeat(390);
const many = Array.from({ length: 1000 }, () => ({ text, numbers: [1, 22, null] }));

class TooLong extends Error {}
/** One failed call, which costs many rows a field. */
const upstreamError = new UpstreamError('UPSTREAM_UNAVAILABLE', 'The call failed.', { endpoint: 'GET /' });

function budgetOf(characters: number): { readonly spend: (characters: number) => void; spent: number } {
  return {
    spent: 0,
    spend(written) {
      this.spent += written;
      if (this.spent > characters) throw new TooLong(`More than ${characters} characters.`);
    },
  };
}

let calls = 0;
/** What late fields wait for. */
let isLate: Promise<unknown>;
const lateCalls = new Set<string>();
const schema = makeExecutableSchema({
  typeDefs: /* GraphQL */ `
    type Row {
      text: String
      again: String
      numbers: [Int]
      rows: [Row!]
      counted: String
      late(key: String): Row
      fails: String
      mistaken: String
      cut: String
      failsLate: [String!]
    }
    type Query {
      rows: [Row!]
      endless: [String]
      row: Row
    }
  `,
  resolvers: {
    Query: {
      rows: () => many,
      row: () => many[0],
      endless: function* () {
        for (;;) yield text;
      },
    },
    Row: {
      rows: () => many,
      // A copy, so that nothing is shared.
      again: () => JSON.parse(JSON.stringify(text)) as string,
      counted: () => {
        calls += 1;
        return text;
      },
      late: async (row: unknown, { key }: { key: string }) => {
        await isLate;
        lateCalls.add(key);
        return row;
      },
      fails: () => {
        throw new Error('The field failed.');
      },
      mistaken: () => {
        calls += 1;
        throw new CallerError('first: expected a number from 0 to 1000, but got -1.');
      },
      cut: () => {
        throw upstreamError;
      },
      failsLate: () => Array.from({ length: 3 }, () => isLate.then(() => Promise.reject(new Error('Late.')))),
    },
  },
});
const recordTypes = new Map([['Row', 'row' as const]]);

const unhandled: unknown[] = [];
const note = (reason: unknown) => {
  unhandled.push(reason);
};
beforeEach(() => {
  unhandled.length = 0;
  calls = 0;
  lateCalls.clear();
  isLate = sleep(5);
  process.on('unhandledRejection', note);
});
afterEach(async () => {
  await sleep(20);
  await immediate();
  process.off('unhandledRejection', note);
  expect(unhandled).toEqual([]);
});

const documents = [
  ['texts', '{ rows { rows { text } } }'],
  ['texts that are made anew', '{ rows { rows { again } } }'],
  ['structure alone', '{ rows { rows { rows { __typename } } } }'],
  ['small leaves', '{ rows { rows { numbers } } }'],
  ['errors', '{ rows { rows { fails } } }'],
  ['a list without end', '{ endless }'],
] as const;

describe.each([
  ['objects of any type', new Map<string, 'row'>()],
  ['records', recordTypes],
])('a response of hundreds of megabytes costs what its budget allows: %s', (_name, types) => {
  test.each(documents)('%s', async (what, document) => {
    const run = createPreparedExecutor(schema, { recordTypes: types });
    let peak = 0;
    const overrun = async () => {
      const output = budgetOf(mebibyte);
      peak = 0;
      let looked = -Infinity;
      const spend = (characters: number) => {
        // A look takes long.
        if (output.spent - looked > 20_000) {
          peak = Math.max(peak, process.memoryUsage().heapUsed);
          looked = output.spent;
        }
        output.spend(characters);
      };
      await expect(run({ document, output: { spend } })).rejects.toThrow(TooLong);
      expect(output.spent).toBeLessThan(1.5 * mebibyte);
    };
    // The heap also keeps compiled code and the last result for a while, but nothing of each run.
    const maxGrowth = 4 * mebibyte;
    let growth = Infinity;
    for (let time = 0; time < 4 && growth > maxGrowth; time++) {
      const before = retainedBytes();
      await overrun();
      // Garbage included, which the stacks of errors are many times over here: a busy process leaves the young generation
      // full, which took 42 MiB on Node.js 24. What the budget bounds would take hundreds.
      expect(peak - before).toBeLessThan((what === 'errors' ? 96 : 64) * mebibyte);
      growth = retainedBytes() - before;
    }
    expect(growth).toBeLessThan(maxGrowth);
  });
});

test('no resolver is called any more', async () => {
  const run = createPreparedExecutor(schema);
  const document = '{ rows { rows { counted } } }';
  await expect(run({ document, output: budgetOf(mebibyte) })).rejects.toThrow(TooLong);
  // Those of the part of a list that was under way at most.
  expect(calls).toBeLessThan(mebibyte / 400 + 1000);
});

test('the reason arrives before pending work, which is discarded', async () => {
  const run = createPreparedExecutor(schema);
  const document = '{ row { late(key: "one") { late(key: "two") { text } } failsLate } rows { text } }';
  let arrive: () => void = () => undefined;
  isLate = new Promise<void>((resolve) => (arrive = resolve));
  await expect(run({ document, output: budgetOf(1000) })).rejects.toThrow(TooLong);
  expect([...lateCalls]).toEqual([]);
  arrive();
  await sleep(20);
  expect([...lateCalls]).toEqual(['one']);
});

test('promises in lists that are dropped are handled', async () => {
  const run = createPreparedExecutor(schema);
  const document = '{ rows { text failsLate rows { failsLate } } }';
  await expect(run({ document, output: budgetOf(200_000) })).rejects.toThrow(TooLong);
});

test('what is reported is what is written', async () => {
  for (const recordTypes of [new Map<string, 'row'>(), new Map([['Row', 'row' as const]])]) {
    const run = createPreparedExecutor(schema, { recordTypes });
    const document = '{ __typename rows { text numbers a: numbers __typename } row { late { text } } }';
    // The second time from cached texts.
    for (let time = 0; time < 2; time++) {
      const output = budgetOf(Infinity);
      const result = await run({ document, output });
      expect(read(result).errors).toBeUndefined();
      const { length } = serializeResponse({ data: result.data }).join('');
      expect(output.spent).toBeGreaterThan(length * 0.98);
      expect(output.spent).toBeLessThan(length * 1.02);
    }
  }
});

test('of errors, a thousand of one message are listed in the order of the response, and the others are counted', async () => {
  const run = createPreparedExecutor(schema);
  const document = '{ rows { fails } more: rows { b: fails c: failsLate } }';
  const { errors } = read(await run({ document }));
  expect(errors).toHaveLength(2001);
  const paths = (errors ?? []).slice(0, 2000).map(({ path }) => JSON.stringify(path));
  expect(paths[0]).toBe('["rows",0,"fails"]');
  expect(new Set(paths).size).toBe(2000);
  expect(errors?.at(-1)?.message).toContain('Too many errors: 3000; the maximum is 2000');
});

describe('errors of the caller', () => {
  test.each([
    '{ rows { mistaken } more: rows { mistaken text } again: rows { mistaken } }',
    '{ rows { rows { mistaken } } }',
  ])('end the execution when there are more than a thousand: %s', async (document) => {
    const { data, errors } = read(await createPreparedExecutor(schema)({ document }));
    expect(data).toBeNull();
    expect(errors).toMatchObject([
      { message: 'first: expected a number from 0 to 1000, but got -1.' },
      { message: expect.stringContaining('1001; the maximum is 1000') },
    ]);
    // To the end of the part of a list in which the limit was passed.
    expect(calls).toBeLessThanOrEqual(2000);
  });

  test('are listed up to a thousand, beside the data', async () => {
    const { data, errors } = read(
      await createPreparedExecutor(schema)({ document: '{ rows { mistaken text } }' }),
    );
    expect(data).toMatchObject({ rows: { length: 1000 } });
    expect(errors).toHaveLength(1000);
  });

  test('do not include failures of the upstream, whatever their number', async () => {
    const document = '{ rows { cut again: cut } row { rows { cut text } } }';
    const { data, errors } = read(await createPreparedExecutor(schema)({ document }));
    expect(data).toMatchObject({ row: { rows: { length: 1000 } } });
    expect(errors?.at(-1)?.message).toContain('3000; the maximum is 1000');
  });
});
