/** Requests that are no operation request, each with a query that would call the upstream if it were executed. */
import { gzipSync } from 'node:zlib';
import type { Exchange } from '../http-exchange.ts';

export interface NamedExchange {
  readonly name: string;
  readonly sent: Exchange;
}

export const effectiveQuery = '{ customers { totalCount } }';
const effectiveBody = JSON.stringify({ query: effectiveQuery });
const json = { 'content-type': 'application/json' };
const preflighted = { 'apollo-require-preflight': 'yes' };

/** Bodies under the content type of JSON that are not the JSON object of a request. */
const malformedBodies: readonly (readonly [name: string, body: string | Buffer])[] = [
  ['null', 'null'],
  ['0', '0'],
  ['false', 'false'],
  ['an empty string', '""'],
  ['an empty list', '[]'],
  ['a list of requests', `[${effectiveBody}]`],
  ['a string that holds JSON', JSON.stringify(effectiveBody)],
  ['a string that holds a query', JSON.stringify(effectiveQuery)],
  ['an empty object', '{}'],
  ['a query that is a number', '{"query":1}'],
  ['a query that is a list', JSON.stringify({ query: [effectiveQuery] })],
  ['an operation name that is a number', JSON.stringify({ query: effectiveQuery, operationName: 1 })],
  ['variables that are a list', JSON.stringify({ query: effectiveQuery, variables: [] })],
  ['variables that are a string', JSON.stringify({ query: effectiveQuery, variables: '{}' })],
  ['extensions that are a list', JSON.stringify({ query: effectiveQuery, extensions: [] })],
  ['extensions that are a number', JSON.stringify({ query: effectiveQuery, extensions: 1 })],
  ['no bytes', ''],
  ['blanks', '   '],
  ['a cut object', effectiveBody.slice(0, -1)],
  ['an object with a tail', `${effectiveBody}x`],
  ['two objects', `${effectiveBody}${effectiveBody}`],
  ['single quotes', effectiveBody.replaceAll('"', "'")],
  ['a bare query', effectiveQuery],
  ['an invalid byte in a comment of the query', inComment(Buffer.from([0xff]))],
  ['a cut character in a comment of the query', inComment(Buffer.from([0xe2, 0x82]))],
  ['an overlong encoding in a comment of the query', inComment(Buffer.from([0xc0, 0xaf]))],
  ['an encoded surrogate in a comment of the query', inComment(Buffer.from([0xed, 0xa0, 0x80]))],
  ['an invalid byte after the object', Buffer.concat([Buffer.from(effectiveBody), Buffer.from([0xff])])],
  ['UTF-16', Buffer.from(effectiveBody, 'utf16le')],
];

function inComment(bytes: Buffer): Buffer {
  return Buffer.concat([Buffer.from(`{"query":"${effectiveQuery} # `), bytes, Buffer.from('"}')]);
}

/** Headers under which not even the body of a good request is taken. */
const malformedHeaders: readonly (readonly [name: string, headers: Record<string, string>, body?: Buffer])[] =
  [
    ['text/plain', { 'content-type': 'text/plain' }],
    ['text/plain that names JSON', { 'content-type': 'text/plain; x=application/json' }],
    ['text/plain of UTF-8', { 'content-type': 'text/plain;charset=UTF-8' }],
    ['a form', { 'content-type': 'application/x-www-form-urlencoded' }],
    ['a form of parts', { 'content-type': 'multipart/form-data; boundary=x' }],
    ['a form of parts that names JSON', { 'content-type': 'multipart/form-data; boundary=application/json' }],
    ['no content type', {}],
    ['an empty content type', { 'content-type': '' }],
    ['JSON of UTF-16', { 'content-type': 'application/json; charset=utf-16' }],
    ['JSON of UTF-16 with a space', { 'content-type': 'application/json;charset =utf-16' }],
    ['JSON of UTF-16, quoted', { 'content-type': 'application/json;x=";";charset="utf-16"' }],
    ['two content types in one', { 'content-type': 'text/plain, application/json' }],
    ['a content encoding', { ...json, 'content-encoding': 'gzip' }, gzipSync(effectiveBody)],
    ['a content encoding that is none', { ...json, 'content-encoding': 'gzip' }],
  ];

const forms: readonly (readonly [name: string, headers: Record<string, string>])[] = [
  ['POST', {}],
  ['POST for JSON', { accept: 'application/json' }],
  ['POST for events', { accept: 'text/event-stream' }],
];

export const malformedPosts: readonly NamedExchange[] = forms.flatMap(([form, accept]) => [
  ...malformedBodies.map(([name, body]) => ({
    name: `${form}: ${name}`,
    sent: { headers: { ...json, ...accept, 'content-length': Buffer.byteLength(body) }, body },
  })),
  ...malformedHeaders.map(([name, headers, body = Buffer.from(effectiveBody)]) => ({
    name: `${form}: ${name}`,
    sent: { headers: { ...headers, ...accept, 'content-length': body.length }, body },
  })),
  {
    name: `${form}: a query in the URL alone`,
    sent: {
      target: `/graphql?query=${encodeURIComponent(effectiveQuery)}`,
      headers: { ...json, ...accept, 'content-length': 2 },
      body: '{}',
    },
  },
]);

const parameterNames = ['query', 'operationName', 'variables', 'extensions', 'documentId', 'id', 'doc_id'];
const good: Readonly<Record<string, string>> = {
  query: encodeURIComponent(effectiveQuery),
  variables: '%7B%7D',
  extensions: '%7B%7D',
};
const queryParameter = `query=${encodeURIComponent(effectiveQuery)}`;

/** @param knownId of a document that the gateway has */
export function malformedGets(knownId: string): readonly NamedExchange[] {
  const targets: readonly (readonly [name: string, query: string])[] = [
    ['two queries and a known id', `${queryParameter}&query=x&documentId=${knownId}`],
    ['a known id, then a query twice', `documentId=${knownId}&${queryParameter}&${queryParameter}`],
    ...parameterNames.map((name): readonly [string, string] => {
      const value = good[name] ?? knownId;
      const rest = name === 'query' ? '' : `${queryParameter}&`;
      return [`${name} twice`, `${rest}${name}=${value}&${name}=${value}`];
    }),
    ...parameterNames.flatMap((name): readonly (readonly [string, string])[] => {
      const value = good[name] ?? '';
      const rest = name === 'query' ? '' : `${queryParameter}&`;
      return [
        [`an invalid byte at the end of ${name}`, `${rest}${name}=${value}%FF`],
        [`an invalid byte at the start of ${name}`, `${rest}${name}=%FF${value}`],
        [`${name} with a cut character`, `${rest}${name}=${value}%20%E2%82`],
      ];
    }),
    ...['variables', 'extensions'].flatMap((name) =>
      ['[]', '[{}]', '1', 'true', '"{}"', '{', '{}}', 'x', '{"a":}'].map(
        (value): readonly [string, string] => [
          `${name} that are ${value}`,
          `${queryParameter}&${name}=${encodeURIComponent(value)}`,
        ],
      ),
    ),
    ['no parameter', ''],
  ];
  return ['application/json', 'text/event-stream'].flatMap((accept) =>
    targets.map(([name, query]) => ({
      name: `GET for ${accept}: ${name}`,
      sent: { method: 'GET', target: `/graphql?${query}`, headers: { ...preflighted, accept } },
    })),
  );
}

const browserAccept =
  'text/html,application/xhtml+xml,application/xml;q=0.9,image/avif,image/webp,image/apng,*/*;q=0.8';

/** Preferences of a reader that no answer, or a page alone, may fit. */
export const oddAccepts: readonly string[] = [
  browserAccept,
  'application/json;x=text/html',
  'application/json;q=0.5;x="text/html"',
  'text/html',
  'text/html;q=0',
  'text/html;q=0, */*',
  'application/xhtml+xml',
  'image/png',
  'text/event-stream;q=0',
  'text/event-stream;x=1',
  'application/json;q=0, text/event-stream;q=0',
  'application/graphql-response+json; charset=utf-8',
  'application/json; charset=utf-16',
  '*/*;q=0',
  '*',
  '/',
  ';',
  ',',
  ',,,',
  'text/html, text/event-stream',
  'a/b;q=x',
  `${'a/b,'.repeat(1000)}application/json`,
  `application/json;${'a=b;'.repeat(1000)}`,
  '\u00ff/\u00ff',
];
