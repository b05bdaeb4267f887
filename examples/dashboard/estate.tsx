/** The first view: all customers in numbers, and one by one, the worst protected first. */
import { useQuery } from '@apollo/client/react';
import { Card, Group, Progress, RingProgress, SimpleGrid, Stack, Text, Title } from '@mantine/core';
import { Counts, CoverageBars, CoverageRow } from './coverage.tsx';
import { CustomersDocument, EstateDocument, type EstateQuery } from './generated/operations.ts';
import { count, jobNames, moduleNames, number, shareOf, time } from './names.ts';
import { Details, Loading, More, Problems, Search, WhoCounts } from './parts.tsx';
import { useFilters } from './use-filters.ts';
import { countedUsersOf } from './user-filter.ts';

type Summary = NonNullable<EstateQuery['protectionSummary']>;

export function EstatePage() {
  // If a part of the upstream fails, the rest is shown.
  const [filters] = useFilters();
  const { data, previousData, error, loading, refetch } = useQuery(EstateDocument, {
    variables: { users: countedUsersOf(filters) },
    errorPolicy: 'all',
  });
  const summary = (data ?? previousData)?.protectionSummary;
  return (
    <Stack gap="lg">
      <title>Protection of all customers</title>
      <Group justify="space-between" align="end">
        <div>
          <Title>Protection today</Title>
          <Details of={[summary?.asOf && `As of ${time(summary.asOf)}`]} />
        </div>
        <WhoCounts />
      </Group>
      <Problems error={error} missing={summary?.missing} retry={refetch} />
      {!summary && loading && <Loading what="all customers" />}
      {summary && (
        <SimpleGrid cols={{ base: 1, md: 2 }} spacing="lg">
          <Headline summary={summary} />
          <Modules modules={summary.modules} />
        </SimpleGrid>
      )}
      <Customers />
    </Stack>
  );
}

function Headline({ summary }: { summary: Summary }) {
  const sections = [{ value: 100 * (summary.coverage ?? 0), color: 'teal.6' }];
  const label = (
    <Text ta="center" fz={24} fw={700}>
      {shareOf(summary)}
    </Text>
  );
  return (
    <Card component="section" aria-label="All customers">
      <div className="headline">
        <RingProgress size={160} thickness={15} roundCaps aria-hidden sections={sections} label={label} />
        <div>
          <Title order={2}>
            {number(summary.protectedCount)} of {count(summary.userCount, 'user')} protected
          </Title>
          <Counts numbers={summary} />
        </div>
      </div>
    </Card>
  );
}

function Modules({ modules }: { modules: Summary['modules'] }) {
  return (
    <Card component="section" aria-label="Modules">
      <Title order={2} mb="md">
        By module
      </Title>
      <Stack gap="sm">
        {modules.map(({ module, moduleCode, protectedCount: done, unprotectedCount }) => (
          <div key={moduleCode}>
            <Group justify="space-between">
              <Text size="sm">{moduleNames[module]}</Text>
              <Details of={[`${number(done)} of ${number(done + unprotectedCount)}`]} />
            </Group>
            <Progress
              value={(100 * done) / Math.max(done + unprotectedCount, 1)}
              color="teal.6"
              aria-label={moduleNames[module]}
            />
          </div>
        ))}
      </Stack>
    </Card>
  );
}

function Customers() {
  const [filters] = useFilters();
  const search = filters.get('search') ?? '';
  const { data, previousData, error, loading, refetch, fetchMore } = useQuery(CustomersDocument, {
    variables: { filter: { search }, users: countedUsersOf(filters) },
    errorPolicy: 'all',
  });
  const customers = (data ?? previousData)?.customers;
  return (
    <Card component="section" aria-label="Customers">
      <Group justify="space-between" align="end" mb="md">
        <div>
          <Title order={2}>Customers, worst first</Title>
          <Details of={['By the share of users with every module protected']} />
        </div>
        <Search label="Search customers" />
      </Group>
      <Problems error={error} retry={refetch} />
      {!customers && loading && <Loading what="the customers" />}
      {customers?.edges.length === 0 && <Text>No customer matches.</Text>}
      {customers && customers.edges.length > 0 && (
        <>
          <CoverageBars
            label="Coverage of these customers as bars, worst first; the list below has the numbers"
            bars={customers.edges.flatMap(({ node: { customerId, organization, protectionSummary } }) =>
              protectionSummary ? [{ name: organization ?? customerId, numbers: protectionSummary }] : [],
            )}
          />
          <ul className="rows" aria-busy={loading}>
            {customers.edges.map(
              ({ node: { customerId, organization, countryOrRegion, jobStatus, ...node } }) => (
                <CoverageRow
                  key={node.id}
                  customerId={customerId}
                  name={organization ?? customerId}
                  details={[
                    countryOrRegion,
                    jobStatus && jobNames[jobStatus],
                    node.protectionSummary?.isComplete === false && 'Not all tenants could be read',
                  ]}
                  numbers={node.protectionSummary}
                  hasBar={false}
                />
              ),
            )}
          </ul>
          <More
            label="More customers"
            shown={`${number(customers.edges.length)} of ${count(customers.totalCount, 'customer')}`}
            hasMore={customers.pageInfo.hasNextPage && data !== undefined}
            load={() => fetchMore({ variables: { after: customers.pageInfo.endCursor }, errorPolicy: 'all' })}
          />
        </>
      )}
    </Card>
  );
}
