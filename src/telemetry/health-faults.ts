/**
 * What is wrong around the gateway at the moment: shown by the health check, and logged once when it begins and once when
 * it is over.
 */
import type { Log } from './log.ts';

export interface HealthFaultsOptions {
  readonly log: Pick<Log, 'info' | 'warn'>;
  /** Milliseconds; it never goes back. */
  readonly now?: () => number;
}

interface Fault {
  text: string;
  isPresent: boolean;
  isLogged: boolean;
  lastLoggedAt: number;
  /** When its last lines were logged. */
  readonly loggedAt: number[];
}

/** A fault that goes and comes is logged so often within so long. */
const maxLines = 5;
const lineWindowMs = 60_000;
/** A fault that lasts is logged again after this time. */
const reminderMs = 3_600_000;

/** Faults around the gateway, each by its name and with a sentence for the operator. */
export class HealthFaults {
  readonly #log: Pick<Log, 'info' | 'warn'>;
  readonly #now: () => number;
  readonly #faults = new Map<string, Fault>();

  constructor({ log, now = () => performance.now() }: HealthFaultsOptions) {
    this.#log = log;
    this.#now = now;
  }

  /** What is wrong, in the order in which it was first seen. */
  get texts(): readonly string[] {
    return [...this.#faults.values()].flatMap(({ isPresent, text }) => (isPresent ? [text] : []));
  }

  has(name: string): boolean {
    return this.#faults.get(name)?.isPresent === true;
  }

  /** @param text says why, and what to look at; null if nothing is wrong any more */
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
    if (fault.isLogged) this.#log.info(`Over: ${fault.text}`);
    fault.isLogged = false;
  }
}
