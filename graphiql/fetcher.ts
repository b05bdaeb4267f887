/** Sends GraphiQL's operations to the gateway, and records each for the panel of upstream calls. */
import type { Fetcher } from '@graphiql/toolkit';
import {
  GraphQLError,
  Kind,
  OperationTypeNode,
  parse,
  type ExecutionResult,
  type IntrospectionQuery,
  type OperationDefinitionNode,
} from 'graphql';
import { createClient, type RequestParams } from 'graphql-sse';
import type { Explanation } from '../src/server/observability/explain.ts';
import { noteRefusal } from './credential.ts';
import { credentialHeaders, endpoint } from './gateway.ts';
import { noteOperation, type Progress } from './last-operation.ts';
import { withoutFederation } from './readable-schema.ts';

type Headers = Readonly<Record<string, string>>;

/**
 * GraphiQL updates the operation name a moment after a tab is opened: an operation run at once would have the previous
 * tab's name. A document's only operation needs no name.
 */
export const fetcher: Fetcher = ({ operationName, ...parameters }, options) => {
  const headers = { ...credentialHeaders(), ...(options?.headers as Headers | undefined) };
  const operations = operationsOf(parameters.query);
  const [only] = operations;
  const name = (operations.length === 1 ? only?.name?.value : undefined) ?? operationName;
  const named: RequestParams = name ? { ...parameters, operationName: name } : parameters;
  // GraphiQL's own query for the schema.
  if (name === 'IntrospectionQuery') return introspect(named, headers);
  const operation = operations.find((each) => each.name?.value === name) ?? only;
  const run = operation?.operation === OperationTypeNode.SUBSCRIPTION ? subscribe : execute;
  return run(named, headers, name ?? 'an operation without a name');
};

interface Answer extends ExecutionResult {
  readonly extensions?: { readonly upstream?: Explanation };
}

async function introspect(parameters: RequestParams, headers: Headers): Promise<ExecutionResult> {
  const answer = (await post(parameters, headers)) ?? unanswered();
  const data = answer.data as IntrospectionQuery | null | undefined;
  return data?.__schema === undefined
    ? answer
    : { ...answer, data: { ...answer.data, ...withoutFederation(data) } };
}

/** Requests an explanation for the panel; the answer shows it only if the user sent the header too. */
async function execute(parameters: RequestParams, headers: Headers, name: string): Promise<ExecutionResult> {
  const note = noteOperation(name, 'query');
  const received = await post(parameters, { ...headers, 'x-explain': 'true' });
  const { extensions = {}, ...answer } = received ?? unanswered();
  note({
    isRunning: false,
    wasRefused: received !== null && received.data === undefined,
    explanation: extensions.upstream ?? null,
  });
  const isAskedFor = Object.keys(headers).some((each) => each.toLowerCase() === 'x-explain');
  const shown = Object.entries(extensions).filter(
    ([key]) => isAskedFor || !['cost', 'upstream'].includes(key),
  );
  return shown.length === 0 ? answer : { ...answer, extensions: Object.fromEntries(shown) };
}

/** Null if there is no answer. */
async function post(parameters: RequestParams, headers: Headers): Promise<Answer | null> {
  try {
    const response = await fetch(endpoint, {
      method: 'POST',
      headers: { 'content-type': 'application/json', ...headers },
      body: JSON.stringify(parameters),
    });
    return response.status === 401 ? failure(noteRefusal()) : ((await response.json()) as Answer);
  } catch {
    return null;
  }
}

function unanswered(): Answer {
  return failure(
    'The gateway did not answer. Check that it runs and that you are connected, then try again.',
  );
}

/** Receives results as server-sent events. */
function subscribe(
  parameters: RequestParams,
  headers: Headers,
  name: string,
): AsyncIterableIterator<ExecutionResult> {
  const note = noteOperation(name, 'subscription');
  // A repeated report would start over: whether to retry is the user's choice.
  const client = createClient({ url: endpoint, retryAttempts: 0, headers: { ...headers } });
  const results = client.iterate(parameters) as AsyncIterableIterator<ExecutionResult, undefined>;
  let hasFailed = false;
  // Not a generator: its `return` would wait for the pending result.
  return {
    [Symbol.asyncIterator]() {
      return this;
    },
    async next() {
      if (hasFailed) return { done: true, value: undefined };
      try {
        const result = await results.next();
        if (result.done === true) note({ isRunning: false });
        else note({ ...progressOf(result.value), wasRefused: result.value.data === undefined });
        return result;
      } catch (error) {
        hasFailed = true;
        note({ isRunning: false, wasRefused: responseOf(error) !== undefined });
        return { done: false, value: await failureOf(error) };
      }
    },
    async return() {
      note({ isRunning: false });
      await results.return?.();
      return { done: true, value: undefined };
    },
  };
}

function progressOf({ data }: ExecutionResult): { progress?: Progress } {
  for (const value of Object.values(data ?? {})) {
    const { progress } = (value ?? {}) as { readonly progress?: Progress };
    if (progress) return { progress };
  }
  return {};
}

/** Returns the response that is no stream of results, if any. */
function responseOf(error: unknown): Response | undefined {
  return (error as { readonly response?: Response }).response;
}

/** Returns the gateway's error, or the browser's about the connection. */
async function failureOf(error: unknown): Promise<Answer> {
  const { message } = error as { readonly message?: string };
  const response = responseOf(error);
  if (response?.status === 401) return failure(noteRefusal());
  const said = (await response?.json().catch(() => undefined)) as Answer | undefined;
  return said ?? failure(message ?? String(error));
}

function failure(message: string): Answer {
  return { errors: [new GraphQLError(message)] };
}

function operationsOf(query: string): OperationDefinitionNode[] {
  try {
    return parse(query, { noLocation: true }).definitions.filter(
      (definition) => definition.kind === Kind.OPERATION_DEFINITION,
    );
  } catch {
    return [];
  }
}
