/**
 * Whole responses, cached for as long as the data they were made of is fresh and unchanged: the same request of a caller
 * with the same permissions gets one again without being parsed. Every response is sent here, with what HTTP
 * caches need: freshness, a validator, and the headers that it depends on.
 */
import { createHash } from 'node:crypto';
import type { FastifyReply, FastifyRequest } from 'fastify';
import { LRUCache } from 'lru-cache';
import type { Provenance } from '../../scope.ts';
import { Pace } from '../../scheduler.ts';
import { callerOf, permissionsKeyOf, type OperationSummary } from '../pipeline/request-state.ts';
import { chooseEncoding, compress, minCompressedBytes } from './encoding.ts';

/** Headers that decide how a request is answered, and whether another site may have sent it. */
const decisiveHeaders = [
  'accept',
  'content-type',
  'apollo-require-preflight',
  'x-apollo-operation-name',
  'sec-fetch-site',
];
/** Headers that the body depends on, beside those that others name (Origin). */
const vary = 'accept, accept-encoding, authorization, cache-control, x-api-key, x-explain';

/** Of an entry, beside its body; the body is weighted for its encodings. */
const entryBytes = 1000;
const weightPerByte = 1.5;
const bytesPerCustomer = 100;

/** One body, in every encoding that was requested so far. */
class ResponseBody {
  readonly contentType: string;
  readonly bytes: Buffer;
  /** A weak one: the same for every encoding. */
  readonly etag: string;
  readonly #encoded = new Map<string, Promise<Buffer>>();

  private constructor(bytes: Buffer, contentType: string, etag: string) {
    this.bytes = bytes;
    this.contentType = contentType;
    this.etag = etag;
  }

  /** Writes a long text piece by piece, and yields to other requests in between. */
  static async write(text: string, contentType: string): Promise<ResponseBody> {
    const bytes = Buffer.allocUnsafe(Buffer.byteLength(text));
    const hash = createHash('sha1');
    const pace = new Pace(1);
    let written = 0;
    for (let start = 0; start < text.length;) {
      if (start > 0 && pace.shouldYield) await pace.yield();
      const isSplit = highSurrogate.test(text.charAt(start + pieceLength - 1));
      const piece = text.slice(start, start + pieceLength + (isSplit ? 1 : 0));
      const end = written + bytes.write(piece, written);
      hash.update(bytes.subarray(written, end));
      [start, written] = [start + piece.length, end];
    }
    return new ResponseBody(bytes, contentType, `W/"${hash.digest('base64url')}"`);
  }

  encoded(encoding: string): Promise<Buffer> {
    let encoded = this.#encoded.get(encoding);
    if (encoded === undefined) {
      encoded = compress(this.bytes, encoding);
      this.#encoded.set(encoding, encoded);
    }
    return encoded;
  }
}

const pieceLength = 1024 * 1024;
/** First half of a surrogate pair. */
const highSurrogate = /[\uD800-\uDBFF]/;

interface CachedResponse {
  readonly body: ResponseBody;
  readonly provenance: Provenance;
  readonly summary: OperationSummary;
}

/** A result as JSON, before it is sent. */
interface ResponseText {
  readonly text: string;
  readonly contentType: string;
  /** Null if no operation was executed. */
  readonly provenance: Provenance | null;
}

export class ResponseCache {
  readonly #responses: LRUCache<string, CachedResponse> | null;
  readonly #clock: () => number;

  /**
   * @param maxBytes as estimated; 0 caches nothing
   * @param clock milliseconds since the epoch
   */
  constructor(maxBytes: number, clock: () => number) {
    this.#responses = maxBytes === 0 ? null : new LRUCache({ maxSize: maxBytes });
    this.#clock = clock;
  }

  /** Bytes cached, as estimated. */
  get bytes(): number {
    return this.#responses?.calculatedSize ?? 0;
  }

  /** All of a request that its response depends on; null if the caller wants it fresher, or explained. */
  keyOf({ headers, method, url, body, state }: FastifyRequest): string | null {
    if (this.#responses === null || headers['cache-control'] !== undefined) return null;
    if (headers['x-explain'] !== undefined) return null;
    const isBrowser = headers['user-agent']?.startsWith('Mozilla/') ?? false;
    const decisive = decisiveHeaders.map((name) => headers[name]);
    return JSON.stringify([permissionsKeyOf(callerOf(state)), isBrowser, method, url, body, ...decisive]);
  }

  find(key: string): CachedResponse | null {
    const found = this.#responses?.get(key);
    if (found === undefined) return null;
    if (found.provenance.isGoodAt(this.#clock())) return found;
    this.#responses?.delete(key);
    return null;
  }

  /** Sends a cached response. */
  repeat(reply: FastifyReply, { body, provenance, summary }: CachedResponse): Promise<FastifyReply> {
    reply.request.state.repeat(summary);
    this.#setFreshness(reply, provenance);
    return sendBody(reply, body);
  }

  /** Sends a new response, and caches it if it is complete and `key` is not null. */
  async send(
    reply: FastifyReply,
    { text, contentType, provenance }: ResponseText,
    key: string | null,
  ): Promise<FastifyReply> {
    const isComplete = reply.statusCode === 200 && text.startsWith('{"data":');
    if (provenance !== null && isComplete) this.#setFreshness(reply, provenance);
    else reply.header('cache-control', 'no-store');
    const isCached = isComplete && key !== null && provenance !== null;
    const isTagged =
      isCached || reply.request.headers['if-none-match'] !== undefined || text.length >= minCompressedBytes;
    if (!isTagged || reply.statusCode !== 200) {
      addVary(reply);
      return reply.header('content-type', contentType).send(text);
    }
    const body = await ResponseBody.write(text, contentType);
    if (isCached && provenance.isGoodAt(this.#clock())) {
      const { operation, kind, hash, customers } = reply.request.state;
      const size =
        entryBytes + 2 * key.length + weightPerByte * body.bytes.length + bytesPerCustomer * customers.size;
      const summary = { operation, kind, hash, customers };
      this.#responses?.set(key, { body, provenance, summary }, { size: Math.ceil(size) });
    }
    return sendBody(reply, body);
  }

  /** How long a client may keep a response, and how old its oldest data is (RFC 9111, 5.1 and 5.2.2). */
  #setFreshness(reply: FastifyReply, provenance: Provenance): void {
    const freshness = provenance.freshnessAt(this.#clock());
    if (freshness === null) return;
    const age = Math.floor(freshness.ageMs / 1000);
    const left = Math.floor(freshness.leftMs / 1000);
    // Other callers may see something else.
    reply.header('cache-control', `private, max-age=${age + left}`).header('age', age);
  }
}

async function sendBody(reply: FastifyReply, body: ResponseBody): Promise<FastifyReply> {
  const { headers } = reply.request;
  reply.header('etag', body.etag);
  addVary(reply);
  // A query only reads, whichever method it came by.
  if (matches(headers['if-none-match'], body.etag)) return reply.code(304).send();
  const { length } = body.bytes;
  const encoding = length < minCompressedBytes ? null : chooseEncoding(headers['accept-encoding']);
  const bytes = encoding === null ? body.bytes : await body.encoded(encoding);
  if (encoding !== null) reply.header('content-encoding', encoding);
  return reply.header('content-type', body.contentType).header('content-length', bytes.length).send(bytes);
}

function addVary(reply: FastifyReply): void {
  const others = reply.getHeader('vary');
  reply.header('vary', others === undefined ? vary : `${String(others)}, ${vary}`);
}

function matches(ifNoneMatch: string | undefined, etag: string): boolean {
  if (ifNoneMatch === undefined) return false;
  const strong = (tag: string) => tag.trim().replace(/^W\//, '');
  return ifNoneMatch.trim() === '*' || ifNoneMatch.split(',').some((tag) => strong(tag) === strong(etag));
}
