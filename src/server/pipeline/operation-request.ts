/** Parses operation requests from bodies and URLs, and bounds the time of a body and the bytes of all bodies. */
import type { IncomingMessage } from 'node:http';
import type { FastifyInstance } from 'fastify';
import { UnavailableError } from '../../errors.ts';
import { isObject, quoted } from '../../json.ts';
import { bodyFaultOf, tooLarge } from './body-headers.ts';
import { RequestRefusal, requestTimeout } from './refusals.ts';

export interface OperationRequest {
  readonly query: string | null;
  /** Id of a trusted document: `documentId`, `id` or `doc_id`, by client library. */
  readonly documentId: string | null;
  /** SHA-256 of Apollo's persisted queries. */
  readonly sha256Hash: string | null;
  readonly operationName: string | null;
  readonly variables: Readonly<Record<string, unknown>>;
}

const maxBodyBytes = 1024 * 1024;
/** Maximum bytes of all pending bodies; beyond it, the oldest is refused. */
const maxPendingBytes = 64 * maxBodyBytes;

/** Limits the text that JavaScript engines quote in errors. */
const maxFaultLength = 100;

const textParameters = ['query', 'documentId', 'id', 'doc_id', 'operationName'];
const objectParameters = ['variables', 'extensions'];

/** @throws RequestRefusal */
export function parseBody(text: string): OperationRequest {
  const body = parseJsonBody(text, 'Send a JSON object with "query".');
  if (!isObject(body)) {
    throw new RequestRefusal('Expected a JSON object with "query", one operation a request.');
  }
  return checked(body);
}

/** @throws RequestRefusal */
export function parseUrl(url: string): OperationRequest {
  return checked(parseParameters(url, objectParameters));
}

/**
 * Parses a URL's parameters by their names.
 *
 * @param jsonNames parameters whose values are JSON
 * @throws RequestRefusal
 */
export function parseParameters(
  url: string,
  jsonNames: readonly string[],
): Readonly<Record<string, unknown>> {
  const found = new Map<string, unknown>();
  const start = url.indexOf('?');
  const pairs = start < 0 ? [] : url.slice(start + 1).split('&');
  // HTML forms and URL builders leave empty pairs.
  for (const pair of pairs.filter((each) => each !== '')) {
    const [rawName = '', ...rest] = pair.split('=');
    const name = decode(rawName, 'name');
    const value = decode(rest.join('='), name);
    if (found.has(name)) throw new RequestRefusal(`The parameter ${quoted(name)} is given more than once.`);
    const isJson = jsonNames.includes(name);
    found.set(name, isJson ? parseJsonParameter(name, value || 'null') : value);
  }
  return Object.fromEntries(found);
}

function decode(text: string, name: string): string {
  try {
    return decodeURIComponent(text.replaceAll('+', ' '));
  } catch {
    const message = `The parameter ${quoted(name)} can't be decoded: expected UTF-8, percent-encoded.`;
    throw new RequestRefusal(message);
  }
}

/**
 * Parses a JSON body.
 *
 * @param remedy what to send instead
 * @throws RequestRefusal
 */
export function parseJsonBody(text: string, remedy: string): unknown {
  return parseJson(text, (fault) => `The body is not JSON: ${fault}. ${remedy}`);
}

function parseJsonParameter(name: string, text: string): unknown {
  return parseJson(
    text,
    (fault) =>
      `The parameter ${name} is not JSON, but begins with ${quoted(text)}: ${fault}. JSON needs double quotes; in a shell, put the whole value in single quotes.`,
  );
}

function parseJson(text: string, refusalOf: (fault: string) => string): unknown {
  try {
    return JSON.parse(text);
  } catch (error) {
    throw new RequestRefusal(refusalOf(jsonFault(error)));
  }
}

/** Returns the engine's reason why a text is not JSON: the position, or the character with its neighbours. */
function jsonFault(error: unknown): string {
  const { message } = error as SyntaxError;
  const fault = message.replace(/ is not valid JSON$| in JSON(?= at )| input$/, '').slice(0, maxFaultLength);
  return fault.charAt(0).toLowerCase() + fault.slice(1);
}

function checked(given: Readonly<Record<string, unknown>>): OperationRequest {
  for (const name of textParameters) {
    if (typeof (given[name] ?? '') !== 'string') throw new RequestRefusal(`${name}: expected a string.`);
  }
  for (const name of objectParameters) {
    if (!isObject(given[name] ?? {})) throw new RequestRefusal(`${name}: expected an object.`);
  }
  const { query, documentId, id, doc_id: docId, operationName, variables, extensions } = given;
  const request = {
    query: textOf(query),
    documentId: textOf(documentId) ?? textOf(id) ?? textOf(docId),
    sha256Hash: persistedHashOf(extensions),
    operationName: textOf(operationName),
    variables: isObject(variables) ? variables : {},
  };
  if (request.query === null && request.documentId === null && request.sha256Hash === null) {
    throw new RequestRefusal('Expected a document: a non-empty "query", or the id of a registered one.');
  }
  return request;
}

function persistedHashOf(extensions: unknown): string | null {
  const persisted = isObject(extensions) ? extensions['persistedQuery'] : undefined;
  if (persisted === undefined || persisted === null) return null;
  if (!isObject(persisted) || persisted['version'] !== 1 || typeof persisted['sha256Hash'] !== 'string') {
    throw new RequestRefusal('extensions.persistedQuery: expected version 1 and a string sha256Hash.');
  }
  return persisted['sha256Hash'];
}

/** Returns null for an empty text, which some clients send for an absent name. */
function textOf(value: unknown): string | null {
  return typeof value === 'string' && value !== '' ? value : null;
}

/** Receiver of request bodies. */
export class BodyReceiver {
  readonly #timeoutMs: number;
  readonly #pending = new Map<IncomingMessage, { bytes: number; readonly refuse: (error: Error) => void }>();
  #bytes = 0;

  /** @param timeoutMs time of one body, from its first byte to its last */
  constructor(timeoutMs: number) {
    this.#timeoutMs = timeoutMs;
  }

  /** Reads JSON bodies of an instance's routes as text: `request.body` is a string. */
  register(scope: FastifyInstance): void {
    scope.removeAllContentTypeParsers();
    scope.addContentTypeParser('*', ({ headers }, payload, done) => {
      const fault = bodyFaultOf(headers, jsonBody);
      if (fault === null) this.#receive(payload, done);
      else done(fault);
    });
  }

  close(): void {
    for (const { refuse } of this.#pending.values()) refuse(new UnavailableError('SHUTTING_DOWN'));
  }

  #receive(payload: IncomingMessage, done: (error: Error | null, body?: string) => void): void {
    const chunks: Buffer[] = [];
    const end = (error: Error | null) => {
      clearTimeout(timer);
      payload.off('data', take).off('end', finish).off('close', disconnect).off('error', disconnect);
      this.#bytes -= state.bytes;
      this.#pending.delete(payload);
      if (error !== null) {
        payload.resume();
        done(error);
        return;
      }
      try {
        const [only] = chunks;
        done(null, utf8.decode(only !== undefined && chunks.length === 1 ? only : Buffer.concat(chunks)));
      } catch {
        done(new RequestRefusal('The body is not UTF-8.'));
      }
    };
    const state = { bytes: 0, refuse: end };
    const take = (chunk: Buffer) => {
      state.bytes += chunk.length;
      this.#bytes += chunk.length;
      if (state.bytes > maxBodyBytes) end(tooLarge(maxBodyBytes));
      else chunks.push(chunk);
      const [oldest] = this.#pending.values();
      if (this.#bytes > maxPendingBytes) oldest?.refuse(requestTimeout());
    };
    const finish = () => {
      end(null);
    };
    const disconnect = () => {
      end(new RequestRefusal('The connection was closed before the body had arrived.'));
    };
    const timer = setTimeout(() => {
      end(requestTimeout());
    }, this.#timeoutMs);
    this.#pending.set(payload, state);
    payload.on('data', take).on('end', finish).on('close', disconnect).on('error', disconnect);
  }
}

const utf8 = new TextDecoder('utf-8', { fatal: true });
const jsonBody = {
  types: ['application/json'],
  wrongType: 'Send the body as JSON, with Content-Type: application/json.',
  maxBytes: maxBodyBytes,
};
