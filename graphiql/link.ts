/** Operation of a link to the page, in the form of a GET of GraphQL over HTTP: opened but not run. */
import type { OperationTab } from './examples.ts';

export interface LinkedOperation extends OperationTab {
  readonly operationName: string | null;
}

/** Null if a link has no operation. */
export function readLink(search: string): LinkedOperation | null {
  const parameters = new URLSearchParams(search);
  const query = parameters.get('query') ?? '';
  if (query === '') return null;
  return {
    query,
    variables: indented(parameters.get('variables') ?? ''),
    operationName: parameters.get('operationName'),
  };
}

function indented(json: string): string {
  try {
    return JSON.stringify(JSON.parse(json), null, 2);
  } catch {
    return json;
  }
}
