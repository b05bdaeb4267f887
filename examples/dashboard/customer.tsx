/** One customer: its tenants, and who is not protected in each. */
import type { ChangeEvent } from 'react';
import { useApolloClient, useQuery } from '@apollo/client/react';
import {
  Anchor,
  Badge,
  Button,
  Card,
  Group,
  NativeSelect,
  SimpleGrid,
  Stack,
  Table,
  Text,
  Title,
} from '@mantine/core';
import { Link } from 'wouter';
import { Counts, CoverageBar, CoverageBars } from './coverage.tsx';
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
import { Details, focus, Loading, More, Problems, Search, WhoCounts } from './parts.tsx';
import { pathWith, useFilters } from './use-filters.ts';
import { countedUsersOf, exportUrlOf, moduleOptions, showOptions, userFilterOf } from './user-filter.ts';

type Customer = NonNullable<CustomerQuery['customer']>;
type Tenant = Customer['tenants'][number];
type User = NonNullable<Tenant['users']>['edges'][number]['node'];

export function CustomerPage({ customerId }: { customerId: string }) {
  const [filters] = useFilters();
  const filter = userFilterOf(filters);
  const variables = { customerId, filter, users: countedUsersOf(filters) };
  const { data, previousData, error, loading, refetch } = useQuery(CustomerDocument, {
    variables,
    errorPolicy: 'all',
  });
  const customer = (data ?? previousData)?.customer;
  return (
    <Stack gap="lg">
      <Link href={pathWith('/', filters)} asChild>
        <Anchor size="sm">← All customers</Anchor>
      </Link>
      <Problems error={error} missing={customer?.protectionSummary?.missing} retry={refetch} />
      {!customer && loading && <Loading what="the customer" />}
      {customer === null && <Text>There is no such customer, or it could not be read.</Text>}
      {customer && (
        <>
          <Facts customer={customer} />
          <Departments groups={customer.protectionSummary?.groups} />
          <Filters />
          <Group justify="end">
            <Button component="a" variant="default" href={exportUrlOf(customerId, filter)} download>
              Export as CSV
            </Button>
          </Group>
          {customer.tenants.map((tenant) => (
            <TenantCard
              key={tenant.id}
              tenant={tenant}
              variables={{ customerId, filter }}
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

type Groups = NonNullable<NonNullable<Customer['protectionSummary']>['groups']>;

function Departments({ groups }: { groups: Groups | null | undefined }) {
  if (!groups || groups.nodes.length === 0) return null;
  const { nodes, totalCount } = groups;
  const worstFirst = nodes.toSorted((one, other) => (one.coverage ?? 1) - (other.coverage ?? 1));
  const rows = worstFirst.map((numbers) => ({ name: numbers.value ?? 'Without a department', numbers }));
  return (
    <Card component="section" aria-label="Departments">
      <Title order={2}>Departments, worst first</Title>
      <Details
        of={[nodes.length < totalCount && `The ${number(nodes.length)} largest of ${number(totalCount)}`]}
      />
      <SimpleGrid cols={{ base: 1, md: 2 }} spacing="lg" mt="sm">
        <CoverageBars label="Coverage of departments as bars; the table has the numbers" bars={rows} />
        <Table aria-label="Departments in numbers">
          <Table.Thead>
            <Table.Tr>
              <Table.Th>Department</Table.Th>
              <Table.Th ta="end">Protected</Table.Th>
              <Table.Th ta="end">Coverage</Table.Th>
            </Table.Tr>
          </Table.Thead>
          <Table.Tbody>
            {rows.map(({ name, numbers }) => (
              <Table.Tr key={numbers.value}>
                <Table.Th scope="row">{name}</Table.Th>
                <Table.Td ta="end">
                  {number(numbers.protectedCount)} of {number(numbers.userCount)}
                </Table.Td>
                <Table.Td ta="end">{shareOf(numbers)}</Table.Td>
              </Table.Tr>
            ))}
          </Table.Tbody>
        </Table>
      </SimpleGrid>
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
    <SimpleGrid component="search" cols={{ base: 1, sm: 2, md: 4 }}>
      <WhoCounts />
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
