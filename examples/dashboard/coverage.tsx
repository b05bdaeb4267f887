/** How well users are protected, as a bar, as numbers, and as a row of a list. */
import { Anchor, Progress, Text, ThemeIcon } from '@mantine/core';
import { Link } from 'wouter';
import { count, countsOf, number, percent, shareOf, stateColors, stateNames, type Numbers } from './names.ts';
import { Details } from './parts.tsx';

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
}

export function CoverageRow({ customerId, name, details, numbers }: RowProps) {
  return (
    <li className="coverage">
      <div>
        <Link href={`/customers/${encodeURIComponent(customerId)}`} asChild>
          <Anchor c="inherit" fw={600} className="whole-row">
            {name}
          </Anchor>
        </Link>
        <Details of={details} />
      </div>
      {numbers && <CoverageBar numbers={numbers} />}
      <div className="share">
        <Text fw={650}>{shareOf(numbers)}</Text>
        <Details of={[numbers && count(numbers.userCount, 'user')]} />
      </div>
    </li>
  );
}
