/** The waterfall: a lane for each endpoint, one tab stop for all bars, and arrow keys between them. */
import { Fragment, useRef, useState, type KeyboardEvent } from 'react';
import { neighbourOf, type Bar, type Lane, type Waterfall } from './waterfall.ts';
import { describe, few, kilobytes, milliseconds, nameOf, percent } from './wording.ts';

export function UpstreamChart({ waterfall }: { readonly waterfall: Waterfall }) {
  const { lanes, ticksMs, durationMs } = waterfall;
  // Only valid for this waterfall: the next has other bars.
  const [choice, setChoice] = useState<{ readonly of: Waterfall; readonly bar: Bar } | null>(null);
  const buttons = useRef(new Map<Bar, HTMLButtonElement>());
  const chosen = choice?.of === waterfall ? choice.bar : null;
  const moveByKey = (event: KeyboardEvent) => {
    const from = chosen ?? lanes[0]?.rows[0]?.[0];
    const next = from === undefined ? null : neighbourOf(lanes, from, event.key);
    if (next === null) return;
    event.preventDefault();
    buttons.current.get(next)?.focus();
  };
  return (
    <>
      <Legend lanes={lanes} />
      <div
        className="upstream-chart"
        role="group"
        aria-label="Calls; the arrow keys move between them"
        onKeyDown={moveByKey}
      >
        <div className="upstream-axis" aria-hidden="true">
          {ticksMs.map((tick) => (
            <span key={tick} style={{ insetInlineStart: percent(tick / durationMs) }}>
              {tick / durationMs > lastLabel ? '' : tick === 0 ? '0' : milliseconds(tick)}
            </span>
          ))}
        </div>
        {lanes.map((lane) => (
          <LaneRows
            key={lane.endpoint}
            lane={lane}
            ticks={ticksMs.map((tick) => tick / durationMs)}
            tabStop={chosen ?? lanes[0]?.rows[0]?.[0] ?? null}
            buttons={buttons.current}
            onChoose={(bar) => {
              setChoice({ of: waterfall, bar });
            }}
          />
        ))}
      </div>
      <Details bar={chosen} />
    </>
  );
}

/** Further along the axis, a label has no room. */
const lastLabel = 0.85;

interface LaneRowsProps {
  readonly lane: Lane;
  readonly ticks: readonly number[];
  /** The only bar that the tab key reaches. */
  readonly tabStop: Bar | null;
  readonly buttons: Map<Bar, HTMLButtonElement>;
  readonly onChoose: (bar: Bar) => void;
}

function LaneRows({ lane: { endpoint, rows }, ticks, tabStop, buttons, onChoose }: LaneRowsProps) {
  return (
    <div className="upstream-lane" role="group" aria-label={nameOf(endpoint)}>
      <p>
        <code>
          {nameOf(endpoint)
            .split(/(?=\/)/)
            .map((part, index) => (
              <Fragment key={index}>
                {index > 1 && <wbr />}
                {part.replace(' ', '\u00a0')}
              </Fragment>
            ))}
        </code>
      </p>
      <div className="upstream-rows">
        {ticks.map((tick) => (
          <i key={tick} style={{ insetInlineStart: percent(tick) }} />
        ))}
        {rows.map((bars, row) => (
          <div key={row} className="upstream-row">
            {bars.map((bar, index) => (
              <button
                key={index}
                ref={(button) => {
                  if (button === null) buttons.delete(bar);
                  else buttons.set(bar, button);
                }}
                type="button"
                tabIndex={bar === tabStop ? 0 : -1}
                className={`upstream-bar ${kindOf(bar)}`}
                style={{ insetInlineStart: percent(bar.start), inlineSize: percent(bar.width) }}
                aria-label={describe(bar)}
                // Not `onMouseEnter`: a bar scrolled beneath a resting pointer would replace the focused one.
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
  ['shared', 'another operation’s call'],
  ['cache', 'from the cache'],
  ['stale', 'from the cache, outdated'],
  ['failed', 'failed'],
] as const;

function kindOf({ request, hasFailed }: Bar): string {
  return hasFailed ? 'failed' : request.source.toLowerCase();
}

function Legend({ lanes }: { readonly lanes: readonly Lane[] }) {
  const kinds = new Set(lanes.flatMap(({ rows }) => rows.flat().map(kindOf)));
  return (
    <ul className="upstream-legend">
      {legend
        .filter(([kind]) => kinds.has(kind))
        .map(([kind, meaning]) => (
          <li key={kind}>
            <span className={`upstream-bar ${kind}`} />
            {meaning}
          </li>
        ))}
    </ul>
  );
}

function Details({ bar }: { readonly bar: Bar | null }) {
  if (bar === null) {
    return (
      <p className="upstream-details upstream-hint">
        Point at a bar, or move to it by the arrow keys, to see what it was for.
      </p>
    );
  }
  const { path, pageIndex, pageSize, keys = [], status, bytes, attempts, fields } = bar.request;
  return (
    <div className="upstream-details" aria-live="polite">
      <p>{describe(bar)}</p>
      <code>{path}</code>
      <dl>
        {pageIndex !== undefined && (
          <Entry name="page">
            {pageIndex}, of {pageSize} rows
          </Entry>
        )}
        {keys.length > 0 && <Entry name="keys">{few(keys)}</Entry>}
        {status !== null && <Entry name="status">{status}</Entry>}
        {bytes !== null && <Entry name="received">{kilobytes(bytes)}</Entry>}
        {attempts > 1 && <Entry name="attempts">{attempts}</Entry>}
        <Entry name="needed for">{few(fields)}</Entry>
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
