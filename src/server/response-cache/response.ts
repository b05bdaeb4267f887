/** Response bodies, sent in the caller's preferred encoding, or as 304 if the caller has them. */
import { createHash, hash } from 'node:crypto';
import type { FastifyReply } from 'fastify';
import type { OperationOutputBudget, OutputBudgets } from '../../execution/output-budget.ts';
import { Pace } from '../../scheduler.ts';
import { chooseEncoding, compress, minCompressedBytes } from './encoding.ts';

/** Request headers that the body depends on; CORS adds Origin. */
const vary = 'accept, accept-encoding, authorization, cache-control, x-api-key, x-explain';

/** Body of a response, with a cache of its encodings. */
export class ResponseBody {
  readonly contentType: string;
  bytes: Buffer;
  /** Weak entity tag, the same for every encoding. */
  readonly etag: string;
  #readers = 0;
  #output: OperationOutputBudget | null = null;
  readonly #encoded = new Map<string, Promise<Buffer>>();

  private constructor(bytes: Buffer, contentType: string, digest: string) {
    this.bytes = bytes;
    this.contentType = contentType;
    this.etag = `W/"${digest}"`;
  }

  /**
   * Counts the body's bytes as in flight until every reader has called the returned release. Throws a Refusal above the
   * budget.
   */
  hold(budgets: OutputBudgets): () => void {
    if (this.#readers === 0) {
      this.#output = budgets.create();
      try {
        this.#output.spend(this.bytes.length);
      } catch (error) {
        this.#output.release();
        throw error;
      }
    }
    this.#readers += 1;
    return () => {
      this.#readers -= 1;
      if (this.#readers === 0) this.#output?.release();
    };
  }

  /** Copies the bytes out of Node's buffer pool, which a cached body would retain as a whole. */
  copyFromPool(): void {
    if (this.bytes.buffer.byteLength > this.bytes.length)
      this.bytes = Buffer.from(new Uint8Array(this.bytes).buffer);
  }

  /** Encodes the pieces of a text. Yields between pieces, never within one. */
  static async write(pieces: readonly string[], contentType: string): Promise<ResponseBody> {
    const [only] = pieces;
    if (only !== undefined && pieces.length === 1) {
      const whole = Buffer.from(only);
      return new ResponseBody(whole, contentType, hash('sha1', whole, 'base64url'));
    }
    const bytes = Buffer.allocUnsafe(pieces.reduce((sum, piece) => sum + Buffer.byteLength(piece), 0));
    const digest = createHash('sha1');
    const pace = new Pace(1);
    let written = 0;
    for (const piece of pieces) {
      const end = written + bytes.write(piece, written);
      digest.update(bytes.subarray(written, end));
      written = end;
      if (pace.shouldYield) await pace.yield();
    }
    return new ResponseBody(bytes, contentType, digest.digest('base64url'));
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

/** Sends a body with its entity tag, or 304 if the caller has it. */
export async function sendBody(reply: FastifyReply, body: ResponseBody): Promise<FastifyReply> {
  const { headers } = reply.request;
  reply.header('etag', body.etag);
  addVary(reply);
  // Queries are safe, so POST gets 304 as well.
  if (matches(headers['if-none-match'], body.etag)) return reply.code(304).send();
  const { length } = body.bytes;
  const encoding = length < minCompressedBytes ? null : chooseEncoding(headers['accept-encoding']);
  const bytes = encoding === null ? body.bytes : await body.encoded(encoding);
  if (encoding !== null) reply.header('content-encoding', encoding);
  return reply.header('content-type', body.contentType).header('content-length', bytes.length).send(bytes);
}

export function addVary(reply: FastifyReply): void {
  const others = reply.getHeader('vary');
  reply.header('vary', others === undefined ? vary : `${String(others)}, ${vary}`);
}

function matches(ifNoneMatch: string | undefined, etag: string): boolean {
  if (ifNoneMatch === undefined) return false;
  const strong = (tag: string) => tag.trim().replace(/^W\//, '');
  return ifNoneMatch.trim() === '*' || ifNoneMatch.split(',').some((tag) => strong(tag) === strong(etag));
}
