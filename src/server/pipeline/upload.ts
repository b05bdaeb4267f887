/** Receives uploaded files as streams, within limits of size and time. */
import type { IncomingMessage } from 'node:http';
import type { Socket } from 'node:net';
import type { FastifyInstance } from 'fastify';
import { UnavailableError } from '../../errors.ts';
import { bodyFaultOf } from './body-headers.ts';
import { RequestRefusal, requestTimeout } from './refusals.ts';

const types = ['application/x-ndjson', 'application/ndjson', 'application/jsonl'];
const wrongType =
  "Send an earlier users.ndjson, with Content-Type: application/x-ndjson. CSV can't be compared: it does not say what it is of.";

/** Time of a whole file. */
const maxUploadMs = 15 * 60_000;

export class Uploads {
  readonly #timeoutMs: number;
  readonly #maxBytes: number;
  readonly #pending = new Map<Socket, (error: Error) => void>();

  /** @param timeoutMs time in which the next chunk must arrive */
  constructor(timeoutMs: number, maxBytes: number) {
    this.#timeoutMs = timeoutMs;
    this.#maxBytes = maxBytes;
  }

  /** Makes `request.body` of an instance's routes the stream of the file; undefined if there is none. */
  register(scope: FastifyInstance): void {
    scope.removeAllContentTypeParsers();
    scope.addContentTypeParser('*', ({ headers }, payload, done) => {
      const fault = bodyFaultOf(headers, { types, wrongType, maxBytes: this.#maxBytes });
      if (fault === null) done(null, payload);
      else done(fault);
    });
  }

  /** Whether a file is being received on a connection, to which the timeout of other requests does not apply. */
  has(socket: Socket): boolean {
    return this.#pending.has(socket);
  }

  /** Refuses every file in transit. */
  close(): void {
    for (const refuse of this.#pending.values()) refuse(new UnavailableError('SHUTTING_DOWN'));
  }

  /** Yields the chunks of a file. Throws a RequestRefusal if it stalls or takes too long. */
  async *receive(payload: IncomingMessage): AsyncGenerator<Uint8Array, void, undefined> {
    const { socket } = payload;
    const state: { refusal: Error | null; endWait: (error: Error) => void } = {
      refusal: null,
      endWait: () => undefined,
    };
    const refuse = (error: Error) => {
      state.refusal = error;
      state.endWait(error);
    };
    const late = () => {
      refuse(requestTimeout());
    };
    const disconnect = () => {
      refuse(new RequestRefusal('The connection was closed before the body had arrived.'));
    };
    const limit = setTimeout(late, maxUploadMs);
    this.#pending.set(socket, refuse);
    socket.once('close', disconnect);
    const chunks = payload.iterator({ destroyOnReturn: false });
    try {
      for (;;) {
        if (state.refusal !== null) throw state.refusal;
        const stall = setTimeout(late, this.#timeoutMs);
        // A promise for each chunk: racing all of them with one promise would retain memory until the end.
        const next = await new Promise<IteratorResult<unknown>>((resolve, reject) => {
          state.endWait = reject;
          chunks.next().then(resolve, reject);
        }).finally(() => {
          clearTimeout(stall);
        });
        if (next.done === true) return;
        yield next.value as Uint8Array;
      }
    } finally {
      clearTimeout(limit);
      socket.off('close', disconnect);
      this.#pending.delete(socket);
      if (!payload.complete) this.#discard(payload);
    }
  }

  /** Discards the rest of a refused file for a while: some clients read the response only after sending everything. */
  #discard(payload: IncomingMessage): void {
    const limit = setTimeout(() => payload.socket.destroy(), 2 * this.#timeoutMs).unref();
    payload.once('close', () => {
      clearTimeout(limit);
    });
    // A listener of the iterator would keep the rest from flowing.
    payload.removeAllListeners('readable');
    payload.resume();
  }
}
