/** How the calls of other instances end, as messages report it, and as errors. */
import { UpstreamError } from '../errors.ts';
import type { FleetError } from '../planner/fleet.ts';
import { asNotSent } from '../transport/transport.ts';
import type { Completion } from './decode.ts';

/** If no message comes for so long, one may be lost: the outcome is looked up. */
const lookAgainMs = 250;

export class CompletionWatch {
  readonly #waiting = new Map<string, Set<(completion: Completion | null) => void>>();

  /** Wakes those that wait for the completion of this call. */
  report(completion: Completion): void {
    for (const wake of this.#waiting.get(completion.call) ?? []) wake(completion);
  }

  /** Begins to wait for the completion of a call; null if none is reported for a while, or the signal aborts. */
  watch(
    call: string,
    signal: AbortSignal,
  ): { readonly completion: Promise<Completion | null>; readonly end: () => void } {
    const wakers = this.#waiting.get(call) ?? new Set();
    this.#waiting.set(call, wakers);
    let wake: (completion: Completion | null) => void = () => undefined;
    const completion = new Promise<Completion | null>((resolve) => (wake = resolve));
    const end = () => {
      clearTimeout(timeout);
      signal.removeEventListener('abort', end);
      wakers.delete(wake);
      if (wakers.size === 0) this.#waiting.delete(call);
      wake(null);
    };
    const timeout = setTimeout(end, lookAgainMs);
    signal.addEventListener('abort', end, { once: true });
    wakers.add(wake);
    return { completion: completion.finally(end), end };
  }
}

/** How a call has ended that failed. */
export function completionOfError(
  of: { readonly call: string; readonly mark: string; readonly startedAt: number },
  error: unknown,
): Completion {
  // That its caller has gone says nothing of the call.
  if (!(error instanceof UpstreamError) || error.code === 'REQUEST_CANCELLED')
    return { call: of.call, kind: 'released' };
  const { code, message, details } = asNotSent(error);
  return { ...of, kind: 'failed', error: { code, message, details: { ...details, cause: null } } };
}

/** What the instances that waited for such a call reject with. */
export function failureOf({ code, message, details }: FleetError): UpstreamError {
  return new UpstreamError(code, message, { ...details, notSent: true });
}
