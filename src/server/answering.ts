/** How answers leave: from the cache of whole answers where they may, with an ETag, compressed where that pays. */
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import type { Provenance } from '../scope.ts';
import { Answer, type AnswerCache, type KeptAnswer } from './answers.ts';
import type { Audit } from './audit.ts';
import { chooseEncoding, fewestBytes } from './encoding.ts';
import { isOfNoOtherSite } from './over-http.ts';
import { restIfDue } from '../turns.ts';

/** On which it depends how a request is answered, and whether at all: the last two show that no other site has sent it. */
const decisiveHeaders = ['accept', 'content-type', 'apollo-require-preflight', 'x-apollo-operation-name'];

export interface AnsweringOptions {
  readonly cache: AnswerCache;
  /** What the caller of a request may see: equal answers are for equal rights. */
  readonly rightsOf: (request: FastifyRequest) => string;
  readonly audit: Audit;
  /** In milliseconds since the epoch. */
  readonly clock: () => number;
}

export class Answering {
  readonly #cache: AnswerCache;
  readonly #keys = new WeakMap<FastifyRequest, string>();
  readonly #provenances = new WeakMap<FastifyRequest, Provenance>();
  /** From the cache, for requests whose answer needs no more work. */
  readonly #found = new WeakMap<FastifyRequest, KeptAnswer>();

  readonly #rightsOf: (request: FastifyRequest) => string;
  readonly #audit: Audit;
  readonly #clock: () => number;

  constructor({ cache, rightsOf, audit, clock }: AnsweringOptions) {
    this.#cache = cache;
    this.#rightsOf = rightsOf;
    this.#audit = audit;
    this.#clock = clock;
  }

  /** Tells what a request's answer is made of. */
  observe(request: FastifyRequest, provenance: Provenance): void {
    this.#provenances.set(request, provenance);
  }

  /** Of a Fastify scope; before whatever works on requests. */
  guard(scope: FastifyInstance): void {
    const parse = scope.getDefaultJsonParser('error', 'error');
    scope.removeContentTypeParser('application/json');
    scope.addContentTypeParser<string>('application/json', { parseAs: 'string' }, (request, body, done) => {
      // What was answered already is not parsed again.
      if (this.#find(request, body)) done(null, null);
      else void parse(request, body, done);
    });
    scope.addHook('preHandler', (request, reply, done) => {
      const found =
        this.#found.get(request) ??
        (request.method === 'GET' && this.#find(request, '') ? this.#found.get(request) : undefined);
      if (found === undefined) {
        done();
        return;
      }
      const { contentType, body, record } = found.answer;
      if (record !== null) this.#audit.recordOf(request)?.repeat(record);
      void reply.header('content-type', contentType).send(body);
    });
    scope.addHook('onSend', async (request, reply, payload) => {
      const found = this.#found.get(request);
      // Whoever looks into a text that was put together of many has it written out as one, at a stretch.
      if (typeof payload === 'string' && payload.length > longText) await restIfDue();
      this.#tellFreshness(reply, found?.provenance ?? this.#provenances.get(request), payload);
      const answer = found?.answer ?? (await this.#answerOf(request, reply, payload));
      return answer === null ? payload : send(request, reply, answer);
    });
  }

  /** Whether the answer of a request is in the cache. */
  #find(request: FastifyRequest, body: string): boolean {
    const { headers, method, url } = request;
    // Whoever wants it fresher, or explained, wants it anew.
    if (headers['cache-control'] !== undefined || headers['x-explain'] !== undefined) return false;
    const decisive = decisiveHeaders.map((name) => headers[name]);
    const rights = [this.#rightsOf(request), isOfNoOtherSite(request)];
    const key = JSON.stringify([...rights, method, url, body, ...decisive]);
    this.#keys.set(request, key);
    const found = this.#cache.find(key);
    if (found !== null) this.#found.set(request, found);
    return found !== null;
  }

  /** How long an answer may be kept by whoever has asked, and how old its oldest data is (RFC 9111, 5.1 and 5.2.2). */
  #tellFreshness(reply: FastifyReply, provenance: Provenance | undefined, payload: unknown): void {
    if (provenance === undefined) return;
    const freshness = provenance.freshnessAt(this.#clock());
    const isWhole = typeof payload !== 'string' || payload.startsWith('{"data":');
    if (reply.statusCode !== 200 || !isWhole) {
      reply.header('cache-control', 'no-store');
    } else if (freshness !== null) {
      const age = Math.floor(freshness.ageMs / 1000);
      const left = Math.floor(freshness.leftMs / 1000);
      // Others who ask may see something else.
      reply.header('cache-control', `private, max-age=${age + left}`).header('age', age);
    }
  }

  /** Null for what is no answer of an operation. */
  async #answerOf(request: FastifyRequest, reply: FastifyReply, payload: unknown): Promise<Answer | null> {
    const provenance = this.#provenances.get(request);
    if (provenance === undefined || typeof payload !== 'string' || reply.statusCode !== 200) return null;
    const key = this.#keys.get(request);
    const isKept = key !== undefined && payload.startsWith('{"data":');
    const isAskedFor = request.headers['if-none-match'] !== undefined || payload.length >= fewestBytes;
    if (!isKept && !isAskedFor) return null;
    const answer = await Answer.write(
      payload,
      String(reply.getHeader('content-type')),
      this.#audit.recordOf(request),
    );
    if (isKept) this.#cache.keep(key, answer, provenance);
    return answer;
  }
}

/** In characters. */
const longText = 1_000_000;

/** On which it depends what is sent. */
const vary = 'accept, accept-encoding, authorization, x-api-key';

async function send(
  { headers }: FastifyRequest,
  reply: FastifyReply,
  answer: Answer,
): Promise<Buffer | null> {
  reply.header('etag', answer.etag).header('vary', vary);
  // A query only reads, whichever method it came by.
  if (matches(headers['if-none-match'], answer.etag)) {
    reply.code(304).removeHeader('content-type').removeHeader('content-length');
    return null;
  }
  const encoding = answer.body.length < fewestBytes ? null : chooseEncoding(headers['accept-encoding']);
  const body = encoding === null ? answer.body : await answer.encoded(encoding);
  if (encoding !== null) reply.header('content-encoding', encoding);
  reply.header('content-length', body.length);
  return body;
}

function matches(ifNoneMatch: string | undefined, etag: string): boolean {
  if (ifNoneMatch === undefined) return false;
  const strong = (tag: string) => tag.trim().replace(/^W\//, '');
  return ifNoneMatch.trim() === '*' || ifNoneMatch.split(',').some((tag) => strong(tag) === strong(etag));
}
