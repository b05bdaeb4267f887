/**
 * Queued calls of one list, from all operations. The first look-up to be sent takes over the keys of the others; calls
 * that are no longer needed are cancelled.
 */
import { maxPageSize, type Filter, type PageRequest } from '../endpoint/collection.ts';
import { foldName } from '../fold.ts';
import { SupersededError } from '../transport/transport.ts';

interface WaitingCall {
  readonly request: PageRequest;
  /** Milliseconds, by the gateway's clock. */
  readonly sentAt: number;
  /** Answers requested before this moment are too old. */
  readonly notBefore: number;
  readonly isResolved: () => boolean;
  /** Aborts with SupersededError when the call is no longer needed. */
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

  /** Cancels calls with an already cached result. */
  cancelResolved(): void {
    for (const call of this.#waiting) if (call.isResolved()) this.#supersede(call);
  }

  /**
   * The request of a call about to be sent, with keys of other look-ups if one page can hold their rows. Their
   * operations must join it by the end of this tick.
   */
  dequeue(call: WaitingCall, isJoint: boolean): PageRequest {
    this.remove(call);
    const { request, sentAt } = call;
    const filter = isJoint ? jointFilterOf(request) : null;
    if (filter === null) return request;
    const keys = new Map(filter.keys.map((key) => [foldName(key), key]));
    const maxKeys = Math.min(request.pageSize, maxPageSize);
    for (const other of this.#waiting) {
      if (keys.size >= maxKeys) break;
      const otherFilter = jointFilterOf(other.request);
      if (otherFilter === null || other.request.pageSize !== request.pageSize || other.notBefore > sentAt)
        continue;
      const added = newKeys(otherFilter.keys, keys, maxKeys - keys.size);
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

/** The filter of a look-up that can be joined with others; null for other calls. */
function jointFilterOf({ filter, pageIndex }: PageRequest): Filter | null {
  return filter?.dialect === 'plural' && pageIndex === 1 ? filter : null;
}

/** The keys not known yet; null if there is no room for them. */
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
