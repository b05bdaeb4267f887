/** Reads messages of the Model Context Protocol from a standard input, one JSON object per line. */
import type { Readable } from 'node:stream';
import { isObject, type JsonObject } from '../json.ts';
import { rpcCodes } from '../json-rpc.ts';

/** A message, or a line's fault with its JSON-RPC code. */
export type ReadLine = { readonly message: JsonObject } | { readonly fault: string; readonly code: number };

/** Yields the non-empty lines of a stream. Throws if one is longer than `maxBytes`. */
export async function* linesOf(input: Readable, maxBytes: number): AsyncGenerator<string> {
  let pending: Buffer[] = [];
  let bytes = 0;
  for await (const chunk of input) {
    let rest = chunk as Buffer;
    for (let end = rest.indexOf('\n'); end >= 0; end = rest.indexOf('\n')) {
      const line = Buffer.concat([...pending, rest.subarray(0, end)]).toString();
      rest = rest.subarray(end + 1);
      pending = [];
      bytes = 0;
      if (line.trim() !== '') yield line;
    }
    bytes += rest.length;
    if (bytes > maxBytes) throw new Error(`A message is longer than ${maxBytes} bytes.`);
    pending.push(rest);
  }
  // The last line of a pipe may have no line break.
  const last = Buffer.concat(pending).toString();
  if (last.trim() !== '') yield last;
}

export function readLine(line: string): ReadLine {
  try {
    const message: unknown = JSON.parse(line);
    if (isObject(message)) return { message };
    return { fault: 'Expected a JSON object: one JSON-RPC message a line.', code: rpcCodes.invalidRequest };
  } catch {
    return { fault: 'The line is not JSON. Send one JSON-RPC message a line.', code: rpcCodes.parseError };
  }
}
