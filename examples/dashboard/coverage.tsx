/** How well users are protected, as a bar, as numbers, and as a row of a list. */
import { lazy, Suspense } from 'react';
import { Anchor, Progress, Text, ThemeIcon } from '@mantine/core';
import { Link } from 'wouter';
import { count, countsOf, number, percent, shareOf, stateColors, stateNames, type Numbers } from './names.ts';
import type { CoverageBarData } from './coverage-chart.tsx';
import { Details } from './parts.tsx';
import { pathWith, useFilters } from './use-filters.ts';

/** Loaded on its own, since the library of charts is as large as the rest of the page. */
const CoverageChart = lazy(() => import('./coverage-chart.tsx'));

/** @param label says where the same numbers are as text */
export function CoverageBars({ bars, label }: { bars: readonly CoverageBarData[]; label: string }) {
  const counted = bars.filter(({ numbers }) => numbers.userCount > 0);
  return (
    <div className="chart" role="img" aria-label={label}>
      <Suspense>
        <CoverageChart bars={counted} />
      </Suspense>
    </div>
  );
}

export function CoverageBar({ numbers, size = 12 }: { numbers: Numbers; size?: number }) {
  const all = Math.max(numbers.userCount, 1);
  const counts = countsOf(numbers);
  const label = counts.map(([state, users]) => `${stateNames[state]}: ${number(users)}`).join(', ');
  return (
    <Progress.Root size={size} role="img" aria-label={label}>
      {counts.map(([state, users]) => (
        <Progress.Section
          key={state}
          withAria={false}
          value={(100 * users) / all}
          color={stateColors[state]}
        />
      ))}
    </Progress.Root>
  );
}

export function Counts({ numbers }: { numbers: Numbers }) {
  const all = Math.max(numbers.userCount, 1);
  return (
    <dl className="counts">
      {countsOf(numbers).map(([state, users]) => (
        <div key={state}>
          <dt>
            <ThemeIcon component="span" size={10} radius="xl" color={stateColors[state]} />
            {stateNames[state]}
          </dt>
          <dd>
            {number(users)} <small>{percent(users / all)}</small>
          </dd>
        </div>
      ))}
    </dl>
  );
}

interface RowProps {
  readonly customerId: string;
  readonly name: string;
  readonly details: readonly unknown[];
  readonly numbers: Numbers | null;
  /** False beside a chart that has the bars. */
  readonly hasBar?: boolean;
}

export function CoverageRow({ customerId, name, details, numbers, hasBar = true }: RowProps) {
  const [filters] = useFilters();
  return (
    <li className="coverage">
      <div>
        <Link href={pathWith(`/customers/${encodeURIComponent(customerId)}`, filters)} asChild>
          <Anchor c="inherit" fw={600} className="whole-row">
            {name}
          </Anchor>
        </Link>
        <Details of={details} />
      </div>
      {hasBar && numbers && <CoverageBar numbers={numbers} />}
      <div className="share">
        <Text fw={650}>{shareOf(numbers)}</Text>
        <Details of={[numbers && count(numbers.userCount, 'user')]} />
      </div>
    </li>
  );
}
