/** One line of a terminal that tells how far a report has come, drawn over itself. */
import type { ReportSubscription } from './generated/operations.ts';

type Progress = ReportSubscription['protectionReport']['progress'];

export interface Terminal {
  readonly isTTY?: boolean;
  readonly columns?: number;
  readonly write: (text: string) => unknown;
}

const barWidth = 24;
const eraseLine = '\r\u001b[2K';

export class ProgressBar {
  readonly #terminal: Terminal;

  constructor(terminal: Terminal) {
    this.#terminal = terminal;
  }

  /** Draws nothing where nobody would see it. */
  show(progress: Progress): void {
    if (this.#terminal.isTTY !== true) return;
    this.#terminal.write(eraseLine + progressLine(progress).slice(0, (this.#terminal.columns ?? 80) - 1));
  }

  clear(): void {
    if (this.#terminal.isTTY === true) this.#terminal.write(eraseLine);
  }
}

export function progressLine({
  tenantsDone,
  tenantsTotal,
  usersDone,
  usersTotal,
  calls,
  secondsLeft,
}: Progress): string {
  const share = tenantsTotal === 0 ? 1 : tenantsDone / tenantsTotal;
  const filled = Math.floor(share * barWidth);
  return [
    `${'█'.repeat(filled)}${'░'.repeat(barWidth - filled)} ${Math.floor(share * 100)} %`,
    `${numberOf(tenantsDone)} of ${numberOf(tenantsTotal)} tenants`,
    `${numberOf(usersDone)} of ${usersTotal === null ? '?' : `${tenantsDone < tenantsTotal ? 'about ' : ''}${numberOf(usersTotal)}`} users`,
    `${numberOf(calls)} calls`,
    ...(secondsLeft === null || secondsLeft === 0 ? [] : [`${timeOf(secondsLeft)} left`]),
  ].join('  ');
}

function numberOf(number: number): string {
  return number.toLocaleString('en');
}

function timeOf(seconds: number): string {
  if (seconds < 60) return `${Math.ceil(seconds)} s`;
  const minutes = Math.round(seconds / 60);
  return minutes < 60 ? `${minutes} min` : `${Math.floor(minutes / 60)} h ${minutes % 60} min`;
}
