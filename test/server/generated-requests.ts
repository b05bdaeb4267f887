/** Operation requests of all kinds: good, wrong in any member, hostile, and combinations that no client would send. */
import fc from 'fast-check';
import { getIntrospectionQuery } from 'graphql';
import { hostileDocument, laughs, nested, times } from '../hostile-documents.ts';
import { sha256 } from '../http-exchange.ts';
import type { OperationRequest } from '../request-forms.ts';

export const trustedDocument = 'query Trusted { customers { totalCount } }';
const trustedId = sha256(trustedDocument);
const two = 'query A { __typename } query B { customers { totalCount } }';
const subscription = 'subscription S { protectionReport { totals { userCount } } }';
const withVariables =
  'query V($first: Int!, $f: CustomerFilter, $o: [CustomerOrder!], $id: ID, $b: Boolean = true) { customers(first: $first, filter: $f, orderBy: $o) { totalCount @include(if: $b) } customer(customerId: $id) { organization } node(id: $id) { id } }';

const writtenDocuments = [
  trustedDocument,
  `${trustedDocument} `,
  two,
  subscription,
  `${subscription} ${two}`,
  'subscription ($f: CustomerFilter!) { protectionReport(filter: $f) { totals { userCount } } }',
  'subscription { protectionReport { totals { userCount } } other: protectionReport { __typename } }',
  'mutation M { __typename }',
  'mutation M { deleteCustomer(customerId: "a") { ok } }',
  `mutation M { __typename } ${two}`,
  withVariables,
  getIntrospectionQuery(),
  '{ __schema { queryType { name } } }',
  '{ __type(name: "Customer") { name fields { name } } }',
  '{ customers(first: -1) { totalCount } }',
  '{ customers(first: 1, after: "x") { totalCount } }',
  '{ customers(first: 1000) { nodes { tenants { users(first: 1000) { nodes { userId } } } } } }',
  '{ nope }',
  '{ customers }',
  '{ __typename { x } }',
  '{ a: __typename a: customers { totalCount } }',
  '{ ...nope }',
  'fragment f on Query { __typename }',
  'type Query { a: Int }',
  '{',
  'query (',
  '"',
  '{ a(b: """ }',
  '\u0000',
  '\ufeff{ __typename }',
  ' ',
  '#',
  '',
  '{ __typename } # \ud83d\ude00',
  'query A { __typename } query A { __typename }',
  laughs(5),
  laughs(20),
  nested(10),
  `{ ${times(400, (index) => `a${index}: __typename`)} }`,
];

const hash = fc.constantFrom(
  trustedId,
  trustedId.toUpperCase(),
  `sha256:${trustedId}`,
  sha256(two),
  sha256('unknown'),
  '__proto__',
  'constructor',
  '',
);

const documents = fc.oneof(
  { weight: 12, arbitrary: fc.constantFrom<unknown>(...writtenDocuments) },
  { weight: 3, arbitrary: hostileDocument },
  { weight: 1, arbitrary: fc.constantFrom<unknown>(null, 1, true, [], {}, ['{ __typename }']) },
);

const deep = (depth: number): unknown =>
  JSON.parse(`${'{"not":'.repeat(depth)}{}${'}'.repeat(depth)}`) as unknown;
const variableValue = fc.oneof(
  fc.constantFrom<unknown>(null, true, 0, 1, -1, 1.5, 1e40, '', 'a', '1', '../a', '\ud800', [], [[1]], {}),
  fc.constantFrom<unknown>({ search: 'a' }, { search: 1 }, { nope: 1 }, { or: [{}, { hasTenants: true }] }),
  fc.constantFrom<unknown>('ORGANIZATION_ASC', ['ORGANIZATION_ASC', 'NOPE'], ['COUNTRY_OR_REGION_DESC']),
  fc.constantFrom(3, 50, 500).map(deep),
  fc.jsonValue({ maxDepth: 3 }),
);
const variables = fc.oneof(
  { weight: 2, arbitrary: fc.constantFrom<unknown>({ first: 1 }, { first: 2, id: 'a', b: false }, {}) },
  {
    weight: 5,
    arbitrary: fc.record(
      { first: variableValue, f: variableValue, o: variableValue, id: variableValue, b: variableValue },
      { requiredKeys: [] },
    ),
  },
  { weight: 1, arbitrary: fc.dictionary(fc.string({ maxLength: 5 }), variableValue, { maxKeys: 4 }) },
  { weight: 1, arbitrary: fc.constantFrom<unknown>(null, [], [{}], '', '{}', 0, true) },
);
const persistedQuery = fc.record(
  { version: fc.constantFrom<unknown>(1, 1, 1, 2, '1', null), sha256Hash: fc.oneof(hash, fc.constant(1)) },
  { requiredKeys: ['version'] },
);
const extensions = fc.oneof(
  { weight: 4, arbitrary: persistedQuery.map((entry): unknown => ({ persistedQuery: entry })) },
  { weight: 1, arbitrary: fc.constantFrom<unknown>({}, { x: 1 }, null, [], '{}', 1) },
  {
    weight: 1,
    arbitrary: fc.constantFrom<unknown>(null, 1, 'x', [], {}).map((entry) => ({ persistedQuery: entry })),
  },
);
const operationName = fc.constantFrom<unknown>(
  null,
  '',
  'A',
  'B',
  'S',
  'V',
  'M',
  'Trusted',
  'Nope',
  '__proto__',
  1,
);

const sometimes = <Value>(arbitrary: fc.Arbitrary<Value>, times: number) =>
  fc.option(arbitrary, { freq: times, nil: undefined });

/** Members that are undefined are absent. */
const anyRequest: fc.Arbitrary<OperationRequest> = fc
  .record({
    query: fc.option(documents, { freq: 8, nil: undefined }),
    operationName: sometimes(operationName, 1),
    variables: sometimes(variables, 1),
    extensions: fc.oneof(
      { weight: 3, arbitrary: fc.constant(undefined) },
      { weight: 1, arbitrary: extensions },
    ),
    id: fc.oneof(
      { weight: 5, arbitrary: fc.constant({}) },
      {
        weight: 1,
        arbitrary: fc
          .tuple(fc.constantFrom('documentId', 'id', 'doc_id'), hash)
          .map(([name, value]) => ({ [name]: value })),
      },
    ),
  })
  .map(({ id, ...members }) =>
    Object.fromEntries(Object.entries({ ...members, ...id }).filter(([, value]) => value !== undefined)),
  );

/** A document and a name or variables that go with it, so that execution is reached often. */
const fittingRequest: fc.Arbitrary<OperationRequest> = fc.oneof(
  fc.record(
    { query: fc.constant(two), operationName: fc.constantFrom('A', 'B', 'C', '') },
    { requiredKeys: ['query'] },
  ),
  fc.record({ query: fc.constant(withVariables), variables }),
  fc.constantFrom('documentId', 'id', 'doc_id').chain((name) => hash.map((id) => ({ [name]: id }))),
  persistedQuery.map((entry) => ({ extensions: { persistedQuery: entry } })),
);

export const generatedRequest: fc.Arbitrary<OperationRequest> = fc.oneof(
  { weight: 3, arbitrary: anyRequest },
  { weight: 2, arbitrary: fittingRequest },
);

/** Each written document alone, so that none is left to chance. */
export const writtenRequests: readonly OperationRequest[] = [
  ...writtenDocuments.map((query) => ({ query })),
  { query: withVariables, variables: { first: 1 } },
  { query: withVariables, variables: { first: 1, nope: 2 } },
  { query: withVariables, variables: {} },
  { query: withVariables, variables: { first: 'x', f: { nope: 1 }, o: 'NOPE', id: {}, b: 1 } },
];
