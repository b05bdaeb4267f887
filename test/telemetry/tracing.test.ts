/** Spans as a collector gets them, by OTLP over HTTP. */
import { createServer, type Server } from 'node:http';
import { createServer as createTlsServer } from 'node:https';
import { once } from 'node:events';
import { afterEach, beforeEach, expect, test } from '@jest/globals';
import { generate } from 'selfsigned';
import { startGatewayUnderTest, type GatewayUnderTest } from '../gateway-under-test.ts';
import { useGateways } from '../use-gateway.ts';
import { customerRow, protectionRow, userRow, worldOfTenant } from '../world-of.ts';

interface Span {
  readonly traceId: string;
  readonly spanId: string;
  readonly parentSpanId?: string;
  readonly name: string;
  readonly kind: number;
  readonly status: { readonly code?: number };
  readonly attributes: readonly { readonly key: string; readonly value: object }[];
}

const world = {
  ...worldOfTenant({
    users: [userRow({ id: 'u', mail: 'secret@example.com' })],
    protection: [protectionRow('secret@example.com')],
  }),
  customers: [customerRow({ id: 'c', tenants: [{ id: 't', name: 'secret' }] })],
};

let collector: Server;
let spans: Span[];
let tracesUrl: string;
let gateway: GatewayUnderTest;
let upstreamHeaders: string[];

beforeEach(async () => {
  spans = [];
  upstreamHeaders = [];
  collector = createServer((request, response) => {
    const chunks: Buffer[] = [];
    request.on('data', (chunk: Buffer) => chunks.push(chunk));
    request.on('end', () => {
      const body = JSON.parse(Buffer.concat(chunks).toString()) as {
        resourceSpans: { scopeSpans: { spans: Span[] }[] }[];
      };
      for (const { scopeSpans } of body.resourceSpans)
        for (const scope of scopeSpans) spans.push(...scope.spans);
      response.setHeader('content-type', 'application/json').end('{}');
    });
  }).listen(0, '127.0.0.1');
  await once(collector, 'listening');
  const address = collector.address();
  const port = typeof address === 'object' ? address?.port : 0;
  tracesUrl = `http://127.0.0.1:${port}/v1/traces`;
  gateway = await startGateway({
    tracesUrl,
    intercept: ({ headers }) => {
      upstreamHeaders.push(String(headers['traceparent']));
      return undefined;
    },
  });
});
const startGateway = useGateways({ world });
afterEach(() => {
  delete process.env['OTEL_EXPORTER_OTLP_TRACES_TIMEOUT'];
  collector.close();
});

const attributesOf = ({ attributes }: Span) =>
  Object.fromEntries(attributes.map(({ key, value }) => [key, Object.values(value)[0] as unknown]));

test('a request, its plan, its operation and its calls are one trace, which goes on from the caller to the upstream', async () => {
  const traceId = '0af7651916cd43dd8448eb211c80319c';
  await gateway.queryText(
    'query Users { tenant(customerId: "c", tenantId: "t") { users { nodes { mail protection { email } } } } }',
    {},
    { headers: { traceparent: `00-${traceId}-b7ad6b7169203331-01` } },
  );
  // What is left is sent before the end.
  await gateway.stop();
  const ofRequest = spans.filter((span) => span.traceId === traceId);
  const named = (name: string) => ofRequest.filter((span) => span.name === name);
  const [request] = named('POST /graphql').filter(({ kind }) => kind === 2);
  const [operation] = named('query').filter(({ kind }) => kind === 1);
  expect(request).toMatchObject({ parentSpanId: 'b7ad6b7169203331' });
  expect(named('plan')).toMatchObject([{ parentSpanId: request?.spanId }]);
  expect(named('plan').map(attributesOf)).toEqual([
    { 'elements_graph.cost.rows': 101, 'elements_graph.cost.calls': 3 },
  ]);
  expect(operation).toMatchObject({ parentSpanId: request?.spanId });
  const calls = ofRequest.filter(({ name }) => name.includes('/users/batch'));
  expect(calls).toHaveLength(2);
  for (const call of calls) {
    expect(call).toMatchObject({ kind: 3, parentSpanId: operation?.spanId });
    expect(attributesOf(call)).toMatchObject({
      'http.request.method': 'POST',
      'http.response.status_code': 200,
      'server.address': '127.0.0.1',
      'url.full': expect.stringMatching(/^http:\/\/127\.0\.0\.1:\d+\/partner\/.*\{customerId\}/),
    });
    expect(attributesOf(call)).not.toHaveProperty('error.type');
    expect(upstreamHeaders).toContain(`00-${traceId}-${call.spanId}-01`);
  }
  expect(request === undefined ? null : attributesOf(request)).toMatchObject({
    'http.request.method': 'POST',
    'http.route': '/graphql',
    'url.path': '/graphql',
    'url.scheme': 'http',
    'server.address': '127.0.0.1',
    'network.protocol.version': '1.1',
    'http.response.status_code': 200,
    'elements_graph.upstream.calls': 2,
    'elements_graph.cached': false,
  });
  expect(operation === undefined ? null : attributesOf(operation)).toEqual({
    'graphql.operation.type': 'query',
    'graphql.operation.name': 'Users',
  });
  expect(JSON.stringify(spans)).not.toContain('secret');
});

test('what is refused ends its spans, too', async () => {
  await gateway.queryText('{ nothing }');
  await gateway.stop();
  expect(spans.map(({ name, status }) => [name, status.code ?? 0]).sort()).toEqual([
    ['POST /graphql', 0],
    ['plan', 2],
  ]);
});

test('an operation that is refused while it is written ends its span, known document or not', async () => {
  await gateway.stop();
  spans = [];
  gateway = await startGateway({ tracesUrl, maxBytesOfAnswer: 20 });
  const query =
    'query Long { tenant(customerId: "c", tenantId: "t") { users { nodes { mail userId displayName } } } }';
  const [first, later] = [await gateway.queryText(query), await gateway.queryText(query)];
  await gateway.stop();
  expect(first.errors?.map(({ extensions }) => extensions['code'])).toEqual(['LIMIT_EXCEEDED']);
  expect(later).toEqual(first);
  const operations = spans.filter(({ name, kind }) => name === 'query' && kind === 1);
  expect(operations.map(({ status }) => status.code)).toEqual([2, 2]);
});

test('a call that fails has its status as the type of its error, and the operation its code', async () => {
  await gateway.stop();
  spans = [];
  gateway = await startGateway({
    tracesUrl,
    intercept: ({ path }) => (path === '/connect/token' ? undefined : { status: 503, body: '' }),
  });
  await gateway.queryText('{ customers { totalCount } }');
  await gateway.stop();
  const typeOf = (kind: number, start: string) =>
    spans
      .filter((span) => span.kind === kind && span.name.startsWith(start))
      .map((span) => [attributesOf(span)['error.type'], span.status.code]);
  expect(typeOf(3, 'POST /partner')).toEqual([['503', 2]]);
  expect(typeOf(1, 'query')).toEqual([['UPSTREAM_UNAVAILABLE', 2]]);
});

test('a collector that refuses spans is one warning, without what it answers', async () => {
  const refusing = createServer((_request, response) => response.writeHead(404).end('secret-of-it'));
  refusing.listen(0, '127.0.0.1');
  await once(refusing, 'listening');
  const address = refusing.address();
  const port = typeof address === 'object' ? address?.port : 0;
  const lost = await startGatewayUnderTest({ world, tracesUrl: `http://127.0.0.1:${port}/v1/traces` });
  await lost.queryText('{ customers { totalCount } }');
  await lost.stop();
  refusing.close();
  expect(lost.logged.filter(({ level }) => level === 'warn')).toEqual([
    {
      level: 'warn',
      text: `The collector of traces at 127.0.0.1:${port} rejects spans (status 404): check OTEL_EXPORTER_OTLP_ENDPOINT. Spans are dropped until then.`,
    },
  ]);
});

test('a collector whose certificate is not trusted is named with the setting for its authority', async () => {
  const { cert, private: key } = await generate([{ name: 'commonName', value: 'localhost' }], {
    keySize: 2048,
  });
  const encrypted = createTlsServer({ cert, key }).listen(0, '127.0.0.1');
  await once(encrypted, 'listening');
  const address = encrypted.address();
  const port = typeof address === 'object' ? address?.port : 0;
  const lost = await startGatewayUnderTest({ world, tracesUrl: `https://127.0.0.1:${port}/v1/traces` });
  await lost.queryText('{ customers { totalCount } }');
  await lost.stop();
  encrypted.close();
  expect(lost.logged.filter(({ level }) => level === 'warn')).toEqual([
    {
      level: 'warn',
      text: `The collector of traces can't be called: the certificate of 127.0.0.1:${port} is not trusted (DEPTH_ZERO_SELF_SIGNED_CERT): check OTEL_EXPORTER_OTLP_ENDPOINT, or name its authority by OTEL_EXPORTER_OTLP_CERTIFICATE. Spans are dropped until then.`,
    },
  ]);
});

test.each(['hangs', 'refuses connections'])('a collector that %s does not hold up the end', async (what) => {
  // Longer than `stop` waits for it, and shorter than the pause before the library repeats an export.
  process.env['OTEL_EXPORTER_OTLP_TRACES_TIMEOUT'] = '600';
  const silent = createServer(() => undefined).listen(0, '127.0.0.1');
  await once(silent, 'listening');
  const address = silent.address();
  const port = typeof address === 'object' ? address?.port : 0;
  if (what !== 'hangs') {
    silent.close();
    await once(silent, 'close');
  }
  const lost = await startGatewayUnderTest({ world, tracesUrl: `http://127.0.0.1:${port}/v1/traces` });
  await lost.queryText('{ customers { totalCount } }');
  await lost.stop();
  // The export is given up while it is still under way.
  silent.closeAllConnections();
  silent.close();
  expect(lost.reported).toEqual([]);
});
