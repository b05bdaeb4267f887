/** Kinds of requests that are made to cost much: each gives as many different ones as are asked for. */
import fc from 'fast-check';
import { hostileDocument, laughs, times } from '../hostile-documents.ts';
import { sha256, type Exchange } from '../http-exchange.ts';
import { malformedGets, malformedPosts, oddAccepts } from '../server/malformed-requests.ts';

export interface HostileKind {
  readonly name: string;
  readonly sent: (index: number) => Exchange;
  /** Whether some of them are requests like any other, whose data is an answer as well. */
  readonly mayAnswer?: boolean;
  /** How many of them stand for a hundred of a cheaper kind; 100 if not given. */
  readonly percent?: number;
}

/** Every other one asks for events. */
const accepts = ['application/json', 'text/event-stream'] as const;
const posted = (index: number, body: string): Exchange => ({
  headers: { 'content-type': 'application/json', accept: accepts[index % 2] },
  body,
});
const asked = (index: number, query: string, variables?: unknown): Exchange =>
  posted(index, JSON.stringify({ query, variables }));

const guarded = (index: number): string => {
  const depth = 12 + (index % 40);
  return `query Q${index}($a: Boolean!, $b: Boolean!) { ...f0 } ${times(
    depth,
    (level) =>
      `fragment f${level} on Query { a${level}: __typename @skip(if: $b) ...f${level + 1} @include(if: $a) ... @skip(if: $a) { ...f${level + 1} @include(if: $b) } }`,
  )} fragment f${depth} on Query { __typename }`;
};

/** About 1.4 kB that come to thousands of fields, none of which has a cause to be refused by itself. */
const expanding = (index: number): string => {
  const levels = 6;
  return `query E${index} { customer(customerId: "none-${index % 58}") { ...c0 } } ${times(
    levels,
    (level) =>
      `fragment c${level} on Customer { i${index}_${level}: organization ...c${level + 1} a: tenants { ...t${level} } b: tenants { ...t${level} } } fragment t${level} on Tenant { name t${index}: tenantId customer { ...c${level + 1} } }`,
  )} fragment c${levels} on Customer { id customerId organization ownerEmail }`;
};

const conditions = ['a', 'b', 'c', 'd', 'e', 'f'];
const manyConditions = `query (${conditions.map((name) => `$${name}: Boolean!`).join(', ')}) { customers(first: 1) { nodes { ${times(
  150,
  (index) =>
    `f${index}: organization @include(if: $${conditions[index % 6] ?? 'a'}) @skip(if: $${conditions[(index + 1) % 6] ?? 'a'})`,
)} } } }`;

const deep = (depth: number, open: string, close: string) => `${open.repeat(depth)}{}${close.repeat(depth)}`;

const introspection = (index: number): string => {
  const depth = 2 + (index % 8);
  const types = `${'fields(includeDeprecated: true) { name args { name type { name ofType { name } } } type { name possibleTypes { name '.repeat(depth)}${'} } }'.repeat(depth)}`;
  return `{ ${times(1 + (index % 60), (alias) => `a${alias}: __schema { types { name ${types} } directives { name args { name } } }`)} }`;
};

const traversals = [
  ...[
    '../',
    '../../../connect/token',
    '..%2f..%2f',
    '%2e%2e/',
    '....//',
    '..\\..\\',
    'a/../../b',
    './.',
    '..',
  ],
  ...[
    'a?b=c#d',
    'a;b',
    '\u0000',
    '\ud800',
    '\u202e',
    ' ',
    'http://169.254.169.254/',
    `${'../'.repeat(5000)}x`,
  ],
];

const sampled = fc.sample(hostileDocument, { numRuns: 300, seed: 11 });
const malformed = [
  ...malformedPosts,
  ...malformedGets(sha256('{ __typename }')),
  ...oddAccepts.map((accept) => ({ name: accept, sent: { method: 'GET', headers: { accept } } })),
];

export const hostileKinds: readonly HostileKind[] = [
  { name: 'malformed requests', sent: (index) => at(malformed, index * 37).sent, mayAnswer: true },
  { name: 'hostile documents', sent: (index) => asked(index, at(sampled, index)) },
  {
    name: 'fragments that double, under guards',
    sent: (index) => asked(index, guarded(index), { a: index % 3 === 0, b: index % 5 === 0 }),
    mayAnswer: true,
  },
  { name: 'fragments that double', sent: (index) => asked(index, laughs(14 + (index % 60))) },
  {
    name: '58 small documents that expand',
    sent: (index) => asked(index, expanding(Math.floor(index / 2) % 58)),
    mayAnswer: true,
  },
  {
    name: 'one document in 64 combinations',
    sent: (index) =>
      asked(
        index,
        manyConditions,
        Object.fromEntries(conditions.map((name, bit) => [name, ((index % 64) >> bit) % 2 === 1])),
      ),
    mayAnswer: true,
  },
  {
    name: 'strings without an end',
    sent: (index) =>
      asked(index, `{ customer(customerId: ${'"'.repeat(1 + 2 * (index % 2))}${'a'.repeat(380_000)}`),
  },
  {
    name: 'a megabyte of objects for ids',
    sent: (index) =>
      posted(
        index,
        `{"query":"query ($ids: [ID!]!) { nodes(ids: $ids) { id } }","variables":{"ids":[${'{},'.repeat(320_000)}{}]}}`,
      ),
    percent: 50,
  },
  {
    name: 'unknown fields of an input in variables',
    sent: (index) =>
      asked(index, 'query ($f: CustomerFilter) { customers(filter: $f) { totalCount } }', {
        f: Object.fromEntries(Array.from({ length: 5000 }, (_, field) => [`search${index}x${field}`, 1])),
      }),
  },
  {
    name: 'unknown fields of an input in the document',
    sent: (index) =>
      asked(
        index,
        `{ customers(filter: { ${times(index % 2 === 0 ? 5000 : 1500, (field) => `serch${field}: 1`)} }) { totalCount } }`,
      ),
  },
  {
    name: 'operations in one document',
    sent: (index) =>
      asked(
        index,
        times(2000, (operation) => `query q${index}x${operation} { __typename }`),
      ),
  },
  {
    name: 'deep JSON',
    sent: (index) => {
      const depth = 1000 + ((index * 7919) % 90_000);
      const shapes = [
        `{"query":"{ __typename }","extensions":{"a":${deep(depth, '[', ']')}}}`,
        `{"query":"query ($f: CustomerFilter) { customers(filter: $f) { totalCount } }","variables":{"f":${deep(depth, '{"not":', '}')}}}`,
        deep(depth, '[', ']'),
        `{"query":"{ __typename }","variables":${deep(depth, '{"a":[', ']}')}}`,
      ];
      return posted(index, at(shapes, Math.floor(index / 2)));
    },
    mayAnswer: true,
  },
  {
    name: 'lists of users under many aliases',
    sent: (index) => {
      const lists = times(20, (list) => `l${list}: users(first: 1000) { nodes { ...u } }`);
      return asked(
        index,
        `query L${index} { tenant(customerId: "c", tenantId: "t") { ${lists} } } fragment u on User { ${times(450, (alias) => `a${alias}: displayName`)} }`,
      );
    },
    percent: 10,
  },
  { name: 'introspection', sent: (index) => asked(index, introspection(index)), mayAnswer: true },
  {
    name: 'ids that are paths',
    sent: (index) =>
      asked(
        index,
        'query ($id: ID!) { customer(customerId: $id) { organization } tenant(customerId: $id, tenantId: $id) { users { totalCount } } node(id: $id) { id } }',
        { id: at(traversals, index) },
      ),
    mayAnswer: true,
  },
  {
    name: 'queries registered by their hashes',
    sent: (index) => {
      const query = `{ __typename } # ${index} ${'x'.repeat(150_000)}`;
      return posted(
        index,
        JSON.stringify({ query, extensions: { persistedQuery: { version: 1, sha256Hash: sha256(query) } } }),
      );
    },
    mayAnswer: true,
  },
  {
    name: 'wide filters',
    sent: (index) =>
      asked(index, 'query ($f: CustomerFilter) { customers(filter: $f) { totalCount } }', {
        f: { or: Array.from({ length: 20_000 }, (_, at) => ({ search: `a${index}-${at}` })) },
      }),
    percent: 50,
  },
  {
    name: 'reports of hostile filters',
    sent: (index) =>
      posted(
        1,
        `{"query":"subscription ($f: CustomerFilter) { protectionReport(filter: $f) { totals { userCount } } }","variables":{"f":${deep(1 + ((index * 37) % 3000), '{"not":', '}')}}}`,
      ),
    mayAnswer: true,
  },
  {
    name: 'malformed ids under aliases',
    sent: (index) =>
      asked(
        index,
        `query M${index % 7}($ids: [ID!]!) { ${times(1 + (index % 20), (alias) => `a${alias}: nodes(ids: $ids) { __typename }`)} }`,
        { ids: Array.from({ length: 1000 }, (_, id) => `z${index}-${id}`) },
      ),
    percent: 10,
  },
  {
    name: 'ids of nothing under aliases',
    sent: (index) =>
      asked(
        index,
        `query N${index % 7}($ids: [ID!]!) { ${times(5, (alias) => `a${alias}: nodes(ids: $ids) { __typename }`)} }`,
        {
          ids: Array.from({ length: 1000 }, (_, id) =>
            Buffer.from(JSON.stringify(['Tenant', 'c', `none-${index % 5}-${id}`])).toString('base64url'),
          ),
        },
      ),
    mayAnswer: true,
    percent: 10,
  },
  {
    name: 'fields of rows that fail',
    sent: (index) =>
      asked(
        index,
        `query F${index % 7} { tenant(customerId: "c", tenantId: "t") { users(first: 1000) { nodes { ${times(20, (alias) => `a${alias}: tenant { users(first: -${1 + (index % 9)}) { totalCount } }`)} } } } }`,
      ),
    percent: 10,
  },
  {
    name: 'explanations of lists under aliases',
    sent: (index) => {
      const { headers, ...sent } = asked(
        index,
        `query X${index % 7} { tenant(customerId: "c", tenantId: "t") { ${times(480, (alias) => `a${alias}: users(first: 1) { totalCount }`)} } }`,
      );
      return { ...sent, headers: { ...headers, 'x-explain': 'true' } };
    },
    mayAnswer: true,
    percent: 20,
  },
  {
    name: 'conditional subscriptions',
    sent: (index) =>
      asked(
        index,
        `subscription S${index % 7}($c: Boolean = false) { protectionReport @include(if: $c) { progress { calls } } }`,
      ),
  },
  {
    name: 'nulls in spite of defaults',
    sent: (index) => asked(index, 'query ($c: Boolean = true) { __typename @skip(if: $c) }', { c: null }),
  },
];

/** In turn, from the first again after the last. */
function at<Item>(items: readonly Item[], index: number): Item {
  const item = items[index % items.length];
  if (item === undefined) throw new Error('There is nothing to take.');
  return item;
}
