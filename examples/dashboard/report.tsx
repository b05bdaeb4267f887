/** The live report: every tenant as it is read, and the totals at the end. */
import { Button, Card, Group, Progress, Stack, Text, Title } from '@mantine/core';
import { Counts, CoverageBar, CoverageRow } from './coverage.tsx';
import { count, number, percent, shareOf, statusTexts, time } from './names.ts';
import { Details, focus, Problems } from './parts.tsx';
import { useReport, type Report } from './use-report.ts';

export function ReportPage() {
  const { report, start, stop } = useReport();
  const { status, progress, totals, worst, missing, error } = report;
  const isRunning = status === 'running';
  return (
    <Stack gap="lg">
      <title>Live report</title>
      <Group justify="space-between">
        <div>
          <Title tabIndex={-1} ref={focus}>
            Live report
          </Title>
          <Text c="dimmed" role="status">
            {statusTexts[status]}
          </Text>
        </div>
        <Button variant={isRunning ? 'default' : 'filled'} onClick={isRunning ? stop : () => void start()}>
          {isRunning ? 'Stop' : 'Start the report'}
        </Button>
      </Group>
      <Problems error={error} />
      <Problems missing={missing} />
      {progress && <ReportProgress progress={progress} />}
      {totals && <Totals totals={totals} />}
      {worst.length > 0 && (
        <Card component="section" aria-label="Tenants">
          <Title order={2} mb="sm">
            Tenants with the least coverage
          </Title>
          <ul className="rows">
            {worst.map(({ customerId, tenantId, organization, name, summary }) => (
              <CoverageRow
                key={`${customerId} ${tenantId}`}
                customerId={customerId}
                name={name ?? tenantId}
                details={[organization]}
                numbers={summary}
              />
            ))}
          </ul>
        </Card>
      )}
    </Stack>
  );
}

function ReportProgress({ progress }: { progress: NonNullable<Report['progress']> }) {
  const { tenantsDone, tenantsTotal, usersDone, usersTotal, secondsElapsed, secondsLeft } = progress;
  const share = tenantsTotal === 0 ? 1 : tenantsDone / tenantsTotal;
  const isOver = tenantsDone === tenantsTotal;
  return (
    <Card component="section" aria-label="Progress">
      <Group justify="space-between">
        <Text fw={650}>
          {number(tenantsDone)} of {count(tenantsTotal, 'tenant')}
        </Text>
        <Text>{percent(share)}</Text>
      </Group>
      <Progress value={share * 100} size="lg" my="sm" aria-label="Tenants read" />
      <Details
        of={[
          usersTotal === null || isOver
            ? count(usersDone, 'user')
            : `${number(usersDone)} of about ${count(usersTotal, 'user')}`,
          `${secondsElapsed.toFixed(1)} seconds`,
          secondsLeft !== null && !isOver && `about ${count(Math.ceil(secondsLeft), 'second')} left`,
        ]}
      />
    </Card>
  );
}

function Totals({ totals }: { totals: NonNullable<Report['totals']> }) {
  return (
    <Card component="section" aria-label="Totals">
      <Group justify="space-between" align="baseline" mb="sm">
        <Title order={2}>
          {shareOf(totals)} of {count(totals.userCount, 'user')} protected
        </Title>
        <Details of={[totals.asOf !== null && `As of ${time(totals.asOf)}`]} />
      </Group>
      <CoverageBar numbers={totals} size={16} />
      <Counts numbers={totals} />
    </Card>
  );
}
