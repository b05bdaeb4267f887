/** The twenty questions of docs/questions.md, each answered by two calls of tools at most, in less than 10,000 tokens. */
import { execFile } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import type { Client } from '@modelcontextprotocol/client';
import { countTokens } from 'gpt-tokenizer';
import { isObject } from '../../src/json.ts';
import { createGeneratedWorld } from '../../src/simulator/generated-world.ts';
import { useGateway } from '../use-gateway.ts';
import { connectOverHttp, mcpSetting } from './official-client.ts';

const maxTokens = 10_000;

/** As `npm start` has it. */
const world = createGeneratedWorld({ seed: 1, customers: 40, tenantsPerCustomer: 2, usersPerTenant: 120 });

let client: Client;
afterAll(() => client.close());
const gateway = useGateway({ world, endpoint: { mcp: mcpSetting } });
beforeAll(async () => {
  client = await connectOverHttp(gateway.url, '2026-07-28');
});

interface Answer {
  readonly isComplete: boolean;
  readonly data: Readonly<Record<string, unknown>>;
  readonly commands: readonly string[];
}

type Call = readonly [name: string, given?: Readonly<Record<string, unknown>>];

/** Answers of the calls, of which there are two at most. */
async function ask(...calls: readonly [Call] | readonly [Call, Call]): Promise<readonly Answer[]> {
  const answers: Answer[] = [];
  let tokens = 0;
  for (const [name, given = {}] of calls) {
    const { content, structuredContent, isError } = await client.callTool({ name, arguments: given });
    const [first] = content;
    if (isError === true || first?.type !== 'text') throw new Error(JSON.stringify(content));
    tokens += countTokens(first.text);
    answers.push(structuredContent as Answer);
  }
  expect(tokens).toBeLessThan(maxTokens);
  return answers;
}

const page = readFileSync(new URL('../../docs/questions.md', import.meta.url), 'utf8');

/** The page's own answer to a question: an operation, or commands. */
function documented(number: number): string {
  const [, text] = new RegExp(`^## ${number}\\. [^]*?\n\`\`\`\\w+\n([^]*?)\`\`\``, 'm').exec(page) ?? [];
  if (text === undefined) throw new Error(`Question ${number} has no answer.`);
  return text;
}

/** Both of two answers, without what one of them alone has: fields that it selects, and rows of its longer window. */
function common(one: unknown, other: unknown): readonly [unknown, unknown] {
  if (Array.isArray(one) && Array.isArray(other)) {
    const length = Math.min(one.length, other.length);
    const pairs = one.slice(0, length).map((each: unknown, index) => common(each, other[index]));
    return [pairs.map(([each]) => each), pairs.map(([, each]) => each)];
  }
  if (!isObject(one) || !isObject(other)) return [one, other];
  const keys = Object.keys(one).filter((key) => key in other);
  const pairs = keys.map((key) => [key, ...common(one[key], other[key])] as const);
  return [
    Object.fromEntries(pairs.map(([key, each]) => [key, each])),
    Object.fromEntries(pairs.map(([key, , each]) => [key, each])),
  ];
}

/** What the graph itself says. */
async function graph(query: string): Promise<Readonly<Record<string, unknown>>> {
  const { data, errors } = await gateway.queryText(query);
  expect(errors).toBeUndefined();
  return data ?? {};
}

const exclude = ['SIGN_IN_BLOCKED', 'INACTIVE', 'PENDING_DELETION', 'TEST_USER'];

describe('a question', () => {
  type Data = Readonly<Record<string, unknown>>;
  interface Customers {
    readonly totalCount: number;
    readonly nodes: readonly { readonly organization: string; readonly users: unknown }[];
  }
  const customersOf = ({ customers }: Data) => customers as Customers;
  /** Two orders of the same customers. */
  const byName = (data: Data) => ({
    ...customersOf(data),
    names: customersOf(data)
      .nodes.map(({ organization }) => organization)
      .sort(),
    nodes: [],
  });

  test.each<readonly [number, Call, ((data: Data, isOfTool: boolean) => unknown)?]>([
    [1, ['estate_overview', { exclude }]],
    [2, ['worst_covered_customers', { exclude }]],
    [3, ['worst_covered_customers', { below: 0.65, minUsers: 50, first: 50 }], byName],
    [
      4,
      ['unprotected_users', { customer: 'Polar Pharma' }],
      (data, isOfTool) => (isOfTool ? data['users'] : customersOf(data).nodes[0]?.users),
    ],
    [5, ['wasted_seats']],
    [
      6,
      [
        'find_users',
        {
          endDate: { from: '2026-10-01', to: '2027-06-30' },
          protection: { states: ['PROTECTED', 'PARTIALLY_PROTECTED'] },
          orderBy: ['DISPLAY_NAME_ASC'],
        },
      ],
    ],
    [7, ['unmatched_mailboxes', { module: 'MAILBOX' }]],
    [8, ['coverage_by_group', { by: 'DEPARTMENT', orderBy: 'COVERAGE_ASC' }]],
    [
      9,
      [
        'find_users',
        {
          protection: { module: 'MAILBOX', isProtected: true },
          alsoProtection: { module: 'ONEDRIVE', isProtected: false },
        },
      ],
    ],
    [10, ['find_users', { status: ['HIGH_RISK'], protection: { state: 'NOT_IN_BACKUP' } }]],
    [11, ['find_users', { startDate: { from: '2025-01-01' }, protection: { isProtected: false } }]],
    [12, ['find_users', { passwordAge: { min: 366 }, orderBy: ['PASSWORD_AGE_DESC'] }]],
    [
      13,
      ['coverage_by_group', { by: 'CUSTOMER', protection: { states: ['PROTECTED', 'PARTIALLY_PROTECTED'] } }],
    ],
    [15, ['customer_overview', { customer: 'Polar Pharma' }]],
    [16, ['job_problems']],
    [18, ['find_users', { search: 'Krause' }]],
  ])('%d has the numbers of its operation', async (number, call, partOf = (data) => data) => {
    const [answer] = await ask(call);
    expect(answer?.isComplete).toBe(true);
    const expected = partOf(await graph(documented(number)), false);
    const [ofTool, ofGraph] = common(partOf(answer?.data ?? {}, true), expected);
    expect(ofTool).toEqual(ofGraph);
    expect(JSON.stringify(ofTool)).toMatch(/"(?:totalCount|userCount)":[1-9]/);
  });

  test('14 is answered by the commands that compare an earlier day', async () => {
    const [answer] = await ask(['export_command', { list: 'changes' }]);
    for (const option of documented(14).match(/-[HX] (?:'[^']*'|\S+)/g) ?? [])
      expect(answer?.commands[1]).toContain(option);
    const { output } = await run(answer?.commands ?? [], 'changes.csv');
    expect(output.split('\n')[0]).toContain('userId');
  });

  test('17 takes two calls', async () => {
    const answers = await ask(
      ['find_customers', { hasTenants: false }],
      ['find_customers', { tenantCount: { min: 2 }, orderBy: ['TENANT_COUNT_DESC'] }],
    );
    const [without, several] = answers.map(({ data }) => data['customers']);
    const [ofTool, ofGraph] = common({ without, several }, await graph(documented(17)));
    expect(ofTool).toEqual(ofGraph);
    expect(ofTool).toMatchObject({ several: { totalCount: expect.any(Number) } });
  });

  test('19 is answered by the command that gets the file', async () => {
    const parameters = [...documented(19).matchAll(/--data-urlencode '(\w+)=(.*)'/g)].map(
      ([, name = '', value = '']) => [
        name,
        name === 'columns' ? value.split(',') : (JSON.parse(value) as unknown),
      ],
    );
    const { customers, filter, columns } = Object.fromEntries(parameters) as Readonly<
      Record<string, unknown>
    >;
    const [answer] = await ask(['export_command', { list: 'users', customers, filter, columns }]);
    const { output } = await run(answer?.commands ?? [], 'users.csv');
    const { users } = await graph(
      '{ users(customers: { search: "Polar Pharma" }, filter: { protection: { isProtected: false } }) { totalCount } }',
    );
    const lines = output.trim().split('\n');
    expect(lines[0]).toContain('displayName');
    expect({ totalCount: lines.length - 1 }).toEqual(users);
  });

  test('20 is answered by a report, with its progress', async () => {
    const seen: number[] = [];
    const { structuredContent } = await client.callTool(
      { name: 'protection_report', arguments: { exclude } },
      { onprogress: ({ progress }) => seen.push(progress) },
    );
    const { protectionSummary } = await graph(documented(1));
    const { data } = structuredContent as Answer;
    const { totals } = data['protectionReport'] as { readonly totals: unknown };
    const [ofTool, ofGraph] = common(totals, protectionSummary);
    expect(ofTool).toEqual(ofGraph);
    expect(ofTool).toHaveProperty('coverage');
    expect(seen.length).toBeGreaterThan(0);
  });
});

describe('an argument', () => {
  const inGermany = 'countryOrRegion: "Germany"';

  test.each<readonly [string, Call, string]>([
    [
      'chooses users by the country of their customer',
      ['find_users', { customerCountry: 'germany', first: 0 }],
      `{ users(customers: { ${inGermany} }) { totalCount } }`,
    ],
    [
      'chooses users by their own country',
      ['find_users', { userCountry: 'germany', first: 0 }],
      `{ users(filter: { ${inGermany} }) { totalCount } }`,
    ],
    [
      'counts the users of a country for the coverage of customers',
      ['worst_covered_customers', { userCountry: 'Germany', below: 0.5 }],
      `{ customers(users: { ${inGermany} }, filter: { coverage: { below: 0.5 } }, orderBy: COVERAGE_ASC, first: 10) { totalCount nodes { organization } } }`,
    ],
    [
      'leaves out users without a module',
      [
        'find_users',
        {
          protection: { module: 'TEAMS', isProtected: false },
          alsoProtection: { module: 'TEAMS' },
          first: 0,
        },
      ],
      '{ users(filter: { and: [{ protection: { module: TEAMS } }, { protection: { module: TEAMS, isProtected: false } }] }) { totalCount } }',
    ],
    [
      'asks for rows of all modules by null',
      ['unmatched_mailboxes', { module: null, first: 1 }],
      '{ protectionStatuses(filter: { hasUser: false }) { totalCount } }',
    ],
  ])('%s', async (_what, call, query) => {
    const [answer] = await ask(call);
    expect(answer?.data).toMatchObject(await graph(query));
  });

  test('chooses one of several customers by the id that an answer has, in each tool', async () => {
    const { customers } = (await graph(
      '{ customers(filter: { search: "Polar" }) { nodes { customerId protectionSummary { userCount } } } }',
    )) as {
      readonly customers: { readonly nodes: readonly { readonly customerId: string }[] };
    };
    const [one] = customers.nodes;
    const customerIds = [one?.customerId ?? ''];
    expect(customers.nodes.length).toBeGreaterThan(1);
    const [overview] = await ask(['customer_overview', { customerIds }]);
    expect(overview?.data).toMatchObject({ customers: { totalCount: 1, nodes: [one] } });
    const { tools } = await client.listTools();
    const taking = tools.filter(({ inputSchema: { properties = {} } }) => 'customer' in properties);
    expect(taking.map(({ inputSchema: { properties = {} } }) => 'customerIds' in properties)).toEqual(
      taking.map(() => true),
    );
  });

  test('leaves the numbers by customer out of a further page', async () => {
    const [first, next] = await ask(['wasted_seats'], ['wasted_seats', { byCustomer: false }]);
    expect(next?.data).toEqual({ users: first?.data['users'] });
  });
});

/** Runs commands in a folder of their own; resolves with a file that they have written. */
async function run(commands: readonly string[], file: string): Promise<{ readonly output: string }> {
  const folder = mkdtempSync(join(tmpdir(), 'commands-'));
  try {
    for (const command of commands) await promisify(execFile)('sh', ['-c', command], { cwd: folder });
    return { output: readFileSync(join(folder, file), 'utf8') };
  } finally {
    rmSync(folder, { recursive: true });
  }
}
