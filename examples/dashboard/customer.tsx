/** One customer: its tenants, and who is not protected in each. */
import type { ChangeEvent } from 'react';
import { useApolloClient, useQuery } from '@apollo/client/react';
import { Anchor, Badge, Card, Group, NativeSelect, SimpleGrid, Stack, Text, Title } from '@mantine/core';
import { Link } from 'wouter';
import { Counts, CoverageBar } from './coverage.tsx';
import { CustomerDocument, TenantUsersDocument, type CustomerQuery } from './generated/operations.ts';
import {
  count,
  jobNames,
  managementNames,
  moduleNames,
  number,
  shareOf,
  stateNames,
  stateColors,
} from './names.ts';
import { Details, focus, Loading, More, Problems, Search } from './parts.tsx';
import { useFilters } from './use-filters.ts';
import { moduleOptions, showOptions, userFilterOf } from './user-filter.ts';

type Customer = NonNullable<CustomerQuery['customer']>;
type Tenant = Customer['tenants'][number];
type User = NonNullable<Tenant['users']>['edges'][number]['node'];

export function CustomerPage({ customerId }: { customerId: string }) {
  const [filters] = useFilters();
  const variables = { customerId, filter: userFilterOf(filters) };
  const { data, previousData, error, loading, refetch } = useQuery(CustomerDocument, {
    variables,
    errorPolicy: 'all',
  });
  const customer = (data ?? previousData)?.customer;
  return (
    <Stack gap="lg">
      <Link href="/" asChild>
        <Anchor size="sm">← All customers</Anchor>
      </Link>
      <Problems error={error} missing={customer?.protectionSummary?.missing} retry={refetch} />
      {!customer && loading && <Loading what="the customer" />}
      {customer === null && <Text>There is no such customer, or it could not be read.</Text>}
      {customer && (
        <>
          <Facts customer={customer} />
          <Filters />
          {customer.tenants.map((tenant) => (
            <TenantCard
              key={tenant.id}
              tenant={tenant}
              variables={variables}
              isCurrent={data !== undefined}
            />
          ))}
          {customer.tenants.length === 0 && <Text>This customer has no tenants.</Text>}
        </>
      )}
    </Stack>
  );
}

function Facts({ customer }: { customer: Customer }) {
  const { organization, ownerEmail, countryOrRegion, jobStatus, managementMode, protectionSummary } =
    customer;
  const management = managementMode && managementNames[managementMode];
  const name = organization ?? 'Customer without a name';
  return (
    <Card>
      <title>{`Protection of ${name}`}</title>
      <Group justify="space-between" align="baseline">
        <Title tabIndex={-1} ref={focus}>
          {name}
        </Title>
        <Text fz="h2" fw={700}>
          {shareOf(protectionSummary)}
        </Text>
      </Group>
      <Details of={[countryOrRegion, ownerEmail, management, jobStatus && jobNames[jobStatus]]} />
      {protectionSummary && (
        <Stack mt="md" gap={0}>
          <CoverageBar numbers={protectionSummary} size={16} />
          <Counts numbers={protectionSummary} />
        </Stack>
      )}
    </Card>
  );
}

function Filters() {
  const [filters, setFilter] = useFilters();
  const field = (name: string) => ({
    value: filters.get(name) ?? '',
    onChange: (event: ChangeEvent<HTMLSelectElement>) => {
      setFilter(name, event.target.value);
    },
  });
  return (
    <SimpleGrid component="search" cols={{ base: 1, sm: 3 }}>
      <Search label="Search users" />
      <NativeSelect label="Protection" data={showOptions} {...field('show')} />
      <NativeSelect label="Unprotected module" data={moduleOptions} {...field('module')} />
    </SimpleGrid>
  );
}

interface TenantProps {
  readonly tenant: Tenant;
  readonly variables: { readonly customerId: string; readonly filter: object };
  /** Whether the users are those of the filter, and not of the one before. */
  readonly isCurrent: boolean;
}

function TenantCard({ tenant, variables, isCurrent }: TenantProps) {
  const { tenantId, name, protectionSummary, users } = tenant;
  const apollo = useApolloClient();
  const more = () =>
    apollo.query({
      query: TenantUsersDocument,
      variables: { ...variables, tenantId, after: users?.pageInfo.endCursor },
      fetchPolicy: 'network-only',
      errorPolicy: 'all',
    });
  return (
    <Card component="section" aria-label={name ?? tenantId}>
      <Group justify="space-between" align="baseline" mb="sm">
        <Title order={2}>{name ?? tenantId}</Title>
        <Text c="dimmed">{shareOf(protectionSummary)}</Text>
      </Group>
      {users === null && <Text>The users of this tenant could not be read.</Text>}
      {users?.edges.length === 0 && <Text>No user matches.</Text>}
      {users && users.edges.length > 0 && (
        <>
          <ul className="rows" aria-busy={!isCurrent}>
            {users.edges.map(({ node }) => (
              <UserRow key={node.id} user={node} />
            ))}
          </ul>
          <More
            label="More users"
            shown={`${number(users.edges.length)} of ${count(users.totalCount, 'user')}`}
            hasMore={users.pageInfo.hasNextPage && isCurrent}
            load={more}
          />
        </>
      )}
    </Card>
  );
}

function UserRow({ user }: { user: User }) {
  const { displayName, mail, userPrincipalName, jobTitle, protection, protectionState } = user;
  const gaps = protection?.modules.filter(({ isProtected }) => isProtected !== true) ?? [];
  return (
    <li className="user">
      <div>
        <Text fw={550}>{displayName ?? userPrincipalName}</Text>
        <Details of={[mail ?? userPrincipalName, jobTitle]} />
      </div>
      <Group gap="xs">
        {gaps.length > 0 && (
          <Text size="sm">Without {gaps.map(({ module }) => moduleNames[module]).join(', ')}</Text>
        )}
        <Badge variant="dot" color={protectionState === null ? 'red' : stateColors[protectionState]}>
          {protectionState === null ? 'Could not be read' : stateNames[protectionState]}
        </Badge>
      </Group>
    </li>
  );
}
