/**
 * The queued calls of one list, of all operations. The first look-up that is sent includes the keys of the others, and
 * calls that are no longer needed are cancelled.
 */
import { maxPageSize, type Filter, type PageRequest } from '../endpoint/collection.ts';
import { foldName } from '../fold.ts';
import { SupersededError } from '../transport/transport.ts';

/** A queued call. */
interface WaitingCall {
  readonly request: PageRequest;
  /** By the gateway's clock, in milliseconds. */
  readonly sentAt: number;
  /** A call that started before this moment is not good enough. */
  readonly notBefore: number;
  /** Whether what the call would bring is at hand by now. */
  readonly isResolved: () => boolean;
  /** Aborts, with SupersededCall, when the call need not be made any more. */
  readonly superseded: AbortController;
}

export class WaitingCalls {
  readonly #waiting = new Set<WaitingCall>();

  add({ request, sentAt, notBefore, isResolved }: Omit<WaitingCall, 'superseded'>): WaitingCall {
    const call = { request, sentAt, notBefore, isResolved, superseded: new AbortController() };
    this.#waiting.add(call);
    if (call.isResolved()) this.#supersede(call);
    return call;
  }

  remove(call: WaitingCall): void {
    this.#waiting.delete(call);
  }

  /** To be called when something of the list has come. */
  review(): void {
    for (const call of this.#waiting) if (call.isResolved()) this.#supersede(call);
  }

  /**
   * The request of a call that is about to be sent, with the keys of other look-ups as far as one page holds their rows.
   * Those must find it in flight by the end of this tick.
   */
  depart(call: WaitingCall, joins: boolean): PageRequest {
    this.remove(call);
    const { request, sentAt } = call;
    const filter = joins ? jointFilterOf(request) : null;
    if (filter === null) return request;
    const keys = new Map(filter.keys.map((key) => [foldName(key), key]));
    const maxKeys = Math.min(request.pageSize, maxPageSize);
    for (const other of this.#waiting) {
      if (keys.size >= maxKeys) break;
      const theirs = jointFilterOf(other.request);
      if (theirs === null || other.request.pageSize !== request.pageSize || other.notBefore > sentAt)
        continue;
      const added = newKeys(theirs.keys, keys, maxKeys - keys.size);
      if (added === null) continue;
      for (const key of added) keys.set(foldName(key), key);
      this.#supersede(other);
    }
    return { ...request, filter: { dialect: 'plural', keys: [...keys.values()] } };
  }

  #supersede(call: WaitingCall): void {
    this.remove(call);
    call.superseded.abort(new SupersededError());
  }
}

/** The filter of a look-up whose keys may go along with others; null for other calls. */
function jointFilterOf({ filter, pageIndex }: PageRequest): Filter | null {
  return filter?.dialect === 'plural' && pageIndex === 1 ? filter : null;
}

/** Those that are not known yet; null where there is no room for them. */
function newKeys(
  keys: readonly string[],
  known: ReadonlyMap<string, string>,
  room: number,
): readonly string[] | null {
  const added: string[] = [];
  for (const key of keys) {
    if (known.has(foldName(key))) continue;
    if (added.length === room) return null;
    added.push(key);
  }
  return added;
}
