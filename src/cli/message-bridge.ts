/** Sends each message of the standard input to an endpoint by HTTP, and what it answers to the standard output. */
import type { Readable, Writable } from 'node:stream';
import type { JSONRPCMessage } from '@modelcontextprotocol/server';
import { StdioServerTransport } from '@modelcontextprotocol/server/stdio';
import { EventSourceParserStream } from 'eventsource-parser/stream';
import { isObject } from '../json.ts';
import { explainFailure } from '../transport/failure-cause.ts';
import { AnswerError, fetchGateway } from './gateway-fetch.ts';

export interface MessageBridgeOptions {
  readonly url: URL;
  /** Sent with every message. */
  readonly headers: Readonly<Record<string, string>>;
  /** Prints a fault. */
  readonly log: (text: unknown) => void;
  readonly input: Readable;
  readonly output: Writable;
  /** How long the client may accept nothing of its answers, in milliseconds. */
  readonly readerTimeoutMs: number;
}

/** As one HTTP request may have. */
const maxLineBytes = 1024 * 1024;
/** Requests that may run at once: the input is not read until one has ended. */
const maxRunning = 64;
const revisionKey = 'io.modelcontextprotocol/protocolVersion';
/** Of JSON-RPC: an error that the endpoint did not describe. */
const internalError = -32603;

type Id = string | number;

export class MessageBridge {
  readonly #options: MessageBridgeOptions;
  readonly #transport: StdioServerTransport;
  /** Requests that have not been answered. */
  readonly #running = new Map<Id, AbortController>();
  /** The session of an older revision, in which a later message may cancel an earlier one. */
  #session: string | null = null;
  /** The revision that was agreed on at the start; null if each message names its own. */
  #revision: string | null = null;
  /** Resolves when the client has accepted all that was written; null if nothing is pending. */
  #drained: Promise<unknown> | null = null;
  #stalled: NodeJS.Timeout | undefined;
  /** Answers are written one after the other, as the client accepts them. */
  #lastWritten: Promise<unknown> = Promise.resolve();
  #onEnd: () => void = () => undefined;

  constructor(options: MessageBridgeOptions) {
    const { input, output } = options;
    this.#options = options;
    this.#transport = new StdioServerTransport(input, output, { maxBufferSize: maxLineBytes });
  }

  /** @param onEnd called when the input has ended, or the client does not read its answers */
  async start(onEnd: () => void): Promise<void> {
    this.#onEnd = onEnd;
    this.#transport.onmessage = (message) => {
      this.#send(message).catch(this.#options.log);
    };
    this.#transport.onerror = (error) => {
      this.#options.log(error.message);
    };
    this.#transport.onclose = onEnd;
    await this.#transport.start();
  }

  /** Cancels what is running. */
  async close(): Promise<void> {
    clearTimeout(this.#stalled);
    for (const controller of this.#running.values()) controller.abort();
    await this.#transport.close();
  }

  async #send(message: JSONRPCMessage): Promise<void> {
    const id = 'id' in message && 'method' in message ? message.id : null;
    const controller = new AbortController();
    if (id !== null) this.#running.set(id, controller);
    this.#readIfFree();
    try {
      if ('method' in message && message.method === 'notifications/cancelled') {
        // The end of its connection cancels a request, in every revision.
        this.#running.get(message.params?.['requestId'] as Id)?.abort();
        return;
      }
      await this.#post(message, controller.signal);
      if (id !== null && this.#running.has(id)) throw new AnswerError('The gateway ended its answer early.');
    } catch (error) {
      if (controller.signal.aborted) return;
      const { url, log } = this.#options;
      const text =
        error instanceof AnswerError
          ? error.message
          : explainFailure(error, { name: 'The gateway', url, setting: '--url' }).text;
      log(text);
      if (id !== null)
        await this.#answer({ jsonrpc: '2.0', id, error: { code: internalError, message: text } });
    } finally {
      if (id !== null && this.#running.get(id) === controller) this.#running.delete(id);
      this.#readIfFree();
    }
  }

  async #post(message: JSONRPCMessage, signal: AbortSignal): Promise<void> {
    const { url, headers } = this.#options;
    const response = await fetchGateway(url, {
      method: 'POST',
      headers: { ...headers, ...this.#headersOf(message) },
      body: JSON.stringify(message),
      signal,
    });
    this.#session ??= response.headers.get('mcp-session-id');
    if (response.headers.get('content-type')?.startsWith('text/event-stream') !== true) {
      const text = await response.text();
      if (text !== '') await this.#answerTo(message, text, response.status);
      return;
    }
    const events = response.body
      ?.pipeThrough(new TextDecoderStream())
      .pipeThrough(new EventSourceParserStream());
    for await (const { data } of events ?? [])
      if (data !== '') await this.#answerTo(message, data, response.status);
  }

  #headersOf(message: JSONRPCMessage): Readonly<Record<string, string>> {
    const { method, params = {} } = 'method' in message ? message : { method: null };
    const meta = params._meta as Readonly<Record<string, unknown>> | undefined;
    const revision = meta?.[revisionKey] ?? this.#revision;
    const name = params['name'];
    return {
      'content-type': 'application/json',
      accept: 'application/json, text/event-stream',
      ...(typeof revision === 'string' ? { 'mcp-protocol-version': revision } : {}),
      ...(method === null ? {} : { 'mcp-method': method }),
      ...(typeof name === 'string' && /^[!-~]+$/.test(name) ? { 'mcp-name': name } : {}),
      ...(this.#session === null ? {} : { 'mcp-session-id': this.#session }),
    };
  }

  async #answerTo(message: JSONRPCMessage, text: string, status: number): Promise<void> {
    const answer = parseMessage(text);
    if (answer === null)
      throw new AnswerError(
        `The gateway answers with status ${status}, and with no message: check --url, which ends with /mcp.`,
      );
    const isInitialized = 'method' in message && message.method === 'initialize' && 'result' in answer;
    if (isInitialized) {
      const { protocolVersion } = (answer as { readonly result: unknown }).result as {
        readonly protocolVersion?: string;
      };
      this.#revision = protocolVersion ?? null;
    }
    // A refusal of the whole request has no id of its own.
    const isRefusal = 'error' in answer && (answer.id ?? null) === null;
    if (isRefusal && !('id' in message))
      this.#options.log((answer as { error: { message: string } }).error.message);
    else if (isRefusal && 'id' in message) await this.#answer({ ...answer, id: message.id });
    else await this.#answer(answer);
  }

  #answer(message: JSONRPCMessage): Promise<void> {
    const { id } = message as { readonly id?: Id };
    if (id !== undefined && !('method' in message)) this.#running.delete(id);
    const written = this.#lastWritten.then(() => {
      const sent = this.#transport.send(message);
      if (this.#options.output.writableNeedDrain) this.#waitForReader();
      return sent;
    });
    this.#lastWritten = written.catch(() => undefined);
    return written;
  }

  /** Stops reading until the client has accepted its answers, and ends if it does not in time. */
  #waitForReader(): void {
    if (this.#drained !== null) return;
    const { output, readerTimeoutMs, log } = this.#options;
    this.#stalled = setTimeout(() => {
      log(`The client has accepted nothing of its answers for ${readerTimeoutMs} ms.`);
      this.#onEnd();
    }, readerTimeoutMs);
    this.#drained = new Promise<void>((resolve) => {
      output.once('drain', resolve);
    }).then(() => {
      clearTimeout(this.#stalled);
      this.#drained = null;
      this.#readIfFree();
    });
    this.#readIfFree();
  }

  #readIfFree(): void {
    const { input } = this.#options;
    if (this.#drained !== null || this.#running.size >= maxRunning) input.pause();
    else if (input.isPaused()) input.resume();
  }
}

/** Null for a text that is no message of the protocol, such as a refusal of another endpoint. */
function parseMessage(text: string): JSONRPCMessage | null {
  try {
    const parsed: unknown = JSON.parse(text);
    return isObject(parsed) && parsed['jsonrpc'] === '2.0' ? (parsed as unknown as JSONRPCMessage) : null;
  } catch {
    return null;
  }
}
