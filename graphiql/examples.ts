/** The worked examples, as tabs. */
import byNodeId from '../examples/queries/by-node-id.graphql?raw';
import customerDirectory from '../examples/queries/customer-directory.graphql?raw';
import dashboard from '../examples/queries/dashboard.graphql?raw';
import oldPasswords from '../examples/queries/old-passwords.graphql?raw';
import oneUser from '../examples/queries/one-user.graphql?raw';
import protectionReport from '../examples/queries/protection-report.graphql?raw';
import someCustomers from '../examples/queries/some-customers.graphql?raw';
import whatHasNoUser from '../examples/queries/what-has-no-user.graphql?raw';
import whoIsProtected from '../examples/queries/who-is-protected.graphql?raw';
import whoIsUnprotected from '../examples/queries/who-is-unprotected.graphql?raw';
import worstCoveredCustomers from '../examples/queries/worst-covered-customers.graphql?raw';
import type { ExampleIds } from './example-ids.ts';

export interface OperationTab {
  readonly query: string;
  readonly variables: string;
}

/** @param ids that the variables have; empty ones as long as they are not known */
export function createExamples(ids: ExampleIds): OperationTab[] {
  return [
    tab(whoIsProtected),
    tab(whoIsUnprotected, { country: ids.country }),
    tab(worstCoveredCustomers),
    tab(whatHasNoUser),
    tab(oldPasswords, { c: ids.customerId }),
    tab(dashboard),
    tab(protectionReport),
    tab(oneUser, { c: ids.customerId, t: ids.tenantId, u: ids.userId, email: ids.email }),
    tab(someCustomers, { ids: ids.customerIds }),
    tab(customerDirectory),
    tab(byNodeId, { id: ids.nodeId }),
  ];
}

function tab(query: string, variables?: object): OperationTab {
  return { query, variables: variables === undefined ? '' : JSON.stringify(variables, null, 2) };
}
