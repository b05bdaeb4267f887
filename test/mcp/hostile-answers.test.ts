/** What an upstream's rows may do to an answer: names of megabytes, thousands of lists, instructions that no reader sees. */
import { describe, expect, test } from '@jest/globals';
import { cpuMsOf, slownessOfMachine } from '../cpu-time.ts';
import { toolCallOf, toolResultOf } from './tool-call.ts';

const maxCharacters = 20_000;
const shown = (data: object, max = maxCharacters) =>
  toolResultOf(JSON.stringify({ data }), toolCallOf(new Map([['users', 'after']])), max);

function textOf({ content: [first] }: ReturnType<typeof toolResultOf>): string {
  if (first?.type !== 'text') throw new Error('There is no text.');
  return first.text;
}

const rowsOf = <Row>(count: number, row: (index: number) => Row) =>
  Array.from({ length: count }, (_, index) => row(index));
const connection = (nodes: readonly object[]) => ({
  nodes,
  _rows_nodes: nodes.map((_node, index) => ({ cursor: `cursor${index}` })),
  _page: { hasNextPage: true },
  _isComplete: true,
  _missing: [],
});
const aliases = (count: number, value: (index: number) => object) =>
  Object.fromEntries(rowsOf(count, (index) => [`a${index}`, value(index)]));
const user = (index: number) => ({ id: `user-${index}`, name: 'x'.repeat(30), status: ['A', 'B'] });

/** Each of nearly as many characters as are read. */
const large: readonly (readonly [string, object])[] = [
  ['lists side by side', aliases(40, () => connection(rowsOf(360, user)))],
  ['hundreds of lists side by side', aliases(290, () => connection(rowsOf(49, user)))],
  ['lists in lists', { a: connection(rowsOf(48, () => ({ users: connection(rowsOf(300, user)) }))) }],
  [
    'thousands of short lists in single rows',
    aliases(245, () => ({ one: [aliases(20, () => connection([user(1), user(2)]))] })),
  ],
  ['long texts', aliases(710, () => ({ name: 'y'.repeat(2000) }))],
  [
    'texts of visible and invisible characters',
    { a: connection(rowsOf(680, () => ({ name: 'a\u200b'.repeat(1000) }))) },
  ],
  ['invisible texts', { a: connection(rowsOf(680, () => ({ name: '\u{e0041}'.repeat(1000) }))) }],
];

test.each(large)('%s are cut to the limit within one turn of the event loop', (_what, data) => {
  const text = JSON.stringify({ data });
  expect(text.length).toBeGreaterThan(1_350_000);
  expect(text.length).toBeLessThan(1_500_000);
  const cpuMs = cpuMsOf(() => toolResultOf(text, toolCallOf(), maxCharacters));
  expect(cpuMs).toBeLessThan(250 * slownessOfMachine());
  const result = toolResultOf(text, toolCallOf(), maxCharacters);
  expect(textOf(result).length).toBeLessThanOrEqual(maxCharacters);
});

describe('names of hundreds of thousands of characters', () => {
  const long = 'z'.repeat(400_000);

  test('are left out of rows, which can be continued', () => {
    const result = shown({ users: connection(rowsOf(3, (index) => ({ id: `user-${index}`, name: long }))) });
    const { leftOut, data } = JSON.parse(textOf(result)) as {
      leftOut: readonly { readonly list: string; readonly next: object | null }[];
      data: { users: { nodes: readonly { readonly id: string }[] } };
    };
    expect(data.users.nodes).toMatchObject([{ id: 'user-0' }]);
    expect(leftOut).toMatchObject([
      { list: 'users.nodes', next: { after: 'cursor0' } },
      { list: 'users.nodes.0.name', next: null },
    ]);
  });

  test('are shortened in the list of what is missing', () => {
    const missing = { customerId: 'c', organization: long, tenantId: 't', tenant: long };
    const result = shown({
      summary: {
        userCount: 7,
        _isComplete: false,
        _missing: [{ ...missing, reason: 'UPSTREAM_TIMEOUT', message: 'No answer.', retryable: true }],
      },
    });
    const text = textOf(result);
    expect(text.length).toBeLessThan(maxCharacters);
    expect(JSON.parse(text)).toMatchObject({
      isComplete: false,
      missing: [{ customerId: 'c', tenantId: 't', organization: `${'z'.repeat(500)}…` }],
      data: { summary: { userCount: 7 } },
    });
  });

  test('of which there are too many are an error that says how to ask', () => {
    const result = shown({ users: connection(rowsOf(9, () => ({ name: long }))) });
    expect(result.isError).toBe(true);
    expect(textOf(result)).toMatch(/^ANSWER_TOO_LONG: The answer has 3600\d+ characters.*fewer rows/);
  });

  test('in hundreds of places are counted, and some named', () => {
    const text = textOf(
      shown(
        aliases(700, () => ({ name: 'y'.repeat(2000) })),
        100_000,
      ),
    );
    expect(text.length).toBeLessThan(100_000);
    const { leftOut } = JSON.parse(text) as { leftOut: readonly object[] };
    expect(leftOut).toHaveLength(10);
    expect(text.match(/a text of 2000 characters was left out/g)).toHaveLength(700);
  });
});

test.each([
  ['tag characters', '\u{e0049}\u{e0067}'],
  ['marks of direction', '\u202e\u2066\u061c'],
  ['characters without width', '\u200b\u2060\ufeff\u00ad'],
  ['fillers', '\u3164\u115f\uffa0\u034f'],
  ['variation selectors', '\ufe0f\u{e0100}\u180b'],
  ['controls', '\u0000\u001b\u007f\u009b\u2028'],
  ['halves of pairs', '\ud800x\udc00'],
])('%s are escapes in the text, and equal when it is parsed', (_what, name) => {
  const result = shown({ customer: { organization: name } });
  const text = textOf(result);
  expect(text).toMatch(/^[\x20-\x7e]*$/);
  expect(JSON.parse(text)).toEqual(result.structuredContent);
  expect(JSON.parse(text)).toMatchObject({ data: { customer: { organization: name } } });
});

test('a result that is too long to be read is an error with that limit', () => {
  const text = textOf(shown({ a: 'x'.repeat(1_500_000) }));
  expect(text).toMatch(/^ANSWER_TOO_LONG: The answer has 15000\d\d characters, and 1500000 are allowed/);
});

describe('an error', () => {
  const answerOf = (errors: readonly object[], data: object) => {
    const result = toolResultOf(JSON.stringify({ errors, data }), toolCallOf(), maxCharacters);
    return result.structuredContent as {
      readonly missing: readonly { readonly path: string }[];
      readonly leftOut: readonly { readonly advice: string }[];
    };
  };
  const error = (paths: readonly (readonly (string | number)[])[]) => ({
    message: 'Failed.',
    path: paths[0],
    extensions: { code: 'UPSTREAM_TIMEOUT', retryable: true, paths },
  });

  test('of several places has an entry for each, and one in leftOut for those beyond the limit', () => {
    const paths = rowsOf(25, (index) => ['users', 'nodes', index, 'protection']);
    const { missing, leftOut } = answerOf([error(paths)], { users: { nodes: rowsOf(25, () => ({})) } });
    expect(missing.map(({ path }) => path)).toEqual(paths.slice(0, 20).map((path) => path.join('.')));
    expect(leftOut).toEqual([
      { list: 'missing', shown: 20, next: null, advice: '5 more are missing. Narrow the filter.' },
    ]);
  });

  test('of several values of a row is one entry, and speaks of no argument', () => {
    const paths = [
      ['users', 'nodes', 3, 'protectionState'],
      ['users', 'nodes', 3, 'protection'],
      ['users', 'nodes', 4, 'protection', 'modules'],
      ['summary'],
    ];
    const { message, extensions } = error(paths);
    const missed = { message, path: paths[0], extensions: { ...extensions, code: 'UPSTREAM_NOT_FOUND' } };
    const { missing } = answerOf([missed], { users: { nodes: rowsOf(5, () => ({})) } });
    expect(missing.map(({ path }) => path)).toEqual([
      'summary',
      'users.nodes.3: protectionState, protection',
      'users.nodes.4.protection.modules',
    ]);
    expect(JSON.stringify(missing)).toMatch(/stays missing/);
    expect(JSON.stringify(missing)).not.toMatch(/under this id/);
  });

  test('of long names leaves room for the data', () => {
    const long = 'z'.repeat(400);
    const _missing = rowsOf(40, (index) => ({
      ...{ customerId: `c${index}`, organization: long, tenantId: 't', tenant: long },
      ...{ reason: 'UPSTREAM_TIMEOUT', message: 'No answer.', retryable: true },
    }));
    const result = shown({ summary: { userCount: 7, _isComplete: false, _missing } }, 2000);
    expect(textOf(result).length).toBeLessThanOrEqual(2000);
    expect(JSON.parse(textOf(result))).toMatchObject({
      missing: [{ customerId: 'c0' }],
      leftOut: [{ list: 'missing', shown: 1, advice: '39 more are missing. Narrow the filter.' }],
      data: { summary: { userCount: 7 } },
    });
  });

  test('below hidden fields names the place that the document selects', () => {
    const paths = [
      ['users', '_rows_nodes', 0, 'cursor'],
      ['users', '_rows_nodes', 1, 'cursor'],
      ['customers', 'info', 'end'],
    ];
    const users = { nodes: [{ id: 'a' }], _rows_nodes: null, _page: { hasNextPage: true } };
    const { missing, leftOut } = answerOf([error(paths), error([['_customers', 'nodes']])], { users });
    expect(missing.map(({ path }) => path)).toEqual(['', 'customers.info.end', 'users']);
    expect(leftOut).toEqual([
      {
        list: 'users.nodes',
        shown: 1,
        next: null,
        advice: 'More rows exist, but their cursors could not be read. Narrow the filter.',
      },
    ]);
  });

  test('of which there are many are counted', () => {
    const errors = rowsOf(8, (index) => ({
      message: `No ${index}.`,
      extensions: { code: 'LIMIT_EXCEEDED' },
    }));
    const text = textOf(toolResultOf(JSON.stringify({ errors }), toolCallOf(), maxCharacters));
    expect(text.split('\n')).toHaveLength(6);
    expect(text).toMatch(/There are 3 more errors\.$/);
  });
});

test('fields of the graph that begin with an underscore stay in the answer', () => {
  const text = textOf(shown({ _entities: [{ name: 'a' }], _service: { sdl: 'type' } }));
  expect(JSON.parse(text)).toMatchObject({ data: { _entities: [{ name: 'a' }], _service: { sdl: 'type' } } });
});
