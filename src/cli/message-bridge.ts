/** Sends each message of the standard input to an endpoint by HTTP, and the answers to the standard output. */
import { once } from 'node:events';
import type { Readable, Writable } from 'node:stream';
import { setTimeout as sleep } from 'node:timers/promises';
import { EventSourceParserStream } from 'eventsource-parser/stream';
import { isObject, type JsonObject } from '../json.ts';
import { rpcCodes } from '../json-rpc.ts';
import { explainFailure } from '../transport/failure-cause.ts';
import { AnswerError, fetchGateway } from './gateway-fetch.ts';
import { linesOf, type ReadLine } from './message-lines.ts';
import { exitCodes } from './report-outcome.ts';

export interface MessageBridgeOptions {
  readonly url: URL;
  /** Headers of every message. */
  readonly headers: Readonly<Record<string, string>>;
  /** Logs a fault. */
  readonly log: (text: unknown) => void;
  readonly input: Readable;
  readonly output: Writable;
  /** Milliseconds that the client may accept nothing of its answers. */
  readonly readerTimeoutMs: number;
  /** Milliseconds for the answers pending at the end of the input. */
  readonly drainMs: number;
}

/** Limit of one HTTP request. */
const maxLineBytes = 1024 * 1024;
/** Maximum messages in flight, notifications included. */
const maxInFlight = 64;
/** Messages read ahead while no further one may be sent, for a cancellation behind them to take effect. */
const maxWaiting = 16;
/** Interval of checks, after the end of the input, whether the client is alive. */
const checkMs = 1000;
/** Time for the client to accept the errors of abandoned messages. */
const lastErrorsMs = 1000;
const revisionKey = 'io.modelcontextprotocol/protocolVersion';

type Id = string | number;

export class MessageBridge {
  readonly #options: MessageBridgeOptions;
  /** Unanswered requests. */
  readonly #running = new Map<Id, AbortController>();
  /** Lines read but not yet sent. */
  readonly #waiting: ReadLine[] = [];
  #inFlight = 0;
  /** Session of an older revision, by which a later message may cancel an earlier one. */
  #session: string | null = null;
  /** Revision negotiated at the start; null if each message names its own. */
  #revision: string | null = null;
  /** Whether the client has yet to accept written data. */
  #isFull = false;
  #isClosed = false;
  #stalled: NodeJS.Timeout | undefined;
  #drain: NodeJS.Timeout | undefined;
  #check: NodeJS.Timeout | undefined;
  /** Serializes answers: each is written after the client has accepted the previous one. */
  #lastWritten: Promise<unknown> = Promise.resolve();
  /** Called when messages have been sent. */
  #onSent: () => void = () => undefined;
  #onEnd: (exitCode: number) => void = () => undefined;
  /** Whether the gateway left a message unanswered. */
  #hasFailed = false;

  constructor(options: MessageBridgeOptions) {
    this.#options = options;
  }

  /** @param onEnd called when all input is answered, or when the client does not read its answers */
  start(onEnd: (exitCode: number) => void): void {
    const { output } = this.#options;
    this.#onEnd = (exitCode) => {
      if (!this.#isClosed) onEnd(exitCode);
    };
    output.on('error', ({ message }) => {
      this.#fail(message);
    });
    output.on('close', () => {
      this.#fail('The client has closed the output.');
    });
    this.#read().then(this.#onEnd, (error: unknown) => {
      this.#fail((error as Error).message);
    });
  }

  #fail(fault: string): void {
    if (this.#isClosed) return;
    this.#options.log(fault);
    this.#onEnd(exitCodes.failed);
  }

  /** Cancels the running requests. */
  close(): void {
    this.#isClosed = true;
    clearTimeout(this.#stalled);
    clearTimeout(this.#drain);
    clearInterval(this.#check);
    for (const controller of this.#running.values()) controller.abort();
    this.#options.input.destroy();
  }

  /** Resolves to the exit code when the input has ended, and all messages are answered or abandoned. */
  async #read(): Promise<number> {
    const { input, drainMs } = this.#options;
    for await (const read of linesOf(input, maxLineBytes)) {
      if (this.#isClosed) return exitCodes.complete;
      if ('message' in read && read.message['method'] === 'notifications/cancelled') {
        this.#cancel(read.message);
        continue;
      }
      this.#waiting.push(read);
      await this.#sendWaiting(maxWaiting);
    }
    this.#checkOutput();
    const isLate = new Promise<boolean>((resolve) => {
      this.#drain = setTimeout(resolve, drainMs, true);
    });
    if (!(await Promise.race([this.#answered(), isLate])))
      return this.#hasFailed ? exitCodes.failed : exitCodes.complete;
    await this.#giveUp();
    return exitCodes.failed;
  }

  /** Detects a dead client by empty writes until there is an answer. */
  #checkOutput(): void {
    const { output } = this.#options;
    this.#check = setInterval(() => {
      if (!this.#isFull) output.write('');
    }, checkMs);
  }

  /** Cancels unanswered requests, and answers them with errors. */
  async #giveUp(): Promise<void> {
    const { drainMs, log } = this.#options;
    const count = this.#inFlight + this.#waiting.length;
    const within = `within ${drainMs / 1000} s.`;
    log(
      count === 0
        ? `The client has not accepted its answers ${within}`
        : `${count} ${count === 1 ? 'message was' : 'messages were'} not answered ${within}`,
    );
    const waiting = this.#waiting
      .splice(0)
      .map((read) => ('message' in read ? requestIdOf(read.message) : null));
    const ids = [...this.#running.keys(), ...waiting.filter((id) => id !== null)];
    for (const controller of this.#running.values()) controller.abort();
    const error = { code: rpcCodes.internalError, message: `The gateway did not answer ${within}` };
    const answers = ids.map((id) => this.#answer({ jsonrpc: '2.0', id, error }));
    await Promise.race([Promise.allSettled(answers), sleep(lastErrorsMs, undefined, { ref: false })]);
  }

  /** Resolves to false when every message read is answered, and the client has accepted the answers. */
  async #answered(): Promise<boolean> {
    await this.#sendWaiting(0);
    while (!this.#isClosed && this.#inFlight > 0) await this.#sent();
    await this.#lastWritten;
    return false;
  }

  /** Resolves when a message has been answered. */
  #sent(): Promise<void> {
    return new Promise((resolve) => {
      this.#onSent = resolve;
    });
  }

  /** Resolves when at most `max` messages wait. */
  async #sendWaiting(max: number): Promise<void> {
    this.#send();
    while (!this.#isClosed && this.#waiting.length > max) await this.#sent();
  }

  /** Sends waiting messages up to the limit in flight. */
  #send(): void {
    while (!this.#isClosed && !this.#isFull && this.#inFlight < maxInFlight) {
      const read = this.#waiting.shift();
      if (read === undefined) break;
      const done =
        'message' in read
          ? this.#relay(read.message)
          : this.#answer({ jsonrpc: '2.0', id: null, error: { code: read.code, message: read.fault } });
      done.catch(this.#options.log);
    }
    this.#onSent();
  }

  /** Cancels a request by closing its connection, which works in every revision. */
  #cancel({ params }: JsonObject): void {
    const id = (isObject(params) ? params['requestId'] : undefined) as Id;
    this.#running.get(id)?.abort();
    const index = this.#waiting.findIndex((read) => 'message' in read && idOf(read.message) === id);
    if (index >= 0) this.#waiting.splice(index, 1);
  }

  async #relay(message: JsonObject): Promise<void> {
    const id = requestIdOf(message);
    const controller = new AbortController();
    if (id !== null) this.#running.set(id, controller);
    this.#inFlight += 1;
    try {
      await this.#post(message, controller.signal);
      if (id !== null && this.#running.has(id)) throw new AnswerError('The gateway ended its answer early.');
    } catch (error) {
      if (controller.signal.aborted) return;
      this.#hasFailed = true;
      const { url, log } = this.#options;
      const text =
        error instanceof AnswerError
          ? error.message
          : explainFailure(error, { name: 'The gateway', url, setting: '--url' }).text;
      log(text);
      if (id !== null)
        await this.#answer({ jsonrpc: '2.0', id, error: { code: rpcCodes.internalError, message: text } });
    } finally {
      if (id !== null && this.#running.get(id) === controller) this.#running.delete(id);
      this.#inFlight -= 1;
      this.#send();
    }
  }

  async #post(message: JsonObject, signal: AbortSignal): Promise<void> {
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

  #headersOf({ method, params }: JsonObject): Readonly<Record<string, string>> {
    const { _meta: meta, name } = isObject(params) ? params : {};
    const revision = (isObject(meta) ? meta[revisionKey] : null) ?? this.#revision;
    return {
      'content-type': 'application/json',
      accept: 'application/json, text/event-stream',
      ...(isHeader(revision) ? { 'mcp-protocol-version': revision } : {}),
      ...(isHeader(method) ? { 'mcp-method': method } : {}),
      ...(isHeader(name) ? { 'mcp-name': name } : {}),
      ...(this.#session === null ? {} : { 'mcp-session-id': this.#session }),
    };
  }

  async #answerTo(message: JsonObject, text: string, status: number): Promise<void> {
    const answer = parseMessage(text);
    if (answer === null)
      throw new AnswerError(
        `The gateway answers with status ${status}, and with no message: check --url, which ends with /mcp.`,
      );
    const { result, error, id = null } = answer;
    if (message['method'] === 'initialize' && isObject(result)) {
      const { protocolVersion: revision } = result;
      this.#revision = typeof revision === 'string' ? revision : null;
    }
    // A refusal of the whole request has no id.
    if (!isObject(error) || id !== null) await this.#answer(answer);
    else if ('id' in message) await this.#answer({ ...answer, id: idOf(message) });
    else this.#options.log(error['message']);
  }

  #answer(message: JsonObject): Promise<void> {
    const id = idOf(message);
    if (id !== null && !('method' in message)) this.#running.delete(id);
    const written = this.#lastWritten.then(() => this.#write(message));
    this.#lastWritten = written.catch(() => undefined);
    return written;
  }

  /** Resolves when the client has accepted the message. Stops reading until then, and ends if that takes too long. */
  async #write(message: JsonObject): Promise<void> {
    const { output, readerTimeoutMs } = this.#options;
    if (this.#isClosed || output.write(`${JSON.stringify(message)}\n`)) return;
    this.#isFull = true;
    this.#stalled = setTimeout(() => {
      this.#fail(`The client has accepted nothing of its answers for ${readerTimeoutMs} ms.`);
    }, readerTimeoutMs);
    await once(output, 'drain');
    clearTimeout(this.#stalled);
    this.#isFull = false;
    this.#send();
  }
}

function idOf({ id }: JsonObject): Id | null {
  return typeof id === 'string' || typeof id === 'number' ? id : null;
}

/** Returns null for notifications and answers. */
function requestIdOf(message: JsonObject): Id | null {
  return message['method'] === undefined ? null : idOf(message);
}

function isHeader(value: unknown): value is string {
  return typeof value === 'string' && /^[!-~]+$/.test(value);
}

/** Returns null for a text that is no message of the protocol, such as another endpoint's refusal. */
function parseMessage(text: string): JsonObject | null {
  try {
    const parsed: unknown = JSON.parse(text);
    return isObject(parsed) && parsed['jsonrpc'] === '2.0' ? parsed : null;
  } catch {
    return null;
  }
}
