/** The four forms in which one operation can be requested over HTTP, and what each answer comes to. */
import { exchange, type Exchange, type ExchangeAnswer } from './http-exchange.ts';

/** The members of a request by their names in a JSON body; of any type, since callers send any. */
export type OperationRequest = Readonly<Record<string, unknown>>;

export interface Judgement {
  readonly status: number;
  readonly isEventStream: boolean;
  /** Of the last result; null if it has none, or the request was refused without a result. */
  readonly data: unknown;
  /** The error codes of all results, sorted, each once. */
  readonly codes: readonly string[];
  readonly text: string;
}

export interface RequestForm {
  readonly name: string;
  readonly isEventStream: boolean;
  /** Null if the form can't express the request: a URL has strings alone, and bounded ones. */
  readonly encode: (request: OperationRequest) => Exchange | null;
}

/** Shorter than the 16 KiB that Node.js reads of a request's head. */
const maxTargetLength = 12_000;

const encodeBody =
  (accept: string) =>
  (request: OperationRequest): Exchange => ({
    headers: { 'content-type': 'application/json', accept },
    body: JSON.stringify(request),
  });

const encodeUrl =
  (accept: string) =>
  (request: OperationRequest): Exchange | null => {
    const parameters = new URLSearchParams();
    for (const [name, value] of Object.entries(request)) {
      if (value === null || value === undefined) continue;
      if (name === 'variables' || name === 'extensions') parameters.set(name, JSON.stringify(value));
      // A lone surrogate has no encoding in a URL.
      else if (typeof value === 'string' && value.isWellFormed()) parameters.set(name, value);
      else return null;
    }
    const target = `/graphql?${parameters.toString()}`;
    if (target.length > maxTargetLength) return null;
    return { method: 'GET', target, headers: { accept, 'apollo-require-preflight': 'yes' } };
  };

export const requestForms: readonly RequestForm[] = [
  { name: 'POST for JSON', isEventStream: false, encode: encodeBody('application/json') },
  { name: 'POST for events', isEventStream: true, encode: encodeBody('text/event-stream') },
  { name: 'GET for JSON', isEventStream: false, encode: encodeUrl('application/json') },
  { name: 'GET for events', isEventStream: true, encode: encodeUrl('text/event-stream') },
];

/** The judgement of each form that can express the request, by the form's name. */
export async function judge(
  url: string,
  request: OperationRequest,
  headers: Readonly<Record<string, string>> = {},
): Promise<ReadonlyMap<string, Judgement>> {
  const judgements = await Promise.all(
    requestForms.map(async ({ name, encode }) => {
      const encoded = encode(request);
      if (encoded === null) return [];
      const sent = { ...encoded, headers: { ...encoded.headers, ...headers } };
      return [[name, judgementOf(await exchange(url, sent))] as const];
    }),
  );
  return new Map(judgements.flat());
}

/** Throws if the answer is neither a JSON answer nor a well-formed event stream. */
export function judgementOf({ status, headers, text }: ExchangeAnswer): Judgement {
  const isEventStream = (headers['content-type'] ?? '').startsWith('text/event-stream');
  const results = isEventStream ? parseEventStream(text) : [parseResult(text)];
  const codes = results.flatMap(({ errors = [] }) =>
    errors.map(({ extensions }) => {
      const code = extensions?.['code'];
      return typeof code === 'string' ? code : 'an error without a code';
    }),
  );
  return {
    status,
    isEventStream,
    data: results.at(-1)?.data ?? null,
    codes: [...new Set(codes)].sort(),
    text,
  };
}

interface Result {
  readonly data?: unknown;
  readonly errors?: readonly { readonly extensions?: Readonly<Record<string, unknown>> }[];
}

function parseResult(text: string): Result {
  let result: unknown;
  try {
    result = JSON.parse(text);
  } catch {
    // Below.
  }
  if (typeof result === 'object' && result !== null && ('data' in result || 'errors' in result)) {
    return result as Result;
  }
  throw new Error(`Expected a GraphQL result, but got ${JSON.stringify(text.slice(0, 300))}.`);
}

/** The results of a graphql-sse stream in the distinct connections mode: `next` events, then one `complete`. */
export function parseEventStream(text: string): readonly Result[] {
  const events = text
    .split('\n\n')
    .map((block) => block.split('\n').filter((line) => line !== '' && !line.startsWith(':')))
    .filter((lines) => lines.length > 0)
    .map((lines) => ({
      event: lines.find((line) => line.startsWith('event: '))?.slice('event: '.length),
      data: lines
        .filter((line) => line.startsWith('data: '))
        .map((line) => line.slice('data: '.length))
        .join('\n'),
    }));
  const names = events.map(({ event }) => event);
  const isWellFormed = names.at(-1) === 'complete' && names.slice(0, -1).every((name) => name === 'next');
  if (!isWellFormed || events.length < 2) {
    throw new Error(
      `Expected next events and a complete event, but got ${JSON.stringify(text.slice(-300))}.`,
    );
  }
  return events.slice(0, -1).map(({ data }) => parseResult(data));
}
