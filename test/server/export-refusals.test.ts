/** What keeps an export from being begun. */
import { expect, test } from '@jest/globals';
import { errorsOf, getOf, postOf } from '../exports/exported.ts';
import { openEndpoint } from '../gateway-under-test.ts';
import { useGateways } from '../use-gateway.ts';
import { exchange, type Exchange } from '../http-exchange.ts';
import { worldOfTenant } from '../world-of.ts';

const start = useGateways({
  world: worldOfTenant({ users: [], protection: [] }),
});

const refused: [string, Exchange, number, string][] = [
  [
    'an unknown parameter',
    getOf('/export/users.csv?filters={}'),
    400,
    'BAD_REQUEST: Unknown parameter "filters"; did you mean "filter"? An export takes customers, filter, columns.',
  ],
  [
    'an unknown property',
    postOf('/export/users.csv', { query: '{ a }' }),
    400,
    'BAD_REQUEST: Unknown parameter "query". An export takes',
  ],
  [
    'a parameter that is given twice',
    getOf('/export/users.csv?filter={}&filter={}'),
    400,
    'BAD_REQUEST: The parameter "filter" is given more than once.',
  ],
  [
    'a filter that is no JSON',
    getOf(`/export/users.csv?filter=${encodeURIComponent('{state:"x"}')}`),
    400,
    'BAD_REQUEST: The parameter filter is not JSON, but begins with "{state:\\"x\\"}": ',
  ],
  [
    'an unknown field of a filter',
    postOf('/export/users.csv', { filter: { departement: 'x' } }),
    400,
    'BAD_USER_INPUT: Variable "$filter" got invalid value { departement: "x" }; Field "departement" is not defined by type "UserFilter". Did you mean "department"?',
  ],
  [
    'a wrong value of a filter',
    postOf('/export/protection-statuses.csv', { filter: { state: 'NONE' } }),
    400,
    'BAD_USER_INPUT: Variable "$filter" got invalid value "NONE" at "filter.state"; Value "NONE" does not exist in "ProtectionState" enum. Choose from PROTECTED, PARTIALLY_PROTECTED, UNPROTECTED, NOT_IN_BACKUP.',
  ],
  [
    'a wrong filter of customers',
    postOf('/export/users.csv', { customers: [1] }),
    400,
    'BAD_USER_INPUT: Variable "$customers" got invalid value [1]; Expected type "CustomerFilter" to be an object.',
  ],
  [
    'more columns than there are',
    postOf('/export/users.csv', { columns: Array.from({ length: 90_000 }, (_, index) => `c${index}`) }),
    400,
    'BAD_USER_INPUT: columns: expected',
  ],
  [
    'too many different filters of coverage',
    postOf('/export/users.csv', {
      customers: {
        or: Array.from({ length: 21 }, (_, index) => ({
          coverage: { above: 0, users: { department: `d${index}` } },
        })),
      },
    }),
    400,
    'BAD_USER_INPUT: users: expected 20 different filters for the summaries of an operation at most, but got 21.',
  ],
  [
    'too many filters',
    postOf('/export/users.csv', { filter: { and: Array.from({ length: 101 }, () => ({})) } }),
    400,
    'BAD_USER_INPUT: filter: expected 100 filters at most',
  ],
  [
    'an unknown column',
    getOf('/export/users.csv?columns=mial'),
    400,
    'BAD_USER_INPUT: columns: unknown column "mial"; did you mean "mail"? Choose from customerId, organization, tenantId,',
  ],
  [
    'a column of another list',
    getOf('/export/protection-statuses.csv?columns=department'),
    400,
    'BAD_USER_INPUT: columns: unknown column "department". Choose from',
  ],
  [
    'a column that is given twice',
    getOf('/export/users.csv?columns=mail,mail'),
    400,
    'BAD_USER_INPUT: columns: "mail" is given more than once.',
  ],
  [
    'no column',
    postOf('/export/users.csv', { columns: [] }),
    400,
    'BAD_USER_INPUT: columns: expected a list of names.',
  ],
  [
    'a body that is no JSON',
    postOf('/export/users.csv', '{'),
    400,
    'BAD_REQUEST: The body is not JSON: expected property name or',
  ],
  [
    'a body that is no object',
    postOf('/export/users.csv', []),
    400,
    'BAD_REQUEST: Expected a JSON object with any of',
  ],
  [
    'a body of another type',
    { target: '/export/users.csv', headers: { 'content-type': 'text/plain' }, body: '{}' },
    415,
    'BAD_REQUEST: Send the body as JSON, with Content-Type: application/json.',
  ],
  [
    'a type that is not accepted',
    getOf('/export/users.csv', { accept: 'application/json' }),
    406,
    'BAD_REQUEST: This export is text/csv',
  ],
  [
    'another method',
    { method: 'DELETE', target: '/export/users.csv' },
    405,
    'BAD_REQUEST: Request exports by GET or POST.',
  ],
  ...[
    ...[
      '/export/users.ods',
      '/export/users',
      '/export/',
      '/export',
      '/export/Users.csv',
      '/export/users.xls',
    ],
    ...['/export/users.json', '/export/protectionStatuses.csv', '/export/changes.xlsx'],
  ].map((target): [string, Exchange, number, string] => [
    `the file ${target}`,
    getOf(target),
    404,
    'NOT_FOUND: Not found. Exports are /export/users.csv, /export/users.ndjson, /export/users.xlsx, /export/protection-statuses.csv,',
  ]),
  [
    'a file that is compared and not there',
    { ...postOf('/export/changes.xlsx', ''), headers: { 'content-type': 'application/x-ndjson' } },
    404,
    '/export/changes.json,',
  ],
];

test.each(refused)('%s is refused before anything is called', async (_what, sent, status, error) => {
  const { url, calls, reported } = await start();
  const answer = await exchange(url, sent);
  expect([answer.status, errorsOf(answer.text)]).toEqual([status, [expect.stringContaining(error)]]);
  expect(answer.headers['content-type']).toBe('application/json; charset=utf-8');
  if (status === 405) expect(answer.headers.allow).toBe('GET, HEAD, POST');
  expect([calls, reported]).toEqual([[], []]);
});

test('an error suggests no name of the schema if introspection is off', async () => {
  const { url } = await start({ endpoint: { hasIntrospection: false } });
  const { text } = await exchange(url, postOf('/export/users.csv', { filter: { departement: 'x' } }));
  expect(errorsOf(text).join()).not.toContain('"department"');
  const wrong = await exchange(url, postOf('/export/users.csv', { filter: { status: { any: ['ACTIVE'] } } }));
  expect(errorsOf(wrong.text).join()).toMatch(/"ACTIVE" does not exist in "UserStatus" enum\.$/);
});

test('there are none if exports are off', async () => {
  const { url } = await start({ endpoint: { ...openEndpoint, exports: 'off' } });
  const { status, text } = await exchange(url, getOf('/export/users.csv'));
  expect([status, errorsOf(text)]).toEqual([
    404,
    ['NOT_FOUND: Not found. The GraphQL endpoint is /graphql.'],
  ]);
});
