import { useQuery } from '@apollo/client/react';
import { DashboardDocument, type DashboardQuery } from 'elements-graph-client';

type Customer = NonNullable<DashboardQuery['customers']>['nodes'][number];
type Tenant = Customer['tenants'][number];
type User = NonNullable<Tenant['users']>['nodes'][number];

export function Dashboard() {
  // Where a part of the upstream fails, the rest is shown, and what is missing is said.
  const { data, error, loading, fetchMore } = useQuery(DashboardDocument, { errorPolicy: 'all' });
  const customers = data?.customers;
  return (
    <main>
      <h1>Protection</h1>
      {error !== undefined && <p role="alert">Some data is missing: {error.message}</p>}
      {loading && <p role="status">Loading…</p>}
      {customers?.nodes.map((customer) => (
        <CustomerSection key={customer.id} customer={customer} />
      ))}
      {customers?.pageInfo.hasNextPage === true && (
        <button
          type="button"
          onClick={() => void fetchMore({ variables: { after: customers.pageInfo.endCursor } })}
        >
          More customers
        </button>
      )}
    </main>
  );
}

function CustomerSection({ customer }: { readonly customer: Customer }) {
  return (
    <section>
      <h2>{customer.organization ?? customer.customerId}</h2>
      <p>{[customer.countryOrRegion, customer.jobStatus].filter(Boolean).join(' · ')}</p>
      {customer.tenants.map((tenant) => (
        <TenantTable key={tenant.id} tenant={tenant} />
      ))}
    </section>
  );
}

function TenantTable({ tenant }: { readonly tenant: Tenant }) {
  const users = tenant.users?.nodes ?? [];
  return (
    <table>
      <caption>
        {tenant.name} ({users.length} of {tenant.users?.totalCount ?? '?'} users)
      </caption>
      <thead>
        <tr>
          <th scope="col">User</th>
          <th scope="col">Mail</th>
          <th scope="col">Protection</th>
        </tr>
      </thead>
      <tbody>
        {users.map((user) => (
          <tr key={user.id}>
            <td>{user.displayName}</td>
            <td>{user.mail ?? user.userPrincipalName}</td>
            <td>{protectionOf(user)}</td>
          </tr>
        ))}
      </tbody>
    </table>
  );
}

function protectionOf({ protection }: User): string {
  if (protection === null) return 'not known to the backup';
  if (protection.isProtected) return 'protected';
  const missing = protection.modules.filter(({ isProtected }) => isProtected !== true);
  return `unprotected: ${missing.map(({ module }) => module).join(', ')}`;
}
