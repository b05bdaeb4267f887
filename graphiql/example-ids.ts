/** Ids that exist in the upstream, for the variables of the examples. */
import { ask } from './gateway.ts';
import { Store } from './store.ts';

export interface ExampleIds {
  readonly customerIds: readonly string[];
  readonly customerId: string;
  readonly country: string;
  readonly tenantId: string;
  readonly nodeId: string;
  readonly userId: string;
  readonly email: string;
}

const unknownIds: ExampleIds = {
  ...{ customerIds: [], customerId: '', country: '', tenantId: '' },
  ...{ nodeId: '', userId: '', email: '' },
};

const findCustomersQuery = /* GraphQL */ `
  query FindExampleCustomers {
    customers(first: 10) {
      nodes {
        customerId
        countryOrRegion
        tenants {
          tenantId
        }
      }
    }
  }
`;

const findUserQuery = /* GraphQL */ `
  query FindExampleUser($customerId: ID!, $tenantId: ID!) {
    tenant(customerId: $customerId, tenantId: $tenantId) {
      users(first: 1) {
        nodes {
          id
          userId
          mail
          userPrincipalName
        }
      }
    }
  }
`;

interface FoundCustomers {
  readonly customers: { readonly nodes: readonly Customer[] } | null;
}

interface Customer {
  readonly customerId: string;
  readonly countryOrRegion: string | null;
  readonly tenants: readonly { readonly tenantId: string }[];
}

interface FoundUser {
  readonly tenant: { readonly users: { readonly nodes: readonly User[] } | null } | null;
}

interface User {
  readonly id: string;
  readonly userId: string;
  readonly mail: string | null;
  readonly userPrincipalName: string | null;
}

class IdFinder extends Store<ExampleIds> {
  #isLoading = false;

  /** Looks for unknown ids. They stay empty if the upstream fails or has no users. */
  async load(): Promise<void> {
    if (this.#isLoading || this.get().userId !== '') return;
    this.#isLoading = true;
    try {
      await this.#find();
    } catch {
      // A later load tries again.
    } finally {
      this.#isLoading = false;
    }
  }

  async #find(): Promise<void> {
    const { customers } = ((await ask(findCustomersQuery)).data ?? { customers: null }) as FoundCustomers;
    const rows = customers?.nodes ?? [];
    const customer = rows.find(({ tenants }) => tenants.length > 0) ?? rows[0];
    if (customer === undefined) return;
    const { customerId, countryOrRegion, tenants } = customer;
    const tenantId = tenants[0]?.tenantId ?? '';
    this.set({
      ...unknownIds,
      ...{ customerId, tenantId, country: countryOrRegion ?? '' },
      customerIds: rows.slice(0, 3).map((row) => row.customerId),
    });
    if (tenantId === '') return;
    const answer = await ask(findUserQuery, { customerId, tenantId });
    const user = ((answer.data ?? { tenant: null }) as FoundUser).tenant?.users?.nodes[0];
    if (user === undefined) return;
    const { id, userId, mail, userPrincipalName } = user;
    this.set({ ...this.get(), nodeId: id, userId, email: mail ?? userPrincipalName ?? '' });
  }
}

export const exampleIds = new IdFinder(unknownIds);
