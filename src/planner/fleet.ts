/**
 * What instances of the gateway publish of their reads, so that a page which one has fetched serves all, and a call that
 * one is making is not made by another. The interface of fleet/.
 */
import type { PageRequest } from '../endpoint/collection.ts';
import type { UpstreamError } from '../errors.ts';
import { yieldIfDue } from '../scheduler.ts';
import type { DeploymentCapabilities, CapabilitiesState } from './deployment-capabilities.ts';
import type { ListAnswer } from './list-cache.ts';
import type { SharedCache, SharedList } from './shared-cache.ts';

/** Where nobody can be asked, each instance goes on alone: no failure of the fleet's ever reaches an operation. */
export interface Fleet {
  /**
   * Makes the call of this key, unless another instance has its answer or is making it. Rejects as `call` does, with
   * what another instance's call has failed with, and when the signal aborts.
   */
  readonly fetchShared: <Answer extends Dated>(
    key: string,
    flight: SharedFetch<Answer>,
    call: () => Promise<Answer>,
  ) => Promise<SharedResult<Answer>>;
  /** Adds to what the others will hear of a list. */
  readonly publish: (list: string, event: ListEvent, lifeMs: number) => void;
  /** What others have told of a list since `position`; null where nobody can be asked. */
  readonly readEvents: (list: ListName, position: string | null) => Promise<ListUpdates | null>;
  /** Tells what this instance has learned of a collection. */
  readonly publishCapabilities: (collection: string, state: CapabilitiesState) => void;
}

export interface ListName {
  /** Each tells it from all others. */
  readonly list: string;
  readonly collection: string;
}

export interface Dated {
  /** In milliseconds since the epoch. */
  readonly sentAt: number;
}

export interface SharedFetch<Answer extends Dated = Dated> {
  /** When it began, by the gateway's clock. */
  readonly startedAt: number;
  /** A call in the air is good enough that was sent at this moment or later. */
  readonly joinsFrom: number;
  /** Whether an answer that was kept is good enough, of a call that was sent at this moment. */
  readonly accepts: (sentAt: number) => boolean;
  /** How long its answer may be of use. */
  readonly lifeMs: number;
  /** What is told of the answer, and of which list; null for what belongs to none. */
  readonly event: (() => { readonly list: string; readonly event: ListEvent }) | null;
  readonly signal: AbortSignal;
  /** Makes another instance's answer of its JSON; null for what can't be one. */
  readonly revive: (found: Dated) => Answer | null;
}

export interface SharedResult<Answer> {
  readonly answer: Answer;
  /** Whether this instance made the call. */
  readonly isOwn: boolean;
}

/** What is told of a list: an answer has come, which `fly` has kept, or these names are nobody's. */
export type ListEvent = { readonly key: string } & (
  | { readonly kind: 'answer'; readonly request: PageRequest }
  | { readonly kind: 'absent'; readonly names: readonly string[] }
);

/** Notes in the order they were told; with the answers that are still to be had, read one by one. */
export interface ListUpdates {
  readonly position: string | null;
  readonly capabilities: CapabilitiesState | null;
  /** The calls of the list that others are making. */
  readonly inFlight: readonly RemoteCall[];
  readonly events: readonly { readonly event: ListEvent; readonly answer: (() => Dated | null) | null }[];
}

export interface RemoteCall extends Dated {
  readonly request: PageRequest;
}

export type FleetError = Pick<UpstreamError, 'code' | 'message' | 'details'>;

/** Adds what others have read of a list to its cache; once for all operations that ask at the same time. */
export function syncFromPeers<Row>(
  fleet: Fleet,
  list: SharedList<Row>,
  memory: SharedCache,
  knowledge: DeploymentCapabilities,
  revive: (found: Dated) => ListAnswer<Row> | null,
): Promise<void> {
  const readNews = async () => {
    const news = await fleet.readEvents({ list: list.key, collection: knowledge.name }, list.position);
    if (news === null) return;
    list.position = news.position;
    list.inFlightElsewhere = news.inFlight;
    if (news.capabilities !== null) knowledge.adopt(news.capabilities);
    for (const { event, answer } of news.events) {
      if (event.kind === 'answer') {
        // It was kept under the key of a call of this very list.
        const found = answer?.() ?? null;
        const revived = found === null ? null : revive(found);
        if (revived !== null) memory.keepIfNewer(list, event.request, revived);
      } else {
        const shown = list.answers.get(event.key);
        if (shown !== undefined) list.cache.keepAbsences(event.names, shown);
      }
      await yieldIfDue();
    }
  };
  return (list.syncing ??= readNews().finally(() => {
    list.syncing = null;
  }));
}
