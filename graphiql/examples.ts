/** Worked examples: the first visit opens a few as tabs, and the menu has all. */
import byNodeId from '../examples/queries/by-node-id.graphql?raw';
import coverageByDepartment from '../examples/queries/coverage-by-department.graphql?raw';
import customerDirectory from '../examples/queries/customer-directory.graphql?raw';
import dashboard from '../examples/queries/dashboard.graphql?raw';
import oldPasswords from '../examples/queries/old-passwords.graphql?raw';
import oneUser from '../examples/queries/one-user.graphql?raw';
import protectionReport from '../examples/queries/protection-report.graphql?raw';
import someCustomers from '../examples/queries/some-customers.graphql?raw';
import wastedSeats from '../examples/queries/wasted-seats.graphql?raw';
import whatHasNoUser from '../examples/queries/what-has-no-user.graphql?raw';
import whoIsProtected from '../examples/queries/who-is-protected.graphql?raw';
import whoIsUnprotected from '../examples/queries/who-is-unprotected.graphql?raw';
import worstCoveredCustomers from '../examples/queries/worst-covered-customers.graphql?raw';
import type { ExampleIds } from './example-ids.ts';

export interface OperationTab {
  readonly query: string;
  readonly variables: string;
}

/** Number of examples that the first visit opens as tabs: more do not fit the bar. */
export const openedExamples = 4;

/** @param ids ids for the variables; empty while unknown */
export function createExamples(ids: ExampleIds): OperationTab[] {
  return [
    tab(whoIsProtected),
    tab(whoIsUnprotected, { country: ids.country }),
    tab(worstCoveredCustomers),
    tab(coverageByDepartment),
    tab(wastedSeats, { today: new Date().toISOString().slice(0, 10) }),
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

/** Returns the question that an example answers, the comment on its first line. */
export function questionOf({ query }: OperationTab): string {
  return /^# (.*)/.exec(query)?.[1] ?? '';
}

function tab(query: string, variables?: object): OperationTab {
  return { query, variables: variables === undefined ? '' : JSON.stringify(variables, null, 2) };
}
