/** The state of a live report, event by event. */
import { useEffect, useRef, useState } from 'react';
import type { ProtectionReportSubscription } from 'elements-graph-client';
import { graph } from './client.ts';
import type { statusTexts } from './names.ts';

type Event = ProtectionReportSubscription['protectionReport'];
type Tenant = NonNullable<Event['tenant']>;

export interface Report {
  readonly status: keyof typeof statusTexts;
  readonly progress?: Event['progress'];
  readonly totals?: Event['totals'];
  /** The tenants with the least coverage until now, the worst first. */
  readonly worst: readonly Tenant[];
  /** The tenants that could not be read. */
  readonly missing: Tenant['summary']['missing'];
  readonly error?: unknown;
}

const maxWorst = 10;

export function useReport() {
  const [report, setReport] = useState<Report>({ status: 'ready', worst: [], missing: [] });
  const running = useRef<AbortController>(null);
  const stop = () => running.current?.abort();
  useEffect(() => stop, []);

  const start = async () => {
    stop();
    const { signal } = (running.current = new AbortController());
    setReport({ status: 'running', worst: [], missing: [] });
    try {
      for await (const event of graph.report(null, { signal })) setReport((before) => added(before, event));
      setReport((before) => ({ ...before, status: 'finished' }));
    } catch (error) {
      // After a second start, the report of the first one is no longer shown.
      if (running.current.signal !== signal) return;
      setReport((before) =>
        signal.aborted ? { ...before, status: 'stopped' } : { ...before, status: 'failed', error },
      );
    }
  };
  return { report, start, stop };
}

function added({ worst, missing, ...before }: Report, { progress, totals, tenant }: Event): Report {
  const isRead = tenant?.summary.isComplete === true && tenant.summary.coverage !== null;
  const coverageOf = ({ summary }: Tenant) => summary.coverage ?? 1;
  return {
    ...before,
    progress,
    totals,
    worst: isRead
      ? [...worst, tenant].sort((a, b) => coverageOf(a) - coverageOf(b)).slice(0, maxWorst)
      : worst,
    missing: [...missing, ...(tenant?.summary.missing ?? [])],
  };
}
