import { createGraphiQLFetcher, type Fetcher } from '@graphiql/toolkit';
import { Kind, parse } from 'graphql';

/**
 * GraphiQL learns a tab's operation name a moment after the tab was opened: whoever runs it at once would send the name
 * of the tab before. Where a document has one operation, that one is meant.
 */
export function createExplorerFetcher(url: string): Fetcher {
  const fetcher = createGraphiQLFetcher({ url });
  return ({ operationName, ...parameters }, options) => {
    const name = onlyOperationName(parameters.query) ?? operationName;
    return fetcher(name === undefined ? parameters : { ...parameters, operationName: name }, options);
  };
}

function onlyOperationName(query: string): string | undefined {
  try {
    const operations = parse(query, { noLocation: true }).definitions.filter(
      (definition) => definition.kind === Kind.OPERATION_DEFINITION,
    );
    return operations.length === 1 ? operations[0]?.name?.value : undefined;
  } catch {
    return undefined;
  }
}
