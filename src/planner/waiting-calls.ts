/**
 * The calls of one list that wait for their turn at the upstream, whoever they are for. The first look-up whose turn
 * comes takes the keys of the others along, and what has come another way meanwhile is not asked for at all.
 */
import { maxPageSize, type Filter, type PageRequest } from '../endpoint/collection.ts';
import { foldName } from '../fold.ts';
import { SupersededCall } from '../transport/transport.ts';

export interface WaitingCallOptions {
  readonly request: PageRequest;
  /** By the gateway's clock, in milliseconds. */
  readonly sentAt: number;
  /** A call that started before this moment is not good enough. */
  readonly notBefore: number;
  /** Whether what the call would bring is at hand by now. */
  readonly isResolved: () => boolean;
}

export class WaitingCall {
  readonly #options: WaitingCallOptions;
  readonly #controller = new AbortController();

  constructor(options: WaitingCallOptions) {
    this.#options = options;
  }

  /** Aborts when the call need not be made any more, with SupersededCall. */
  get superseded(): AbortSignal {
    return this.#controller.signal;
  }

  get options(): WaitingCallOptions {
    return this.#options;
  }

  /** The filter, where its keys may go along with others. */
  get lookUp(): Filter | null {
    const { filter, pageIndex } = this.#options.request;
    return filter?.dialect === 'plural' && pageIndex === 1 ? filter : null;
  }

  supersede(): void {
    this.#controller.abort(new SupersededCall());
  }
}

export class WaitingCalls {
  readonly #waiting = new Set<WaitingCall>();

  add(options: WaitingCallOptions): WaitingCall {
    const call = new WaitingCall(options);
    if (options.isResolved()) call.supersede();
    else this.#waiting.add(call);
    return call;
  }

  remove(call: WaitingCall): void {
    this.#waiting.delete(call);
  }

  /** Something of the list has come. */
  review(): void {
    for (const call of this.#waiting) if (call.options.isResolved()) this.#supersede(call);
  }

  /**
   * The request of a call whose turn has come, with the keys of other look-ups as far as one page holds their rows.
   * Those must find it in the air by the end of this tick.
   */
  depart(call: WaitingCall, joins: boolean): PageRequest {
    this.remove(call);
    const { request, sentAt } = call.options;
    if (!joins || call.lookUp === null) return request;
    const keys = new Map(call.lookUp.keys.map((key) => [foldName(key), key]));
    const most = Math.min(request.pageSize, maxPageSize);
    for (const other of this.#waiting) {
      if (keys.size >= most) break;
      const { notBefore, request: theirs } = other.options;
      if (other.lookUp === null || theirs.pageSize !== request.pageSize || notBefore > sentAt) continue;
      const added = newKeys(other.lookUp.keys, keys, most - keys.size);
      if (added === null) continue;
      for (const key of added) keys.set(foldName(key), key);
      this.#supersede(other);
    }
    return { ...request, filter: { dialect: 'plural', keys: [...keys.values()] } };
  }

  #supersede(call: WaitingCall): void {
    this.remove(call);
    call.supersede();
  }
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
