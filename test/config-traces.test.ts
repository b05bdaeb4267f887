/** OpenTelemetry's settings: what its library would replace by a default without a word keeps the gateway from starting. */
import { X509Certificate } from 'node:crypto';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { createServer, type IncomingHttpHeaders } from 'node:http';
import { once } from 'node:events';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, test } from '@jest/globals';
import { generate } from 'selfsigned';
import { runToEnd } from './ended-process.ts';
import { endProcess, startGatewayProcess } from './gateway-process.ts';
import { mistakesOf } from './mistakes-of.ts';
import { until } from './until.ts';

const folder = mkdtempSync(join(tmpdir(), 'traces-'));
afterAll(() => {
  rmSync(folder, { recursive: true });
});
const write = (name: string, content: string | Buffer): string => {
  writeFileSync(join(folder, name), content);
  return join(folder, name);
};

const traced = { OTEL_EXPORTER_OTLP_ENDPOINT: 'http://127.0.0.1:1' };
const headersMistake = 'expected HTTP headers as "name=value", separated by commas, values percent-encoded';

const prefixes = ['OTEL_EXPORTER_OTLP_', 'OTEL_EXPORTER_OTLP_TRACES_'];
const samplers =
  'always_on or always_off or traceidratio or parentbased_always_on or parentbased_always_off or parentbased_traceidratio';

const malformed: readonly (readonly [name: string, value: string, mistake: string])[] = [
  ...prefixes.flatMap((prefix) => [
    ...[
      'very-secret',
      '=very-secret',
      'authorization=',
      'a=b,very-secret',
      'a b=very-secret',
      'authorization=%E0%A4%A',
      'authorization=very%0Asecret',
      'ä=very-secret',
      'authorization=very-secret;other',
    ].map((value) => [`${prefix}HEADERS`, value, headersMistake] as const),
    ...['grpc', 'http/protobuf', 'http', 'HTTP/JSON'].map(
      (value) =>
        [`${prefix}PROTOCOL`, value, `expected http/json, but got ${JSON.stringify(value)}`] as const,
    ),
    ...['soon', '0', '-1', '10s', '600001', 'Infinity', '1.5'].map(
      (value) =>
        [
          `${prefix}TIMEOUT`,
          value,
          `expected a whole number from 1 to 600000, but got ${JSON.stringify(value)}`,
        ] as const,
    ),
    [`${prefix}COMPRESSION`, 'zstd', 'expected none or gzip, but got "zstd"'] as const,
    ...['CERTIFICATE', 'CLIENT_CERTIFICATE', 'CLIENT_KEY'].flatMap((end) => [
      [`${prefix}${end}`, '/nothing', 'the file "/nothing" does not exist'] as const,
      [`${prefix}${end}`, '/dev/zero', '"/dev/zero" is not a file'] as const,
    ]),
  ]),
  ...['sometimes', 'jaeger_remote', 'ALWAYS_ON', 'parentbased_jaeger_remote'].map(
    (value) =>
      ['OTEL_TRACES_SAMPLER', value, `expected ${samplers}, but got ${JSON.stringify(value)}`] as const,
  ),
  ...['half', '1.1', '-0.1', '50%', 'NaN'].map(
    (value) =>
      [
        'OTEL_TRACES_SAMPLER_ARG',
        value,
        `expected a number from 0 to 1, but got ${JSON.stringify(value)}`,
      ] as const,
  ),
  ...['SCHEDULE_DELAY', 'EXPORT_TIMEOUT'].map(
    (end) => [`OTEL_BSP_${end}`, '5s', 'expected a whole number from 1 to 600000, but got "5s"'] as const,
  ),
  ...['MAX_QUEUE_SIZE', 'MAX_EXPORT_BATCH_SIZE'].map(
    (end) => [`OTEL_BSP_${end}`, '0', 'expected a whole number from 1 to 1000000, but got "0"'] as const,
  ),
  ...[
    'OTEL_ATTRIBUTE_COUNT_LIMIT',
    'OTEL_ATTRIBUTE_VALUE_LENGTH_LIMIT',
    'OTEL_SPAN_ATTRIBUTE_COUNT_LIMIT',
    'OTEL_SPAN_ATTRIBUTE_VALUE_LENGTH_LIMIT',
    'OTEL_SPAN_LINK_COUNT_LIMIT',
    'OTEL_SPAN_EVENT_COUNT_LIMIT',
    'OTEL_SPAN_ATTRIBUTE_PER_EVENT_COUNT_LIMIT',
    'OTEL_SPAN_ATTRIBUTE_PER_LINK_COUNT_LIMIT',
  ].map((name) => [name, 'many', 'expected a whole number from 0 to 1000000, but got "many"'] as const),
];

describe('a setting of traces', () => {
  test.each(malformed)('%s=%s is refused by its name', (name, value, mistake) => {
    expect(mistakesOf({ ...traced, [name]: value })).toEqual([`${name}: ${mistake}`]);
  });

  test('that is well formed is accepted', async () => {
    const { cert, private: key } = await generate([{ name: 'commonName', value: 'collector' }], {
      keySize: 2048,
    });
    expect(
      mistakesOf({
        ...traced,
        OTEL_EXPORTER_OTLP_HEADERS: ' authorization = Bearer%20x%3By== , ,x-tenant=a=b',
        OTEL_EXPORTER_OTLP_PROTOCOL: 'http/json',
        OTEL_EXPORTER_OTLP_TIMEOUT: '10000',
        OTEL_EXPORTER_OTLP_COMPRESSION: 'gzip',
        OTEL_EXPORTER_OTLP_CERTIFICATE: write('authority.pem', cert),
        OTEL_EXPORTER_OTLP_TRACES_CLIENT_CERTIFICATE: write('certificate.pem', cert),
        OTEL_EXPORTER_OTLP_TRACES_CLIENT_KEY: write('key.pem', key),
        OTEL_TRACES_SAMPLER: 'parentbased_traceidratio',
        OTEL_TRACES_SAMPLER_ARG: '0.25',
        OTEL_SPAN_ATTRIBUTE_VALUE_LENGTH_LIMIT: '1000',
        NODE_EXTRA_CA_CERTS: join(folder, 'authority.pem'),
      }),
    ).toEqual([]);
  });

  test('that is a key of another certificate, or lacks its partner, is refused', async () => {
    const [one, other] = await Promise.all(
      ['one', 'other'].map((value) => generate([{ name: 'commonName', value }], { keySize: 2048 })),
    );
    const certificate = write('one.pem', one?.cert ?? '');
    const key = write('other-key.pem', other?.private ?? '');
    for (const [certificatePrefix, keyPrefix] of [prefixes, prefixes.toReversed()]) {
      const names = [`${certificatePrefix}CLIENT_CERTIFICATE`, `${keyPrefix}CLIENT_KEY`] as const;
      expect(mistakesOf({ ...traced, [names[0]]: certificate, [names[1]]: key })).toEqual([
        `${names[1]} is not the key of ${names[0]}`,
      ]);
    }
    const alone = 'is missing: the certificate and its key belong together';
    expect(mistakesOf({ ...traced, OTEL_EXPORTER_OTLP_CLIENT_CERTIFICATE: certificate })).toEqual([
      `OTEL_EXPORTER_OTLP_CLIENT_KEY ${alone}`,
    ]);
    expect(mistakesOf({ ...traced, OTEL_EXPORTER_OTLP_TRACES_CLIENT_KEY: key })).toEqual([
      `OTEL_EXPORTER_OTLP_CLIENT_CERTIFICATE ${alone}`,
    ]);
  });

  test.each([
    [{ OTEL_BSP_MAX_EXPORT_BATCH_SIZE: '2048' }, []],
    [{ OTEL_BSP_MAX_QUEUE_SIZE: '100' }, []],
    [{ OTEL_BSP_MAX_EXPORT_BATCH_SIZE: '2049' }, ['(2048), but got "2049"']],
    [{ OTEL_BSP_MAX_EXPORT_BATCH_SIZE: '101', OTEL_BSP_MAX_QUEUE_SIZE: '100' }, ['(100), but got "101"']],
  ])('%j is refused if a batch is longer than the queue', (sizes, mistakes) => {
    expect(mistakesOf({ ...traced, ...sizes })).toEqual(
      mistakes.map(
        (mistake) => `OTEL_BSP_MAX_EXPORT_BATCH_SIZE: expected at most OTEL_BSP_MAX_QUEUE_SIZE ${mistake}`,
      ),
    );
  });

  test.each([
    {},
    ...['true', 'TRUE', 'True'].map((value) => ({ ...traced, OTEL_SDK_DISABLED: value })),
    ...['none', 'None'].map((value) => ({ ...traced, OTEL_TRACES_EXPORTER: value })),
  ])('is not looked at if no traces are sent, with %j', (off) => {
    expect(mistakesOf({ ...off, OTEL_TRACES_SAMPLER: 'x', OTEL_EXPORTER_OTLP_PROTOCOL: 'grpc' })).toEqual([]);
  });

  test('ends the process with code 1, without its secret', async () => {
    const { code, complaints } = await runToEnd({
      ...traced,
      OTEL_EXPORTER_OTLP_HEADERS: 'very-secret',
      OTEL_TRACES_SAMPLER: 'sometimes',
    });
    expect(complaints).toBe(
      [
        'The settings are not usable:',
        `  - OTEL_EXPORTER_OTLP_HEADERS: ${headersMistake}`,
        `  - OTEL_TRACES_SAMPLER: expected ${samplers}, but got "sometimes"`,
        '',
      ].join('\n'),
    );
    expect(code).toBe(1);
  });
});

test('headers of all signals and of traces are sent along', async () => {
  const received: IncomingHttpHeaders[] = [];
  const collector = createServer((request, response) => {
    received.push(request.headers);
    request.resume().on('end', () => response.end('{}'));
  }).listen(0, '127.0.0.1');
  await once(collector, 'listening');
  const gateway = await startGatewayProcess(null, {
    OTEL_EXPORTER_OTLP_ENDPOINT: `http://127.0.0.1:${(collector.address() as AddressInfo).port}`,
    OTEL_EXPORTER_OTLP_HEADERS: 'x-of-all=one%2C%20two,x-both=general',
    OTEL_EXPORTER_OTLP_TRACES_HEADERS: 'x-both=traces',
    OTEL_BSP_SCHEDULE_DELAY: '1',
  });
  try {
    await fetch(`${gateway.url}/graphql?query={__typename}`);
    await until(() => received.length > 0);
    expect(received[0]).toMatchObject({ 'x-of-all': 'one, two', 'x-both': 'traces' });
  } finally {
    await endProcess(gateway);
    collector.close();
  }
});

test('a file of authorities that is missing, broken or DER is refused by the name of its setting', async () => {
  expect(mistakesOf({ NODE_EXTRA_CA_CERTS: '/nothing' })).toEqual([
    'NODE_EXTRA_CA_CERTS: the file "/nothing" does not exist',
  ]);
  const { cert } = await generate([{ name: 'commonName', value: 'authority' }], { keySize: 2048 });
  for (const content of ['broken', new X509Certificate(cert).raw]) {
    const file = write('broken.pem', content);
    expect(mistakesOf({ NODE_EXTRA_CA_CERTS: file })).toEqual([
      `NODE_EXTRA_CA_CERTS: the file ${JSON.stringify(file)} is not in the PEM form expected`,
    ]);
  }
});
