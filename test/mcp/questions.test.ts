/** The twenty questions of docs/questions.md, each answered by two calls of tools at most, in less than 10,000 tokens. */
import { execFile } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import type { Client } from '@modelcontextprotocol/client';
import { countTokens } from 'gpt-tokenizer';
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

/** What the graph itself says. */
async function graph(query: string): Promise<Readonly<Record<string, unknown>>> {
  const { data, errors } = await gateway.queryText(query);
  expect(errors).toBeUndefined();
  return data ?? {};
}

const exclude = ['SIGN_IN_BLOCKED', 'INACTIVE', 'PENDING_DELETION', 'TEST_USER'];
const active = `status: { none: [${exclude.join(', ')}] }`;
const seat = 'protection: { states: [PROTECTED, PARTIALLY_PROTECTED] }';

describe('a question', () => {
  test.each<readonly [number, Call, string]>([
    [
      1,
      ['estate_overview', { exclude }],
      `{ protectionSummary(users: { ${active} }) { userCount coverage } }`,
    ],
    [
      2,
      ['worst_covered_customers', { exclude }],
      `{ customers(orderBy: COVERAGE_ASC, users: { ${active} }, first: 10) { totalCount nodes { organization } } }`,
    ],
    [
      3,
      ['worst_covered_customers', { below: 0.65, minUsers: 50, first: 50 }],
      '{ customers(filter: { coverage: { below: 0.65 }, userCount: { min: 50 } }, orderBy: COVERAGE_ASC) { totalCount nodes { organization } } }',
    ],
    [
      4,
      ['unprotected_users', { customer: 'Polar Pharma' }],
      `{ users(customers: { search: "Polar Pharma" }, filter: { ${active}, protection: { isProtected: false } }, orderBy: DISPLAY_NAME_ASC, first: 25) { totalCount nodes { mail } } }`,
    ],
    [
      5,
      ['wasted_seats'],
      `{ users(filter: { status: { any: [SIGN_IN_BLOCKED, PENDING_DELETION] }, ${seat} }, first: 25) { totalCount nodes { mail } } }`,
    ],
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
      `{ users(filter: { endDate: { from: "2026-10-01", to: "2027-06-30" }, ${seat} }, orderBy: DISPLAY_NAME_ASC, first: 20) { totalCount nodes { mail } } }`,
    ],
    [
      7,
      ['unmatched_mailboxes', { module: 'MAILBOX' }],
      '{ protectionStatuses(filter: { hasUser: false, module: MAILBOX }, first: 25) { totalCount nodes { email } } }',
    ],
    [
      8,
      ['coverage_by_group', { by: 'DEPARTMENT', orderBy: 'COVERAGE_ASC' }],
      '{ protectionSummary { groups(by: DEPARTMENT, orderBy: COVERAGE_ASC) { totalCount nodes { value coverage } } } }',
    ],
    [
      9,
      [
        'find_users',
        {
          protection: { module: 'MAILBOX', isProtected: true },
          alsoProtection: { module: 'ONEDRIVE', isProtected: false },
        },
      ],
      '{ users(filter: { and: [{ protection: { module: MAILBOX, isProtected: true } }, { protection: { module: ONEDRIVE, isProtected: false } }] }, first: 20) { totalCount nodes { mail } } }',
    ],
    [
      10,
      ['find_users', { status: ['HIGH_RISK'], protection: { state: 'NOT_IN_BACKUP' } }],
      '{ users(filter: { status: { any: [HIGH_RISK] }, protection: { state: NOT_IN_BACKUP } }, first: 20) { totalCount nodes { mail } } }',
    ],
    [
      11,
      ['find_users', { startDate: { from: '2025-01-01' }, protection: { isProtected: false } }],
      '{ users(filter: { startDate: { from: "2025-01-01" }, protection: { isProtected: false } }, first: 20) { totalCount nodes { mail } } }',
    ],
    [
      12,
      ['find_users', { passwordAge: { min: 366 }, orderBy: ['PASSWORD_AGE_DESC'] }],
      '{ users(filter: { passwordAge: { min: 366 } }, orderBy: PASSWORD_AGE_DESC, first: 20) { totalCount nodes { mail } } }',
    ],
    [
      13,
      ['coverage_by_group', { by: 'CUSTOMER', protection: { states: ['PROTECTED', 'PARTIALLY_PROTECTED'] } }],
      `{ protectionSummary(users: { ${seat} }) { groups(by: CUSTOMER) { totalCount nodes { value userCount } } } }`,
    ],
    [
      15,
      ['customer_overview', { customer: 'Polar Pharma' }],
      '{ customers(filter: { search: "Polar Pharma" }) { nodes { protectionSummary { departments: groups(by: DEPARTMENT, first: 15) { nodes { value userCount } } } } } }',
    ],
    [
      16,
      ['job_problems'],
      '{ customers(filter: { or: [{ jobStatus: FAILED }, { jobStatus: MULTIPLE_ISSUES_FOUND }, { jobStatus: NO_BACKUP_UPDATE }] }, first: 25) { totalCount nodes { organization } } }',
    ],
    [
      18,
      ['find_users', { search: 'Krause' }],
      '{ users(filter: { search: "Krause" }, first: 20) { totalCount nodes { mail protectionState } } }',
    ],
  ])('%d has the numbers that the graph has', async (_number, call, query) => {
    const [answer] = await ask(call);
    expect(answer?.isComplete).toBe(true);
    expect(answer?.data).toMatchObject(await graph(query));
  });

  test('14 is answered by the commands that compare an earlier day', async () => {
    const [answer] = await ask(['export_command', { list: 'changes' }]);
    const { output } = await run(answer?.commands ?? [], 'changes.csv');
    expect(output.split('\n')[0]).toContain('userId');
  });

  test('17 takes two calls', async () => {
    const answers = await ask(
      ['find_customers', { hasTenants: false }],
      ['find_customers', { tenantCount: { min: 2 }, orderBy: ['TENANT_COUNT_DESC'] }],
    );
    const expected = await graph(
      '{ without: customers(filter: { hasTenants: false }) { totalCount } several: customers(filter: { tenantCount: { min: 2 } }) { totalCount } }',
    );
    const [without, several] = answers.map(({ data }) => data['customers']);
    expect({ without, several }).toMatchObject(expected);
  });

  test('19 is answered by the command that gets the file', async () => {
    const [answer] = await ask([
      'export_command',
      {
        list: 'users',
        customers: { search: 'Polar Pharma' },
        filter: { protection: { isProtected: false } },
        columns: ['displayName', 'mail'],
      },
    ]);
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
    const { protectionSummary } = await graph(
      `{ protectionSummary(users: { ${active} }) { userCount coverage } }`,
    );
    const { data } = structuredContent as Answer;
    expect(data['protectionReport']).toMatchObject({ totals: protectionSummary });
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
