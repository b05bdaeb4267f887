/** A connection whose bytes a test writes and reads itself: half a request, or an answer that is not read. */
import { once } from 'node:events';
import { connect, type Socket } from 'node:net';
import { livenessMs } from './http-exchange.ts';

export interface OpenConnection {
  readonly socket: Socket;
  /** All that has been read so far. */
  readonly text: () => string;
  /** Settles when what has been read satisfies the check; rejects if the connection closes before, or time is up. */
  readonly read: (check: (text: string) => boolean, limitMs?: number) => Promise<string>;
  /** Settles when the other side has closed the connection; rejects when time is up. */
  readonly closed: (limitMs?: number) => Promise<string>;
}

export async function openConnection(url: string): Promise<OpenConnection> {
  const { hostname, port } = new URL(url);
  const socket = connect(Number(port), hostname);
  let text = '';
  let isClosed = false;
  const watchers = new Set<() => void>();
  const notify = () => {
    for (const watcher of watchers) watcher();
  };
  // An error closes the connection, which settles every wait.
  socket.on('error', () => undefined);
  socket.on('data', (data: Buffer) => {
    text += data.toString();
    notify();
  });
  socket.on('close', () => {
    isClosed = true;
    notify();
  });
  await once(socket, 'connect');

  const wait = (isDone: () => boolean, what: string, limitMs: number) =>
    new Promise<string>((resolve, reject) => {
      const timer = setTimeout(() => {
        settle(`${what} within ${limitMs} ms`);
      }, limitMs);
      const settle = (fault?: string) => {
        clearTimeout(timer);
        watchers.delete(watcher);
        if (fault === undefined) resolve(text);
        else reject(new Error(`${fault}; read ${JSON.stringify(text.slice(-500))}`));
      };
      const watcher = () => {
        if (isDone()) settle();
        else if (isClosed) settle('The connection was closed');
      };
      watchers.add(watcher);
      watcher();
    });

  return {
    socket,
    text: () => text,
    read: (check, limitMs = livenessMs) => wait(() => check(text), 'Nothing of the kind came', limitMs),
    closed: (limitMs = livenessMs) => wait(() => isClosed, 'The connection was not closed', limitMs),
  };
}

/** The head of a POST to /graphql, with the headers given as lines. */
export function postHead(lines: readonly string[]): string {
  return [
    'POST /graphql HTTP/1.1',
    'host: 127.0.0.1',
    'content-type: application/json',
    ...lines,
    '',
    '',
  ].join('\r\n');
}

/** The body of an answer as it was read from a connection, its chunks put together. */
export function bodyOf(answer: string): string {
  const start = answer.indexOf('\r\n\r\n') + 4;
  if (!/^transfer-encoding: chunked\r$/im.test(answer.slice(0, start))) return answer.slice(start);
  let rest = Buffer.from(answer.slice(start));
  const chunks: Buffer[] = [];
  for (;;) {
    const lineEnd = rest.indexOf('\r\n');
    const length = parseInt(rest.subarray(0, lineEnd).toString(), 16);
    if (lineEnd < 0 || !(length > 0)) return Buffer.concat(chunks).toString();
    chunks.push(rest.subarray(lineEnd + 2, lineEnd + 2 + length));
    rest = rest.subarray(lineEnd + 2 + length + 2);
  }
}
