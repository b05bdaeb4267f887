/** Reads messages of the Model Context Protocol from a standard input, one JSON object per line. */
import type { Readable } from 'node:stream';
import { isObject, type JsonObject } from '../json.ts';
import { rpcCodes } from '../json-rpc.ts';

/** A message, or a line's fault with its JSON-RPC code. */
export type ReadLine = { readonly message: JsonObject } | { readonly fault: string; readonly code: number };

/** Yields what the non-empty lines of a stream are; a line longer than `maxBytes` is a fault, and is not kept. */
export async function* linesOf(input: Readable, maxBytes: number): AsyncGenerator<ReadLine> {
  let kept: Buffer[] = [];
  let bytes = 0;
  const keep = (part: Buffer) => {
    bytes += part.length;
    if (bytes > maxBytes) kept = [];
    else kept.push(part);
  };
  const takeLine = (): readonly ReadLine[] => {
    const isLong = bytes > maxBytes;
    const line = Buffer.concat(kept).toString();
    kept = [];
    bytes = 0;
    if (isLong)
      return [{ fault: `The line is longer than ${maxBytes} bytes.`, code: rpcCodes.invalidRequest }];
    return line.trim() === '' ? [] : [readLine(line)];
  };
  for await (const chunk of input) {
    let rest = chunk as Buffer;
    for (let end = rest.indexOf('\n'); end >= 0; end = rest.indexOf('\n')) {
      keep(rest.subarray(0, end));
      rest = rest.subarray(end + 1);
      yield* takeLine();
    }
    keep(rest);
  }
  // The last line of a pipe may have no line break.
  yield* takeLine();
}

function readLine(line: string): ReadLine {
  try {
    const message: unknown = JSON.parse(line);
    if (isObject(message)) return { message };
    return { fault: 'Expected a JSON object: one JSON-RPC message a line.', code: rpcCodes.invalidRequest };
  } catch {
    return { fault: 'The line is not JSON. Send one JSON-RPC message a line.', code: rpcCodes.parseError };
  }
}
