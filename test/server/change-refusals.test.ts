/** What can't be compared with now, each refused in words. */
import { gzipSync } from 'node:zlib';
import { expect, test } from '@jest/globals';
import { compareOf, end, fileOf, row } from '../exports/compared.ts';
import { errorsOf, getOf } from '../exports/exported.ts';
import { useGateway } from '../use-gateway.ts';
import { exchange, type Exchange } from '../http-exchange.ts';
import { openConnection } from '../open-connection.ts';
import { worldOfTenant } from '../world-of.ts';

const gateway = useGateway({ world: worldOfTenant({ users: [], protection: [] }) });

const refused: [string, Exchange, number, string][] = [
  ['no file', compareOf(''), 400, 'BAD_USER_INPUT: The body is empty.'],
  ['a file without an end', compareOf(fileOf(row())), 400, 'The file is truncated: its end line is missing.'],
  [
    'a file that was cut in a line',
    compareOf(row().slice(0, 20)),
    400,
    'Line 1 of the file is not a JSON object; it begins with',
  ],
  [
    'CSV',
    compareOf('\ufeffcustomerId,organization\r\n'),
    400,
    'it begins with "customerId,organization\\r". Send users.ndjson as exported, not a CSV file or a web page.',
  ],
  [
    'a page',
    compareOf('<!doctype html>\n<title>Sign in</title>'),
    400,
    'it begins with "<!doctype html>". Send users.ndjson as exported',
  ],
  [
    'a refusal that was saved',
    compareOf('{"errors":[{"message":"Unknown parameter \\"x\\".","extensions":{"code":"BAD_REQUEST"}}]}'),
    400,
    'The file is a saved error response, not an export: "Unknown parameter \\"x\\".". Export users.ndjson again.',
  ],
  [
    'a refusal without words',
    compareOf('{"errors":[null]}'),
    400,
    'a saved error response, not an export. Export',
  ],
  [
    'a small file whose line breaks were taken away',
    compareOf(fileOf(row(), end()).replaceAll('\n', '')),
    400,
    'Send it as it is: by curl with --data-binary @users.ndjson or -T users.ndjson',
  ],
  [
    'a large one',
    compareOf(fileOf(...Array.from({ length: 1000 }, () => row()), end()).replaceAll('\n', '')),
    400,
    'longer than 65536 bytes. Send it as it is: by curl with --data-binary',
  ],
  [
    'CSV by its type',
    { ...compareOf('a,b'), headers: { 'content-type': 'text/csv' } },
    415,
    "CSV can't be compared",
  ],
  [
    'a form',
    { ...compareOf('a'), headers: { 'content-type': 'text/plain' } },
    415,
    'Send an earlier users.ndjson',
  ],
  ['no type', { target: '/export/changes.json', body: 'a' }, 415, 'Send an earlier users.ndjson'],
  ['packed bytes', compareOf(gzipSync('x')), 400, 'is not UTF-8, but compressed: send it uncompressed.'],
  [
    'an encoding',
    compareOf(gzipSync('x'), 'json', { 'content-encoding': 'gzip' }),
    415,
    'without a content encoding',
  ],
  [
    'another charset',
    compareOf('', 'json', { 'content-type': 'application/x-ndjson;charset=latin1' }),
    415,
    'as UTF-8',
  ],
  ['bytes that are no text', compareOf(Buffer.from([0x7b, 0xff])), 400, 'Line 1 of the file is not UTF-8.'],
  [
    'an array',
    compareOf(fileOf('[]', end())),
    400,
    'Line 1 of the file is not a JSON object; it begins with',
  ],
  [
    'a null',
    compareOf(fileOf(row(), 'null', end())),
    400,
    'Line 2 of the file is not a JSON object; it begins with',
  ],
  [
    'an empty line',
    compareOf(fileOf(row(), '', end())),
    400,
    'Line 2 of the file is not a JSON object; it begins with',
  ],
  [
    'a line behind the end',
    compareOf(fileOf(row(), end(), row())),
    400,
    'Line 3 of the file follows its end.',
  ],
  ['two ends', compareOf(fileOf(row(), end(), end())), 400, 'Line 3 of the file follows its end.'],
  ['a row too few', compareOf(fileOf(end())), 400, 'The file has 0 rows, but its end says 1'],
  [
    'a row without columns',
    compareOf(fileOf('{"customerId":"c"}')),
    400,
    'Line 1 of the file lacks tenantId, userId, protectionState, status.',
  ],
  [
    'a wrong state',
    compareOf(fileOf(row({ protectionState: 'FINE' }))),
    400,
    'protectionState is not one of',
  ],
  ['a wrong status', compareOf(fileOf(row({ status: 'ACTIVE' }))), 400, 'status is not a list of strings'],
  [
    'an id that is no text',
    compareOf(fileOf(row({ userId: {} }))),
    400,
    'userId is not a string of 1 to 200 characters',
  ],
  [
    'an id that is too long',
    compareOf(fileOf(row({ tenantId: 'x'.repeat(201) }))),
    400,
    'tenantId is not a string',
  ],
  [
    'a line that is too long',
    compareOf(fileOf(row({ mail: 'x'.repeat(70_000) }))),
    400,
    'Line 1 of the file is longer than 65536 bytes.',
  ],
  [
    'an end that is too long',
    compareOf(`{"end":"${'x'.repeat(5_000_000)}`),
    400,
    'Line 1 of the file is longer than 4194304 bytes.',
  ],
  [
    'a deep line',
    compareOf(fileOf(`{"a":${'['.repeat(60_000)}`)),
    400,
    'Line 1 of the file has more than 100 levels.',
  ],
  [
    'a deep row',
    compareOf(fileOf(`{"a":${'['.repeat(30_000)}${']'.repeat(30_000)}}`)),
    400,
    'Line 1 of the file has more than 100 levels.',
  ],
  ['many brackets', compareOf(fileOf(`{"a":[${'[],'.repeat(200)}0]}`)), 400, 'Line 1 of the file lacks'],
  [
    'many brackets in a text',
    compareOf(fileOf(row({ userId: '[{'.repeat(200) }))),
    400,
    'userId is not a string',
  ],
  [
    'an end whose lists are followed by other values',
    compareOf(fileOf(row(), end({ missing: [{ customerId: 'c', tenantId: 'x' }, 1] }))),
    400,
    'a list has an entry that is not an object',
  ],
  [
    'an end that is long without its lists',
    compareOf(fileOf(row(), end({ filter: 'x'.repeat(600_000) }))),
    400,
    'it is longer than 524288 characters without its lists',
  ],
  [
    'an end with a long entry',
    compareOf(fileOf(row(), end({ missing: [{ name: 'x'.repeat(70_000) }] }))),
    400,
    'an entry is longer than 65536 characters',
  ],
  [
    'an end with an entry that is no JSON',
    compareOf(fileOf(row(), end({ missing: [{ a: 1 }] }).replace('"a":1', 'a:1'))),
    400,
    'Line 2 of the file is not a JSON object; it begins with',
  ],
  ['a deep end', compareOf(`{"end":${'['.repeat(1_000_000)}`), 400, 'it has more than 100 levels'],
  [
    'a deep filter',
    compareOf(fileOf(row(), end({ filter: deepFilter(45) }))),
    400,
    'LIMIT_EXCEEDED: Too many levels',
  ],
  [
    'an unknown filter',
    compareOf(fileOf(row(), end({ filter: { x: 1 } }))),
    400,
    'BAD_USER_INPUT: Variable "$filter" got invalid value',
  ],
  [
    'a wrong filter of customers',
    compareOf(fileOf(row(), end({ customers: 'all' }))),
    400,
    'Variable "$customers"',
  ],
  [
    'a wrong search',
    compareOf(fileOf(row(), end({ filter: { and: Array.from({ length: 101 }, () => ({})) } }))),
    400,
    'filter: expected 100 filters at most',
  ],
  [
    'another list',
    compareOf(fileOf(row(), end({ of: 'protection-statuses' }))),
    400,
    'it is an export of protection-statuses, not of users',
  ],
  [
    'an end of an earlier version',
    compareOf(fileOf(row(), end({ of: undefined }))),
    400,
    'it does not say what was exported',
  ],
  [
    'an end without columns',
    compareOf(fileOf(row(), end({ columns: ['userId'] }))),
    400,
    'the export has no column customerId, tenantId',
  ],
  ['an end that is a number', compareOf(fileOf(row(), '{"end":1}')), 400, 'it is not an object'],
  [
    'an end with odd entries',
    compareOf(fileOf(row(), end({ missing: [null] }))),
    400,
    'missing has an entry without ids',
  ],
  [
    'an end with odd changes',
    compareOf(fileOf(row(), end({ changed: [{}] }))),
    400,
    'changed has an entry without ids',
  ],
  [
    'parameters',
    { ...compareOf(fileOf(row(), end())), target: '/export/changes.json?filter={}' },
    400,
    'A comparison takes no parameters',
  ],
  [
    'another account',
    compareOf(fileOf(row({ customerId: 'other' }), end())),
    400,
    'None of the customers in the file is in the list',
  ],
  [
    'a type that is not accepted',
    compareOf(fileOf(row(), end()), 'csv', { accept: 'application/json' }),
    406,
    'This export is text/csv',
  ],
  [
    'a length that is too large',
    compareOf('', 'json', { 'content-length': String(2 ** 31) }),
    413,
    'The body is larger than 1073741824 bytes.',
  ],
  ['another method', getOf('/export/changes.json'), 405, 'Send the earlier export by POST, as the body.'],
];

function deepFilter(levels: number): object {
  return levels === 0 ? {} : { and: [deepFilter(levels - 1)] };
}

test.each(refused)('%s is refused in words', async (_what, sent, status, words) => {
  const { url, reported } = gateway;
  const { status: got, text, headers } = await exchange(url, sent);
  expect([got, errorsOf(text)]).toEqual([status, [expect.stringContaining(words)]]);
  if (status === 405) expect(headers.allow).toBe('POST');
  expect(reported).toEqual([]);
});

test('the connection serves further requests after the rest of a refused file', async () => {
  const { socket, read } = await openConnection(gateway.url);
  const file = `no JSON\n${`${row()}\n`.repeat(50_000)}`;
  const fields = ['host: 127.0.0.1', 'content-type: application/x-ndjson', `content-length: ${file.length}`];
  socket.write(['POST /export/changes.json HTTP/1.1', ...fields, '', file].join('\r\n'));
  await read((text) => text.includes('400 Bad Request'));
  socket.write('GET /health/live HTTP/1.1\r\nhost: 127.0.0.1\r\n\r\n');
  expect(await read((text) => text.includes('200 OK'), 15_000)).not.toContain('REQUEST_TIMEOUT');
  socket.destroy();
});
