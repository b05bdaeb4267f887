/** Content negotiation of responses (RFC 9110, 12.5.1). */
import type { IncomingHttpHeaders } from 'node:http';
import { LRUCache } from 'lru-cache';
import Negotiator from 'negotiator';
import { parseMediaRanges, type MediaRange } from './media-ranges.ts';
import { eventStream, multipartStream, type StreamForm } from './result-stream.ts';

export const jsonType = 'application/json; charset=utf-8';
export const graphQLResponseType = 'application/graphql-response+json; charset=utf-8';

interface Accepted {
  /** Preferred type of JSON; null if none is accepted. */
  readonly json: typeof jsonType | typeof graphQLResponseType | null;
  /** Form of a stream that is accepted by name; null if none is. */
  readonly stream: StreamForm | null;
  /** Whether HTML is preferred. */
  readonly html: boolean;
}

const knownAccepts = new LRUCache<string, Accepted>({ max: 100 });

export function acceptedOf(accept = '*/*'): Accepted {
  let accepted = knownAccepts.get(accept);
  if (accepted === undefined) {
    const ranges = parseMediaRanges(accept);
    const negotiator = new Negotiator({ headers: { accept: ranges.map(withQuality).join(', ') } });
    const preferred = negotiator.mediaTypes([jsonType, graphQLResponseType, 'text/html']);
    const isNamed = (type: string) =>
      ranges.some((range) => range.type === type) && negotiator.mediaTypes([type]).length > 0;
    const takesMultipart = ranges.some(isMultipartSubscription) && isNamed('multipart/mixed');
    accepted = {
      json: preferred.find((type) => type === jsonType || type === graphQLResponseType) ?? null,
      stream: isNamed('text/event-stream') ? eventStream : takesMultipart ? multipartStream : null,
      html: preferred[0] === 'text/html',
    };
    knownAccepts.set(accept, accepted);
  }
  return accepted;
}

/** Formats a range with its quality only: no other parameter selects a type that is served. */
function withQuality({ type, parameters }: MediaRange): string {
  const qualities = parameters.filter(([name]) => name === 'q');
  return [type, ...qualities.map(([, value]) => `q=${value}`)].join(';');
}

function isMultipartSubscription({ type, parameters }: MediaRange): boolean {
  return (
    type === 'multipart/mixed' &&
    parameters.some(([name, value]) => name === 'subscriptionspec' && value === '1.0')
  );
}

/** Returns a refusal's type: clients trust other statuses only with graphql-response+json (GraphQL over HTTP, 6.4.2). */
export function refusalTypeFor({ accept }: IncomingHttpHeaders): string {
  return acceptedOf(accept).json ?? jsonType;
}
