/** How the flights of other instances end, as messages report it, and as errors. */
import { UpstreamError } from '../errors.ts';
import type { FleetError } from '../planner/fleet.ts';
import { withoutCall } from '../transport/transport.ts';
import type { Landing } from './decode.ts';

/** If no message comes for so long, one may be lost: the outcome is looked up. */
const lookAgainMs = 250;

export class LandingWatch {
  readonly #waiting = new Map<string, Set<(landing: Landing | null) => void>>();

  /** Wakes those that look out for the landing of this flight. */
  report(landing: Landing): void {
    for (const wake of this.#waiting.get(landing.flight) ?? []) wake(landing);
  }

  /** Begins to look out for the landing of a flight; null if none is reported for a while, or the signal aborts. */
  lookOut(
    flight: string,
    signal: AbortSignal,
  ): { readonly landing: Promise<Landing | null>; readonly end: () => void } {
    const wakers = this.#waiting.get(flight) ?? new Set();
    this.#waiting.set(flight, wakers);
    let wake: (landing: Landing | null) => void = () => undefined;
    const landing = new Promise<Landing | null>((resolve) => (wake = resolve));
    const end = () => {
      clearTimeout(timeout);
      signal.removeEventListener('abort', end);
      wakers.delete(wake);
      if (wakers.size === 0) this.#waiting.delete(flight);
      wake(null);
    };
    const timeout = setTimeout(end, lookAgainMs);
    signal.addEventListener('abort', end, { once: true });
    wakers.add(wake);
    return { landing: landing.finally(end), end };
  }
}

/** How a flight has ended whose call failed. */
export function landingOfError(
  of: { readonly flight: string; readonly mark: string; readonly startedAt: number },
  error: unknown,
): Landing {
  // That its caller has gone says nothing of the call.
  if (!(error instanceof UpstreamError) || error.code === 'REQUEST_CANCELLED')
    return { flight: of.flight, kind: 'released' };
  const { code, message, details } = withoutCall(error);
  return { ...of, kind: 'failed', error: { code, message, details: { ...details, cause: null } } };
}

/** What the instances that waited for such a flight reject with. */
export function failureOf({ code, message, details }: FleetError): UpstreamError {
  return new UpstreamError(code, message, { ...details, wasNotCalled: true });
}
