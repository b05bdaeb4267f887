import { createGraphiQLFetcher, type Fetcher } from '@graphiql/toolkit';
import { Kind, OperationTypeNode, parse, type OperationDefinitionNode } from 'graphql';
import { createClient } from 'graphql-sse';
import type { Explanation } from '../src/server/observability/explain.ts';
import { credentialHeaders } from './credential.tsx';
import { lastExplanation } from './last-explanation.ts';

/**
 * Subscriptions are answered as server-sent events, everything else as it is used.
 *
 * GraphiQL learns a tab's operation name a moment after the tab was opened: whoever runs it at once would send the name
 * of the tab before. Where a document has one operation, that one is meant.
 */
export function createExplorerFetcher(url: string): Fetcher {
  const fetcher = createGraphiQLFetcher({ url, fetch: fetchExplained });
  return ({ operationName, ...parameters }, options) => {
    const headers = { ...credentialHeaders(), ...(options?.headers as Record<string, string> | undefined) };
    const operations = operationsOf(parameters.query);
    const [only] = operations;
    const name = (operations.length === 1 ? only?.name?.value : undefined) ?? operationName;
    const named = name ? { ...parameters, operationName: name } : parameters;
    const operation = operations.find((each) => each.name?.value === name) ?? only;
    if (operation?.operation !== OperationTypeNode.SUBSCRIPTION)
      return fetcher(named, { ...options, headers });
    // Asked again, a report would begin anew: whether to do so is the reader's choice.
    const client = createClient({ url, retryAttempts: 0, headers });
    return client.iterate(named);
  };
}

interface ExplainedAnswer {
  readonly extensions?: { readonly upstream?: Explanation; readonly cost?: unknown };
}

/** Each operation is explained for the panel; in the answer, that is shown to whoever has asked for it by the header. */
async function fetchExplained(url: RequestInfo | URL, init: RequestInit = {}): Promise<Response> {
  const headers = new Headers(init.headers);
  const isAskedFor = headers.has('x-explain');
  headers.set('x-explain', 'true');
  const response = await fetch(url, { ...init, headers });
  const text = await response.text();
  const { status, statusText } = response;
  const again = (body: string) => new Response(body, { status, statusText, headers: response.headers });
  if (isIntrospection(init.body)) return again(text);
  try {
    const { extensions: { upstream = null, cost, ...others } = {}, ...answer } = JSON.parse(
      text,
    ) as ExplainedAnswer;
    lastExplanation.set(upstream);
    if (isAskedFor || cost === undefined) return again(text);
    const rest = Object.keys(others).length === 0 ? {} : { extensions: others };
    return again(JSON.stringify({ ...answer, ...rest }));
  } catch {
    return again(text);
  }
}

function isIntrospection(body: RequestInit['body']): boolean {
  return typeof body === 'string' && body.includes('__schema');
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
