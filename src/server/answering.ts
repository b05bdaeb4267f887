/** How answers leave: from the cache of whole answers where they may, with an ETag, compressed where that pays. */
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import type { Provenance } from '../scope.ts';
import { Answer, type AnswerCache } from './answers.ts';
import { chooseEncoding, fewestBytes } from './encoding.ts';

/** On which it depends how a request is answered, and whether at all: the last two show that no other site has sent it. */
const decisiveHeaders = ['accept', 'content-type', 'apollo-require-preflight', 'x-apollo-operation-name'];

export class Answering {
  readonly #cache: AnswerCache;
  readonly #keys = new WeakMap<FastifyRequest, string>();
  readonly #provenances = new WeakMap<FastifyRequest, Provenance>();
  /** From the cache, for requests whose answer needs no more work. */
  readonly #found = new WeakMap<FastifyRequest, Answer>();

  constructor(cache: AnswerCache) {
    this.#cache = cache;
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
      void reply.header('content-type', found.contentType).send(found.body);
    });
    scope.addHook('onSend', async (request, reply, payload) => {
      const answer = this.#found.get(request) ?? this.#answerOf(request, reply, payload);
      return answer === null ? payload : send(request, reply, answer);
    });
  }

  /** Whether the answer of a request is in the cache. */
  #find(request: FastifyRequest, body: string): boolean {
    const { headers, method, url } = request;
    // Whoever wants it fresher, or explained, wants it anew.
    if (headers['cache-control'] !== undefined || headers['x-explain'] !== undefined) return false;
    const key = JSON.stringify([method, url, body, ...decisiveHeaders.map((name) => headers[name])]);
    this.#keys.set(request, key);
    const answer = this.#cache.find(key);
    if (answer !== null) this.#found.set(request, answer);
    return answer !== null;
  }

  /** Null for what is no answer of an operation. */
  #answerOf(request: FastifyRequest, reply: FastifyReply, payload: unknown): Answer | null {
    const provenance = this.#provenances.get(request);
    if (provenance === undefined || typeof payload !== 'string' || reply.statusCode !== 200) return null;
    const key = this.#keys.get(request);
    const isKept = key !== undefined && payload.startsWith('{"data":');
    const isAskedFor = request.headers['if-none-match'] !== undefined || payload.length >= fewestBytes;
    if (!isKept && !isAskedFor) return null;
    const answer = new Answer(payload, String(reply.getHeader('content-type')));
    if (isKept) this.#cache.keep(key, answer, provenance);
    return answer;
  }
}

async function send(
  { headers }: FastifyRequest,
  reply: FastifyReply,
  answer: Answer,
): Promise<Buffer | null> {
  reply.header('etag', answer.etag).header('vary', 'accept, accept-encoding');
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
