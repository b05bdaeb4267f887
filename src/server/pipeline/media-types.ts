/** What a request accepts as its response (RFC 9110, 12.5.1). */
import { LRUCache } from 'lru-cache';
import Negotiator from 'negotiator';
import { eventStream, multipartStream, type StreamForm } from './result-stream.ts';

export const jsonType = 'application/json; charset=utf-8';
export const graphQLResponseType = 'application/graphql-response+json; charset=utf-8';

interface Accepted {
  /** The kind of JSON that is preferred; null if none is accepted. */
  readonly json: typeof jsonType | typeof graphQLResponseType | null;
  /** The form of a stream that is accepted by name; null if none is. */
  readonly stream: StreamForm | null;
  /** Whether a page is preferred. */
  readonly html: boolean;
}

const knownAccepts = new LRUCache<string, Accepted>({ max: 100 });
const multipartSubscription = /multipart\/mixed\s*;[^,]*\bsubscriptionspec="?1\.0/i;

export function acceptedOf(accept = '*/*'): Accepted {
  let accepted = knownAccepts.get(accept);
  if (accepted === undefined) {
    // Parameters but the quality are ignored: no JSON, page or event stream has any that a client could choose.
    const negotiator = new Negotiator({ headers: { accept: accept.replace(/;(?!\s*q\s*=)[^,;]*/gi, '') } });
    const preferred = negotiator.mediaTypes([jsonType, graphQLResponseType, 'text/html']);
    const isNamed = (type: string) =>
      accept.toLowerCase().includes(type) && negotiator.mediaTypes([type]).length > 0;
    const takesMultipart = multipartSubscription.test(accept) && isNamed('multipart/mixed');
    accepted = {
      json: preferred.find((type) => type === jsonType || type === graphQLResponseType) ?? null,
      stream: isNamed('text/event-stream') ? eventStream : takesMultipart ? multipartStream : null,
      html: preferred[0] === 'text/html',
    };
    knownAccepts.set(accept, accepted);
  }
  return accepted;
}
