/**
 * Reads OpenTelemetry's settings of traces. The library reads most of them itself and silently replaces invalid values
 * with defaults; this file rejects invalid values.
 */
import { createPrivateKey, X509Certificate } from 'node:crypto';
import { validateHeaderName, validateHeaderValue } from 'node:http';
import { Secret } from '../secret.ts';
import type { TracesConfig } from '../telemetry/tracing.ts';
import type { Settings } from './settings.ts';

const samplers = [
  'always_on',
  'always_off',
  'traceidratio',
  'parentbased_always_on',
  'parentbased_always_off',
  'parentbased_traceidratio',
] as const;

const maxMs = 600_000;
const maxSpans = 1_000_000;

/** Integer settings of the library; without a default, there is no limit. */
const numbers: readonly {
  readonly name: string;
  readonly range: { readonly from: number; readonly to: number; readonly otherwise?: number };
  readonly meaning: string;
}[] = [
  {
    name: 'OTEL_BSP_SCHEDULE_DELAY',
    range: { from: 1, to: maxMs, otherwise: 5000 },
    meaning: 'How long spans wait to be sent together, in milliseconds.',
  },
  {
    name: 'OTEL_BSP_EXPORT_TIMEOUT',
    range: { from: 1, to: maxMs, otherwise: 30_000 },
    meaning: 'How long one export may take with its repetitions, in milliseconds.',
  },
  {
    name: 'OTEL_BSP_MAX_QUEUE_SIZE',
    range: { from: 1, to: maxSpans, otherwise: 2048 },
    meaning: 'How many spans wait at most; more are dropped.',
  },
  {
    name: 'OTEL_BSP_MAX_EXPORT_BATCH_SIZE',
    range: { from: 1, to: maxSpans, otherwise: 512 },
    meaning: 'How many spans are sent together at most; not more than wait.',
  },
  ...['OTEL_ATTRIBUTE', 'OTEL_SPAN_ATTRIBUTE'].flatMap((prefix) => [
    {
      name: `${prefix}_COUNT_LIMIT`,
      range: { from: 0, to: maxSpans, otherwise: 128 },
      meaning: 'How many attributes a span has at most.',
    },
    {
      name: `${prefix}_VALUE_LENGTH_LIMIT`,
      range: { from: 0, to: maxSpans },
      meaning: 'How long the value of an attribute is at most; longer ones are cut.',
    },
  ]),
  ...[
    { name: 'OTEL_SPAN_LINK_COUNT_LIMIT', meaning: 'How many links a span has at most.' },
    { name: 'OTEL_SPAN_EVENT_COUNT_LIMIT', meaning: 'How many events a span has at most.' },
    {
      name: 'OTEL_SPAN_ATTRIBUTE_PER_EVENT_COUNT_LIMIT',
      meaning: 'How many attributes an event has at most.',
    },
    { name: 'OTEL_SPAN_ATTRIBUTE_PER_LINK_COUNT_LIMIT', meaning: 'How many attributes a link has at most.' },
  ].map((each) => ({ ...each, range: { from: 0, to: maxSpans, otherwise: 128 } })),
];

const general = 'OTEL_EXPORTER_OTLP_';
/** Prefixes of the exporter's settings; the later one takes precedence. */
const exporterPrefixes = [general, `${general}TRACES_`];
const ofTracesAlone = 'The same for traces alone; it precedes the other.';

/** Meanings of the exporter's settings, by their names without the prefix. */
const exporterMeanings: Readonly<Record<string, string>> = {
  PROTOCOL: 'The form of the spans; no other one is sent.',
  TIMEOUT: 'How long one request to the collector may take, in milliseconds.',
  COMPRESSION: 'How spans are compressed.',
  CERTIFICATE: 'A file of the authorities that the collector’s certificate may be of, PEM.',
  CLIENT_CERTIFICATE: 'The file of the gateway’s certificate for the collector, PEM; with its key.',
  CLIENT_KEY: 'The file of that certificate’s key, PEM.',
};

/** Meanings of the settings that the library reads itself, by name. */
export const libraryMeanings: Readonly<Record<string, string>> = {
  ...Object.fromEntries(
    Object.entries(exporterMeanings).flatMap(([end, meaning]) =>
      exporterPrefixes.map((prefix) => [`${prefix}${end}`, prefix === general ? meaning : ofTracesAlone]),
    ),
  ),
  OTEL_EXPORTER_OTLP_TRACES_HEADERS: 'The same for traces alone, in addition to the others.',
  OTEL_EXPORTER_OTLP_TRACES_HEADERS_FILE: 'A file that holds these headers, in place of them.',
  OTEL_TRACES_SAMPLER:
    'Which requests are traced; with `parentbased_`, this decides for those that no trace comes with.',
  OTEL_TRACES_SAMPLER_ARG: 'The share of requests that `traceidratio` traces.',
  ...Object.fromEntries(numbers.map(({ name, meaning }) => [name, meaning])),
};

/** Normalises booleans and choices, which OpenTelemetry accepts in any letter case. */
const inSmallLetters = (text: string) => text.toLowerCase();

/**
 * Reads the settings of traces; null if traces are off. The library's own settings are checked only if traces are on.
 */
export function readTraces(settings: Settings): TracesConfig | null {
  const isOff =
    settings.choice('OTEL_SDK_DISABLED', ['true', 'false'], 'false', inSmallLetters) === 'true' ||
    settings.choice('OTEL_TRACES_EXPORTER', ['otlp', 'none'], 'otlp', inSmallLetters) === 'none';
  const ownName = settings.text('OTEL_SERVICE_NAME');
  const attributes = settings.attributes('OTEL_RESOURCE_ATTRIBUTES');
  const serviceName = ownName ?? attributes['service.name'] ?? 'elements-graph';
  const headers = readHeaders(settings);
  const common = { serviceName, attributes, ...(headers === null ? {} : { headers }) };
  const ownUrl = settings.text('OTEL_EXPORTER_OTLP_TRACES_ENDPOINT');
  if (ownUrl === null && settings.text('OTEL_EXPORTER_OTLP_ENDPOINT') === null) return null;
  if (!isOff) checkLibrarySettings(settings);
  if (ownUrl !== null) {
    const url = settings.url('OTEL_EXPORTER_OTLP_TRACES_ENDPOINT', '');
    return url === null || isOff ? null : { url, ...common };
  }
  const url = settings.url('OTEL_EXPORTER_OTLP_ENDPOINT', '');
  if (url === null || isOff) return null;
  url.pathname = `${url.pathname.replace(/\/$/, '')}/v1/traces`;
  return { url, ...common };
}

function checkLibrarySettings(settings: Settings): void {
  settings.choice('OTEL_TRACES_SAMPLER', samplers, 'parentbased_always_on');
  settings.fraction('OTEL_TRACES_SAMPLER_ARG', 1);
  for (const prefix of exporterPrefixes) {
    settings.choice(`${prefix}PROTOCOL`, ['http/json'], 'http/json');
    settings.integer(`${prefix}TIMEOUT`, { from: 1, to: maxMs, otherwise: 10_000 });
    settings.choice(`${prefix}COMPRESSION`, ['none', 'gzip'], 'none');
    settings.authoritiesFile(`${prefix}CERTIFICATE`);
  }
  checkClientCertificate(settings);
  for (const { name, range } of numbers) {
    const { otherwise, ...bounds } = range;
    if (otherwise === undefined) settings.optionalInteger(name, bounds);
    else settings.integer(name, { ...bounds, otherwise });
  }
  checkBatchSize(settings);
}

/** Checks the client certificate; certificate and key may have settings with different prefixes. */
function checkClientCertificate(settings: Settings): void {
  const read = <Content>(end: string, parse: (pem: Buffer) => Content) => {
    const found = exporterPrefixes.map((prefix) => ({
      name: `${prefix}${end}`,
      content: settings.optionalPemFile(`${prefix}${end}`, parse),
    }));
    return found.findLast(({ name }) => settings.text(name) !== null) ?? null;
  };
  const certificate = read('CLIENT_CERTIFICATE', (pem) => new X509Certificate(pem));
  const key = read('CLIENT_KEY', (pem) => createPrivateKey(pem));
  // An unusable file is already a mistake.
  if (certificate?.content === null || key?.content === null) return;
  if ((certificate === null) !== (key === null)) {
    const missing = `${general}${certificate === null ? 'CLIENT_CERTIFICATE' : 'CLIENT_KEY'}`;
    settings.mistakes.push(`${missing} is missing: the certificate and its key belong together`);
  } else if (certificate !== null && key !== null && !certificate.content.checkPrivateKey(key.content)) {
    settings.mistakes.push(`${key.name} is not the key of ${certificate.name}`);
  }
}

/** Checks the batch size: if it exceeds the queue, the library silently lowers it. */
function checkBatchSize(settings: Settings): void {
  const sizeOf = (name: string) => {
    const found = numbers.find((number) => number.name === name);
    return Number(settings.text(name) ?? found?.range.otherwise);
  };
  const [name, queueName] = ['OTEL_BSP_MAX_EXPORT_BATCH_SIZE', 'OTEL_BSP_MAX_QUEUE_SIZE'];
  if (settings.text(name) === null || !(sizeOf(name) > sizeOf(queueName))) return;
  settings.mistakes.push(
    `${name}: expected at most ${queueName} (${sizeOf(queueName)}), but got "${sizeOf(name)}"`,
  );
}

/** Joins the headers for all signals with those for traces, which take precedence. */
function readHeaders(settings: Settings): Secret | null {
  const texts = exporterPrefixes.flatMap((prefix) => {
    const name = `${prefix}HEADERS`;
    const headers = settings.secret(name);
    if (headers === null) return [];
    const text = headers.reveal();
    // Not quoted: the value may be a password.
    if (!text.split(',').every(isHeader))
      settings.mistakes.push(
        `${name}: expected HTTP headers as "name=value", separated by commas, values percent-encoded`,
      );
    return [text];
  });
  return texts.length === 0 ? null : new Secret(texts.join(','));
}

/** Whether the library sends the whole entry: a semicolon would end it. Empty entries are ignored. */
function isHeader(entry: string): boolean {
  if (entry.trim() === '') return true;
  if (entry.includes(';')) return false;
  const separator = entry.indexOf('=');
  const name = entry.slice(0, Math.max(separator, 0)).trim();
  const value = entry.slice(separator + 1).trim();
  if (name === '' || value === '') return false;
  try {
    const decoded = decodeURIComponent(name);
    validateHeaderName(decoded);
    validateHeaderValue(decoded, decodeURIComponent(value));
    return true;
  } catch {
    return false;
  }
}
