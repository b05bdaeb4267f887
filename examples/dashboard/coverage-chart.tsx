/** Bars of coverage, one for each name. What they show is beside them as text, so that nothing depends on seeing them. */
import { useMediaQuery } from '@mantine/hooks';
import { Bar, BarChart, ResponsiveContainer, Tooltip, XAxis, YAxis } from 'recharts';
import { countsOf, percent, stateColors, stateNames, type Numbers } from './names.ts';

export interface CoverageBarData {
  readonly name: string;
  readonly numbers: Numbers;
}

const barHeight = 30;
const axisHeight = 40;
/** Two lines of the narrow axis. */
const maxNameLength = 30;
const tick = { fill: 'var(--mantine-color-text)', fontSize: 12 };

export default function CoverageChart({ bars }: { bars: readonly CoverageBarData[] }) {
  const isWide = useMediaQuery('(min-width: 48em)');
  const data = bars.map(({ numbers }, index) => ({
    index,
    ...Object.fromEntries(countsOf(numbers).map(([state, users]) => [state, users / numbers.userCount])),
  }));
  const states = bars[0] === undefined ? [] : countsOf(bars[0].numbers).map(([state]) => state);
  const nameOf = (index: number) => bars[index]?.name ?? '';
  const short = (name: string) =>
    name.length > maxNameLength ? `${name.slice(0, maxNameLength - 1)}…` : name;
  return (
    <ResponsiveContainer width="100%" height={bars.length * barHeight + axisHeight}>
      <BarChart data={data} layout="vertical" accessibilityLayer={false} margin={{ right: 16 }}>
        <XAxis
          tick={tick}
          type="number"
          domain={[0, 1]}
          ticks={[0, 0.5, 1]}
          tickFormatter={(share: number) => `${Math.round(share * 100)}%`}
        />
        <YAxis
          type="category"
          dataKey="index"
          width={isWide ? 190 : 120}
          tick={tick}
          interval={0}
          tickLine={false}
          tickFormatter={(index: number) => short(nameOf(index))}
        />
        <Tooltip
          isAnimationActive={false}
          cursor={{ fill: 'var(--mantine-color-default-hover)' }}
          labelFormatter={(index) => nameOf(Number(index))}
          formatter={(share) => percent(Number(share))}
        />
        {states.map((state) => (
          <Bar
            key={state}
            dataKey={state}
            name={stateNames[state]}
            stackId="states"
            barSize={14}
            isAnimationActive={false}
            fill={`var(--mantine-color-${stateColors[state].replace('.', '-')})`}
          />
        ))}
      </BarChart>
    </ResponsiveContainer>
  );
}
