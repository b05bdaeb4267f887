/**
 * Interface between the planner and the fleet, through which instances share what they read. If the fleet fails, each
 * instance works alone and no operation fails.
 */
import type { PageRequest } from '../endpoint/collection.ts';
import type { UpstreamError } from '../errors.ts';
import { yieldIfDue } from '../scheduler.ts';
import type { DeploymentCapabilities, CapabilitiesState } from './deployment-capabilities.ts';
import type { ListAnswer } from './list-cache.ts';
import type { UpstreamCache, CachedList } from './upstream-cache.ts';

export interface Fleet {
  /**
   * Makes the call unless another instance has its answer or is making the same call. Rejects with the error of either
   * call, and when the signal aborts.
   */
  readonly fetchShared: <Answer extends Dated>(
    key: string,
    fetch: SharedFetch<Answer>,
    call: () => Promise<Answer>,
  ) => Promise<SharedResult<Answer>>;
  readonly publish: (list: string, event: ListEvent, lifeMs: number) => void;
  /** Events of a list after `position`; null if the fleet can't be reached. */
  readonly readEvents: (list: ListName, position: string | null) => Promise<ListUpdates | null>;
  readonly publishCapabilities: (collection: string, state: CapabilitiesState) => void;
}

export interface ListName {
  /** Unique for each credential, endpoint and path. */
  readonly list: string;
  readonly collection: string;
}

export interface Dated {
  /** Milliseconds since the epoch. */
  readonly sentAt: number;
}

export interface SharedFetch<Answer extends Dated = Dated> {
  /** Start of the call, by the gateway's clock. */
  readonly startedAt: number;
  /** A remote call is joined only if it was sent at this moment or later. */
  readonly joinsFrom: number;
  /** Whether a cached answer of a call sent at this moment is fresh enough. */
  readonly accepts: (sentAt: number) => boolean;
  /** How long the answer may be used, in milliseconds. */
  readonly lifeMs: number;
  /** Event to publish with the answer; null if the answer belongs to no list. */
  readonly event: (() => { readonly list: string; readonly event: ListEvent }) | null;
  readonly signal: AbortSignal;
  /** Decodes the JSON of another instance's answer; null if it is invalid. */
  readonly revive: (found: Dated) => Answer | null;
}

export interface SharedResult<Answer> {
  readonly answer: Answer;
  /** Whether this instance made the call. */
  readonly isOwn: boolean;
}

/** Either a new answer, cached by `fetchShared`, or keys that no row has. */
export type ListEvent = { readonly key: string } & (
  | { readonly kind: 'answer'; readonly request: PageRequest }
  | { readonly kind: 'absent'; readonly names: readonly string[] }
);

/** Events in order of publication, each with its answer if the answer is still cached. */
export interface ListUpdates {
  readonly position: string | null;
  readonly capabilities: CapabilitiesState | null;
  /** Calls of the list that other instances have in flight. */
  readonly inFlight: readonly RemoteCall[];
  readonly events: readonly { readonly event: ListEvent; readonly answer: (() => Dated | null) | null }[];
}

export interface RemoteCall extends Dated {
  readonly request: PageRequest;
}

export type FleetError = Pick<UpstreamError, 'code' | 'message' | 'details'>;

/** Adds to a list's cache what other instances have read; concurrent operations share one synchronization. */
export function syncFromPeers<Row>(
  fleet: Fleet,
  list: CachedList<Row>,
  cache: UpstreamCache,
  capabilities: DeploymentCapabilities,
  revive: (found: Dated) => ListAnswer<Row> | null,
): Promise<void> {
  const readUpdates = async () => {
    const updates = await fleet.readEvents({ list: list.key, collection: capabilities.name }, list.position);
    if (updates === null) return;
    list.position = updates.position;
    list.inFlightElsewhere = updates.inFlight;
    if (updates.capabilities !== null) capabilities.adopt(updates.capabilities);
    for (const { event, answer } of updates.events) {
      if (event.kind === 'answer') {
        const found = answer?.() ?? null;
        const revived = found === null ? null : revive(found);
        if (revived !== null) cache.cacheIfNewer(list, event.request, revived);
      } else {
        const answered = list.answers.get(event.key);
        if (answered !== undefined) list.cache.addAbsences(event.names, answered);
      }
      await yieldIfDue();
    }
  };
  return (list.syncing ??= readUpdates().finally(() => {
    list.syncing = null;
  }));
}
