/** Why something could not be read, in the gateway's own words if it gave any. */
import { CombinedGraphQLErrors } from '@apollo/client';
import { RequestFailedError } from 'elements-graph-client';

export function reasonsOf(error: unknown): readonly string[] {
  if (error === undefined || error === null) return [];
  if (CombinedGraphQLErrors.is(error)) return error.errors.map(({ message }) => message);
  if (error instanceof RequestFailedError) {
    const { outcome } = error;
    return 'errors' in outcome ? outcome.errors.map(({ message }) => message) : [error.message];
  }
  return [`The gateway did not answer. ${error instanceof Error ? error.message : ''}`];
}
