/** Completions of other instances' calls, as messages and as errors. */
import { UpstreamError } from '../errors.ts';
import type { FleetError } from '../planner/fleet.ts';
import { asNotSent } from '../transport/transport.ts';
import type { Completion } from './decode.ts';

/** Messages may be lost, so the outcome is looked up after this time. */
const pollMs = 250;

export class CompletionWatch {
  readonly #waiting = new Map<string, Set<(completion: Completion | null) => void>>();

  /** Notifies the waiters of this call. */
  report(completion: Completion): void {
    for (const wake of this.#waiting.get(completion.call) ?? []) wake(completion);
  }

  /** Waits for the completion of a call; null after a timeout, or if the signal aborts. */
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
    const timeout = setTimeout(end, pollMs);
    signal.addEventListener('abort', end, { once: true });
    wakers.add(wake);
    return { completion: completion.finally(end), end };
  }
}

/** The completion of a failed call. */
export function completionOfError(
  of: { readonly call: string; readonly mark: string; readonly startedAt: number },
  error: unknown,
): Completion {
  // A cancellation shows nothing about the call.
  if (!(error instanceof UpstreamError) || error.code === 'REQUEST_CANCELLED')
    return { call: of.call, kind: 'released' };
  const { code, message, details } = asNotSent(error);
  return { ...of, kind: 'failed', error: { code, message, details: { ...details, cause: null } } };
}

/** Error for instances that waited for a failed call. */
export function failureOf({ code, message, details }: FleetError): UpstreamError {
  return new UpstreamError(code, message, { ...details, notSent: true });
}
