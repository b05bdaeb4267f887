/** Progress bar of a report, on one line of a terminal. */
import type { ReportSubscription } from './generated/operations.ts';
import { columnsOf, shorten } from './text-width.ts';

type Progress = ReportSubscription['protectionReport']['progress'];

export interface Terminal {
  readonly isTTY?: boolean;
  readonly columns?: number;
  readonly write: (text: string) => unknown;
}

const barWidth = 24;
const shortBarWidth = 10;
const eraseLine = '\r\u001b[2K';

export class ProgressBar {
  readonly #terminal: Terminal;

  constructor(terminal: Terminal) {
    this.#terminal = terminal;
  }

  /** Redraws the bar; has no effect outside of a terminal. */
  show(progress: Progress): void {
    if (this.#terminal.isTTY !== true) return;
    // Some terminals begin a new line after their last column.
    this.#terminal.write(eraseLine + progressLine(progress, columnsOf(this.#terminal) - 1));
  }

  clear(): void {
    if (this.#terminal.isTTY === true) this.#terminal.write(eraseLine);
  }
}

/** Formats the time left, and before it as many details as fit. */
export function progressLine(
  { tenantsDone, tenantsTotal, usersDone, usersTotal, calls, secondsLeft }: Progress,
  columns: number,
): string {
  const share = tenantsTotal === 0 ? 1 : tenantsDone / tenantsTotal;
  const percent = `${Math.floor(share * 100)} %`;
  const bar = (width: number) => {
    const filled = Math.floor(share * width);
    return `${'█'.repeat(filled)}${'░'.repeat(width - filled)} ${percent}`;
  };
  const tenants = `${numberOf(tenantsDone)} of ${numberOf(tenantsTotal)} tenants`;
  const users = `${numberOf(usersDone)} of ${usersTotal === null ? '?' : `${tenantsDone < tenantsTotal ? 'about ' : ''}${numberOf(usersTotal)}`} users`;
  const left = `${secondsLeft === null ? '?' : timeOf(secondsLeft)} left`;
  const forms = [
    [bar(barWidth), tenants, users, `${numberOf(calls)} calls`],
    [bar(barWidth), tenants, users],
    [bar(shortBarWidth), tenants, users],
    [bar(shortBarWidth), tenants],
    [percent, tenants],
    [percent],
  ].map((parts) => [...parts, left].join('  '));
  return forms.find((form) => form.length <= columns) ?? shorten(left, columns);
}

function numberOf(number: number): string {
  return number.toLocaleString('en');
}

function timeOf(seconds: number): string {
  if (seconds < 60) return `${Math.ceil(seconds)} s`;
  const minutes = Math.round(seconds / 60);
  return minutes < 60 ? `${minutes} min` : `${Math.floor(minutes / 60)} h ${minutes % 60} min`;
}
