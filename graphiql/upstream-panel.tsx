/** Upstream calls of the last operation: a waterfall for a query, progress for a subscription. */
import type { GraphiQLPlugin } from '@graphiql/react';
import { useMemo } from 'react';
import type { Explanation } from '../src/server/observability/explain.ts';
import { lastOperation, type LastOperation } from './last-operation.ts';
import { useValue } from './store.ts';
import { UpstreamChart } from './upstream-chart.tsx';
import { createWaterfall, type Totals } from './waterfall.ts';
import { kilobytes, milliseconds } from './wording.ts';
import './upstream-panel.css';

export const upstreamPanel: GraphiQLPlugin = {
  title: 'Upstream calls',
  icon: () => (
    <svg viewBox="0 0 16 16" fill="none" stroke="currentColor" strokeWidth="1.5" strokeLinecap="round">
      <path d="M1.5 3h5M5 8h6M9 13h5.5" />
    </svg>
  ),
  content: UpstreamPanel,
};

function UpstreamPanel() {
  const operation = useValue(lastOperation);
  return (
    <section className="upstream" aria-label="Upstream calls">
      <h2>Upstream calls</h2>
      {operation === null ? (
        <p className="upstream-hint">
          Press the play button: the calls of the API behind the answer are drawn here.
        </p>
      ) : (
        <>
          <p className="upstream-operation">
            of <code>{operation.name}</code>
            {operation.isRunning && ', which is running'}
          </p>
          {operation.wasRefused ? (
            <p className="upstream-hint">None: it was refused.</p>
          ) : operation.kind === 'subscription' ? (
            <Progress operation={operation} />
          ) : operation.explanation === null ? (
            <p className="upstream-hint">
              {operation.isRunning
                ? 'Waiting for the answer.'
                : 'The answer does not say which calls it took.'}
            </p>
          ) : (
            <Calls explanation={operation.explanation} />
          )}
        </>
      )}
    </section>
  );
}

/** Subscriptions have no explanation: they make calls as long as they run. */
function Progress({ operation: { progress, isRunning } }: { readonly operation: LastOperation }) {
  const { calls, tenantsDone, tenantsTotal } = progress ?? {};
  if (calls === undefined && tenantsDone === undefined) {
    return (
      <p className="upstream-hint">
        A subscription counts its calls in its results, if it selects <code>{'progress { calls }'}</code>.
      </p>
    );
  }
  const entries = [
    ['Calls', calls],
    ['Tenants read', tenantsDone],
    ['Tenants in all', tenantsTotal],
  ] as const;
  return (
    <>
      <Tiles entries={entries.flatMap(([name, value]) => (value === undefined ? [] : [[name, value]]))} />
      {tenantsDone !== undefined && tenantsTotal !== undefined && (
        <progress
          className="upstream-progress"
          aria-label="Tenants read"
          value={tenantsDone}
          max={tenantsTotal}
        />
      )}
      <p className="upstream-hint">
        A subscription makes its calls as long as it runs, and has no picture of them
        {isRunning ? '.' : '. This one has ended.'}
      </p>
    </>
  );
}

function Calls({ explanation }: { readonly explanation: Explanation }) {
  const waterfall = useMemo(() => createWaterfall(explanation), [explanation]);
  const { lanes, totals, durationMs } = waterfall;
  if (lanes.length === 0) return <p className="upstream-hint">The answer needed nothing of the API.</p>;
  return (
    <>
      <Tiles entries={entriesOf(totals, durationMs)} />
      <UpstreamChart waterfall={waterfall} />
      {explanation.unlisted > 0 && (
        <p className="upstream-hint">{explanation.unlisted} more are counted and not drawn.</p>
      )}
    </>
  );
}

type Entry = readonly [name: string, value: string | number];

function entriesOf({ calls, roundTrips, cached, shared, stale, bytes }: Totals, durationMs: number): Entry[] {
  return [
    ['Calls', calls],
    ['Round trips', roundTrips],
    ['From the cache', cached],
    ...(shared > 0 ? [['Shared', shared] as const] : []),
    ...(stale > 0 ? [['Outdated', stale] as const] : []),
    ['Time', milliseconds(durationMs)],
    ['Received', kilobytes(bytes)],
  ];
}

function Tiles({ entries }: { readonly entries: readonly Entry[] }) {
  return (
    <dl className="upstream-totals">
      {entries.map(([name, value]) => (
        <div key={name}>
          <dt>{name}</dt>
          <dd>{value}</dd>
        </div>
      ))}
    </dl>
  );
}
