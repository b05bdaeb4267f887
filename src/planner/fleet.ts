/**
 * What instances of the gateway publish of their reads, so that a page which one has fetched serves all, and a call that
 * one is making is not made by another. The interface of fleet/.
 */
import type { PageRequest } from '../endpoint/collection.ts';
import type { UpstreamError } from '../errors.ts';
import { yieldIfDue } from '../scheduler.ts';
import type { Knowledge, KnowledgeState } from './knowledge.ts';
import type { ListAnswer } from './list-memory.ts';
import type { Memory, SharedList } from './memory.ts';

/** Where nobody can be asked, each instance goes on alone: no failure of the fleet's ever reaches an operation. */
export interface Fleet {
  /**
   * Makes the call of this key, unless another instance has its answer or is making it. Rejects as `call` does, with
   * what another instance's call has failed with, and when the signal aborts.
   */
  readonly fly: <Answer extends Dated>(
    key: string,
    flight: FleetFlight<Answer>,
    call: () => Promise<Answer>,
  ) => Promise<Flown<Answer>>;
  /** Adds to what the others will hear of a list. */
  readonly tell: (list: string, note: Note, lifeMs: number) => void;
  /** What others have told of a list since `position`; null where nobody can be asked. */
  readonly hear: (list: ListName, position: string | null) => Promise<News | null>;
  /** Tells what this instance has learned of a collection. */
  readonly learned: (collection: string, state: KnowledgeState) => void;
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

export interface FleetFlight<Answer extends Dated = Dated> {
  /** When it began, by the gateway's clock. */
  readonly startedAt: number;
  /** A call in the air is good enough that was sent at this moment or later. */
  readonly joinsFrom: number;
  /** Whether an answer that was kept is good enough, of a call that was sent at this moment. */
  readonly accepts: (sentAt: number) => boolean;
  /** How long its answer may be of use. */
  readonly lifeMs: number;
  /** What is told of the answer, and of which list; null for what belongs to none. */
  readonly note: (() => { readonly list: string; readonly note: Note }) | null;
  readonly signal: AbortSignal;
  /** Makes another instance's answer of its JSON; null for what can't be one. */
  readonly revive: (found: Dated) => Answer | null;
}

export interface Flown<Answer> {
  readonly answer: Answer;
  /** Whether this instance made the call. */
  readonly isOwn: boolean;
}

/** What is told of a list: an answer has come, which `fly` has kept, or these names are nobody's. */
export type Note = { readonly key: string } & (
  | { readonly kind: 'answer'; readonly request: PageRequest }
  | { readonly kind: 'absent'; readonly names: readonly string[] }
);

/** Notes in the order they were told; with the answers that are still to be had, read one by one. */
export interface News {
  readonly position: string | null;
  readonly knowledge: KnowledgeState | null;
  /** The calls of the list that others are making. */
  readonly airborne: readonly AirborneElsewhere[];
  readonly notes: readonly { readonly note: Note; readonly answer: (() => Dated | null) | null }[];
}

export interface AirborneElsewhere extends Dated {
  readonly request: PageRequest;
}

export type FleetError = Pick<UpstreamError, 'code' | 'message' | 'details'>;

/** Adds what others have read of a list to its cache; once for all operations that ask at the same time. */
export function catchUp<Row>(
  fleet: Fleet,
  list: SharedList<Row>,
  memory: Memory,
  knowledge: Knowledge,
  revive: (found: Dated) => ListAnswer<Row> | null,
): Promise<void> {
  const readNews = async () => {
    const news = await fleet.hear({ list: list.key, collection: knowledge.name }, list.position);
    if (news === null) return;
    list.position = news.position;
    list.airborneElsewhere = news.airborne;
    if (news.knowledge !== null) knowledge.adopt(news.knowledge);
    for (const { note, answer } of news.notes) {
      if (note.kind === 'answer') {
        // It was kept under the key of a call of this very list.
        const found = answer?.() ?? null;
        const revived = found === null ? null : revive(found);
        if (revived !== null) memory.keepIfNewer(list, note.request, revived);
      } else {
        const shown = list.answers.get(note.key);
        if (shown !== undefined) list.memory.keepAbsences(note.names, shown);
      }
      await yieldIfDue();
    }
  };
  return (list.catchingUp ??= readNews().finally(() => {
    list.catchingUp = null;
  }));
}
