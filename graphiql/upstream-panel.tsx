/** The upstream calls of the last operation as a waterfall. */
import type { GraphiQLPlugin } from '@graphiql/react';
import { useState, useSyncExternalStore } from 'react';
import { lastExplanation } from './last-explanation.ts';
import { createWaterfall, type Bar, type Lane, type Totals } from './waterfall.ts';
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
  const explanation = useSyncExternalStore(lastExplanation.subscribe, lastExplanation.get);
  // Of this explanation alone: the next one has other calls.
  const [chosen, choose] = useState<{ readonly of: object; readonly bar: Bar } | null>(null);
  if (explanation === null) {
    return (
      <section className="upstream" aria-label="Upstream calls">
        <h2>Upstream calls</h2>
        <p className="upstream-hint">
          Run an operation: the calls of the upstream behind its answer are drawn here.
        </p>
      </section>
    );
  }
  const { lanes, durationMs, ticksMs, totals } = createWaterfall(explanation);
  const bar = chosen?.of === explanation ? chosen.bar : null;
  return (
    <section className="upstream" aria-label="Upstream calls">
      <h2>Upstream calls</h2>
      <TotalsList totals={totals} durationMs={durationMs} />
      {lanes.length === 0 ? (
        <p className="upstream-hint">Nothing of the upstream was needed.</p>
      ) : (
        <div className="upstream-chart">
          <Legend />
          <div className="upstream-axis" aria-hidden="true">
            {ticksMs.map((tick) => (
              <span key={tick} style={{ insetInlineStart: percent(tick / durationMs) }}>
                {tick / durationMs > lastLabel ? '' : tick === 0 ? '0' : `${tick} ms`}
              </span>
            ))}
          </div>
          {lanes.map((lane) => (
            <LaneRows
              key={lane.endpoint}
              lane={lane}
              ticks={ticksMs.map((tick) => tick / durationMs)}
              onChoose={(each) => {
                choose({ of: explanation, bar: each });
              }}
            />
          ))}
        </div>
      )}
      <Details bar={bar} />
    </section>
  );
}

/** Farther to the end of the axis there is no room for a label. */
const lastLabel = 0.88;

function TotalsList({ totals, durationMs }: { readonly totals: Totals; readonly durationMs: number }) {
  const { calls, roundTrips, fromMemory, shared, stale, bytes } = totals;
  const entries: readonly (readonly [string, string | number])[] = [
    ['calls', calls],
    ['round trips', roundTrips],
    ['from memory', fromMemory],
    ['shared', shared],
    ['stale', stale],
    ['until the last', milliseconds(durationMs)],
    ['received', kilobytes(bytes)],
  ];
  return (
    <dl className="upstream-totals">
      {entries.map(([name, value]) => (
        <div key={name}>
          <dd>{value}</dd>
          <dt>{name}</dt>
        </div>
      ))}
    </dl>
  );
}

interface LaneRowsProps {
  readonly lane: Lane;
  readonly ticks: readonly number[];
  readonly onChoose: (bar: Bar) => void;
}

function LaneRows({ lane: { endpoint, rows }, ticks, onChoose }: LaneRowsProps) {
  return (
    <div className="upstream-lane" role="group" aria-label={endpoint}>
      <p title={endpoint}>{shortName(endpoint)}</p>
      <div className="upstream-rows">
        {ticks.map((tick) => (
          <i key={tick} style={{ insetInlineStart: percent(tick) }} />
        ))}
        {rows.map((bars, row) => (
          <div key={row} className="upstream-row">
            {bars.map((bar, index) => (
              <button
                key={index}
                type="button"
                className={`upstream-bar ${bar.hasFailed ? 'failed' : bar.request.source.toLowerCase()}`}
                style={{ insetInlineStart: percent(bar.start), inlineSize: percent(bar.width) }}
                aria-label={describe(bar)}
                // Not `onMouseEnter`: what scrolls beneath a pointer that rests would take the place of what has the focus.
                onMouseMove={() => {
                  onChoose(bar);
                }}
                onFocus={() => {
                  onChoose(bar);
                }}
              />
            ))}
          </div>
        ))}
      </div>
    </div>
  );
}

const legend = [
  ['call', 'called'],
  ['shared', 'shared flight'],
  ['cache', 'from memory'],
  ['stale', 'stale'],
  ['failed', 'failed'],
] as const;

function Legend() {
  return (
    <ul className="upstream-legend">
      {legend.map(([source, meaning]) => (
        <li key={source}>
          <span className={`upstream-bar ${source}`} />
          {meaning}
        </li>
      ))}
    </ul>
  );
}

const mostShown = 12;

function Details({ bar }: { readonly bar: Bar | null }) {
  if (bar === null) {
    return <p className="upstream-details upstream-hint">Point at a call to see what it was for.</p>;
  }
  const { request } = bar;
  const { path, pageIndex, pageSize, keys = [], status, bytes, attempts, fields } = request;
  return (
    <div className="upstream-details" aria-live="polite">
      <p>{describe(bar)}</p>
      <code>{path}</code>
      <dl>
        {pageIndex !== undefined && (
          <Entry name="page">
            {pageIndex} of {pageSize} rows each
          </Entry>
        )}
        {keys.length > 0 && <Entry name="keys">{few(keys)}</Entry>}
        {status !== null && <Entry name="status">{status}</Entry>}
        {bytes !== null && <Entry name="received">{kilobytes(bytes)}</Entry>}
        {attempts > 1 && <Entry name="attempts">{attempts}</Entry>}
        <Entry name="for">{few(fields)}</Entry>
      </dl>
    </div>
  );
}

function Entry({ name, children }: { readonly name: string; readonly children: React.ReactNode }) {
  return (
    <div>
      <dt>{name}</dt>
      <dd>{children}</dd>
    </div>
  );
}

const sourceNames = {
  CALL: 'Called',
  SHARED: 'Shared flight',
  CACHE: 'From memory',
  STALE: 'Stale, from memory',
};

function describe({ request: { source, endpoint, startMs, durationMs }, hasFailed }: Bar): string {
  const isRead = source === 'CALL' || source === 'SHARED';
  const what = `${sourceNames[source]}${hasFailed ? ', failed' : ''}: ${shortName(endpoint)}`;
  return isRead ? `${what}, ${milliseconds(durationMs)} from ${milliseconds(startMs)} on` : what;
}

function few(texts: readonly string[]): string {
  const more = texts.length - mostShown;
  return [...texts.slice(0, mostShown), ...(more > 0 ? [`and ${more} more`] : [])].join(', ');
}

/** What tells the endpoints apart: the words behind the version. */
function shortName(endpoint: string): string {
  const words = endpoint
    .replace(/^\w+ \/partner\/(external\/v\d+\/)?/, '')
    .split('/')
    .filter((word) => word !== 'batch' && !word.startsWith('{') && word !== 'general' && word !== 'um');
  return words.includes('cloud-backup-m365') ? 'protection' : (words.at(-1) ?? endpoint);
}

function milliseconds(value: number): string {
  return `${value < 10 ? value.toFixed(1) : Math.round(value)} ms`;
}

function kilobytes(value: number): string {
  return value < 1000 ? `${value} B` : `${(value / 1000).toFixed(value < 10_000 ? 1 : 0)} kB`;
}

function percent(share: number): string {
  return `${share * 100}%`;
}
