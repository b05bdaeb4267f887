/**
 * Present faults of the gateway's environment: the health check shows them, and the log has their beginnings and ends.
 */
import type { Log } from './log.ts';

export interface HealthFaultsOptions {
  readonly log: Pick<Log, 'info' | 'warn'>;
  /** Monotonic clock, in milliseconds. */
  readonly now?: () => number;
}

interface FaultState {
  text: string;
  isPresent: boolean;
  isLogged: boolean;
  lastLoggedAt: number;
  /** Times of the fault's last log lines. */
  readonly loggedAt: number[];
}

/** Maximum log lines of a recurring fault within the time window. */
const maxLines = 5;
const lineWindowMs = 60_000;
/** Interval at which a lasting fault is logged again. */
const reminderMs = 3_600_000;

/** Faults by name, each with a sentence for the operator. */
export class HealthFaults {
  readonly #log: Pick<Log, 'info' | 'warn'>;
  readonly #now: () => number;
  readonly #faults = new Map<string, FaultState>();

  constructor({ log, now = () => performance.now() }: HealthFaultsOptions) {
    this.#log = log;
    this.#now = now;
  }

  /** Texts of present faults, in order of their first occurrence. */
  get texts(): readonly string[] {
    return [...this.#faults.values()].flatMap(({ isPresent, text }) => (isPresent ? [text] : []));
  }

  has(name: string): boolean {
    return this.#faults.get(name)?.isPresent === true;
  }

  /** @param text reason and remedy; null if the fault is over */
  set(name: string, text: string | null): void {
    if (text === null) this.#clear(name);
    else this.#raise(name, text);
  }

  #raise(name: string, text: string): void {
    let fault = this.#faults.get(name);
    if (fault === undefined) {
      fault = { text, isPresent: false, isLogged: false, lastLoggedAt: -Infinity, loggedAt: [] };
      this.#faults.set(name, fault);
    }
    const now = this.#now();
    const isNew = !fault.isPresent || fault.text !== text;
    fault.text = text;
    fault.isPresent = true;
    if (!isNew && now - fault.lastLoggedAt < reminderMs) return;
    while ((fault.loggedAt[0] ?? Infinity) <= now - lineWindowMs) fault.loggedAt.shift();
    if (fault.loggedAt.length >= maxLines) return;
    fault.loggedAt.push(now);
    fault.lastLoggedAt = now;
    fault.isLogged = true;
    this.#log.warn(text);
  }

  #clear(name: string): void {
    const fault = this.#faults.get(name);
    if (fault?.isPresent !== true) return;
    fault.isPresent = false;
    if (fault.isLogged) this.#log.info(`Resolved: ${fault.text}`);
    fault.isLogged = false;
  }
}
