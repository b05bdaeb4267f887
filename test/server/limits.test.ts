/** What is refused before it is work: documents by their shape, variables by their size, operations by their price. */
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import {
  buildSchema,
  getIntrospectionQuery,
  GraphQLError,
  parse,
  type DocumentNode,
  type OperationDefinitionNode,
} from 'graphql';
import { LimitError } from '../../src/errors.ts';
import { createGraphSchema } from '../../src/graph/graph-schema.ts';
import { nothingKnown, type KnownLengths } from '../../src/graph/known-lengths.ts';
import { createCostModel, type Cost } from '../../src/server/limits/cost.ts';
import { documentLimits, parseDocument } from '../../src/server/limits/document.ts';
import { checkPrices } from '../../src/server/limits/prices.ts';
import { coerceVariables, validateDocument } from '../../src/server/limits/validation.ts';
import { startGatewayUnderTest, type GatewayUnderTest } from '../gateway-under-test.ts';
import { laughs, merging, nested, spreads, times } from '../hostile-documents.ts';
import { customerRow } from '../world-of.ts';

let gateway: GatewayUnderTest;
beforeAll(async () => {
  gateway = await startGatewayUnderTest({
    world: {
      customers: [customerRow({ id: 'a', tenants: [{ id: 't', name: 'T' }] }), customerRow({ id: 'b' })],
      directory: [],
      tenants: {},
    },
  });
});
afterAll(() => gateway.stop());

interface Refusal {
  readonly status: number;
  readonly code: unknown;
  readonly limit: { readonly name: string; readonly value: number; readonly most: number } | undefined;
}

async function ask(query: string, variables: unknown = {}): Promise<Refusal> {
  const response = await fetch(`${gateway.url}/graphql`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: typeof variables === 'string' ? variables : JSON.stringify({ query, variables }),
  });
  const { errors } = (await response.json()) as {
    errors?: { message: string; extensions: { code: unknown; limit?: Refusal['limit'] } }[];
  };
  const [error] = errors ?? [];
  if (error !== undefined) expect(error.message.length).toBeGreaterThan(10);
  return { status: response.status, code: error?.extensions.code, limit: error?.extensions.limit };
}

const schema = createGraphSchema();
const model = createCostModel(schema);
const anything: Cost = { rows: Infinity, values: Infinity, calls: Infinity };

function operationOf(document: DocumentNode): OperationDefinitionNode {
  return document.definitions[0] as OperationDefinitionNode;
}

function price(query: string, variables: Record<string, unknown> = {}, known = nothingKnown, max = anything): Cost {
  const document = parse(query);
  const operation = operationOf(document);
  const coerced = coerceVariables(schema, operation, variables);
  if (!('values' in coerced)) throw coerced.errors[0] ?? new Error('no values');
  return model.check(document, operation, coerced.values, known, max);
}

function limitOf(act: () => unknown): string {
  try {
    act();
  } catch (error) {
    if (error instanceof LimitError) return error.details.limit.name;
    throw error;
  }
  return 'none';
}

/** CPU time that this process spends, in milliseconds; the least of three, since a collection may fall into one. */
function cpuMs(act: () => unknown): number {
  const once = () => {
    const before = process.cpuUsage();
    act();
    const { user, system } = process.cpuUsage(before);
    return (user + system) / 1000;
  };
  return Math.min(once(), once(), once());
}

test('scratch', () => {
  const show = (query: string, variables = {}) => console.log(query.slice(0, 100), JSON.stringify(price(query, variables)));
  show('{ customers { totalCount } }');
  show('{ customers(first: 1000) { nodes { customerId } } }');
  show('{ customers(first: 10) { nodes { tenants { users(first: 100) { nodes { protection { email } } } } } } }');
  show('{ protectionSummary { coverage } }');
  show('{ users(orderBy: MAIL_DESC, first: 3) { totalCount } }');
  show('{ nodes(ids: ["x", "y", "z"]) { id ... on Customer { tenants { name } } } }');
  show('{ customer(customerId: "a") { protectionSummary { userCount } } }');
  show(getIntrospectionQuery({ descriptions: true, inputValueDeprecation: true }));
  for (const [name, act] of Object.entries({
    spreads: () => parseDocument(spreads(25)),
    merging: () => parseDocument(merging(50, 50)),
    string: () => parseDocument(`{ a(b: ${'"'.repeat(199_000)}`),
    string2: () => parseDocument(`{ a(b: "${'\\"'.repeat(99_000)}`),
    block: () => parseDocument(`{ a(b: ${'"""'.repeat(60_001)}`),
    ops: () => validateDocument(schema, parseDocument(times(100, (i) => `query q${i} { __typename }`)), { hasIntrospection: true }),
    ids: () => coerceVariables(schema, operationOf(parse('query ($i: [ID!]!) { nodes(ids: $i) { id } }')), { i: Array.from({ length: 333_000 }, () => ({})) }),
    ids2: () => coerceVariables(schema, operationOf(parse('query ($i: [ID!]!) { nodes(ids: $i) { id } }')), { i: Array.from({ length: 9000 }, () => ({})) }),
    unknown: () => coerceVariables(schema, operationOf(parse('query ($i: CustomerFilter) { customers(filter: $i) { totalCount } }')), { i: Object.fromEntries(Array.from({ length: 5000 }, (_, i) => [`searc${i}`, 1])) }),
    aliases: () => price(`{ ${times(20, (i) => `l${i}: tenant(customerId: "a", tenantId: "t") { users(first: 1000) { nodes { ${times(450, (j) => `a${j}: mail`)} } } }`)} }`),
  })) {
    let out: unknown;
    const ms = cpuMs(() => {
      try { out = act(); } catch (error) { out = (error as Error).message.slice(0, 150); }
    });
    console.log(name, ms, JSON.stringify(out)?.slice(0, 300));
  }
});
