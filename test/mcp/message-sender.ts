/** Messages to the endpoint for assistants, sent as given: well formed or not. */
import { exchange, type ExchangeAnswer } from '../http-exchange.ts';

const messageHeaders = {
  'content-type': 'application/json',
  accept: 'application/json, text/event-stream',
};

export interface ToolResult {
  readonly content: readonly { readonly type: string; readonly text: string }[];
  readonly structuredContent?: Readonly<Record<string, unknown>>;
  readonly isError?: boolean;
}

export interface MessageAnswer {
  readonly jsonrpc: '2.0';
  readonly id: string | number | null;
  readonly result?: unknown;
  readonly error?: {
    readonly code: number;
    readonly message: string;
    readonly data?: { readonly code?: string };
  };
}

/** A call of a tool, as JSON. */
export function callText(name: string, given: object, id: number | string = 1, meta: object = {}): string {
  return JSON.stringify({
    jsonrpc: '2.0',
    id,
    method: 'tools/call',
    params: { name, arguments: given, ...(Object.keys(meta).length === 0 ? {} : { _meta: meta }) },
  });
}

export function sendMessage(
  url: string,
  body: string | Buffer,
  headers: Readonly<Record<string, string>> = {},
): Promise<ExchangeAnswer> {
  return exchange(url, { target: '/mcp', headers: { ...messageHeaders, ...headers }, body });
}

/** The messages of an answer, whether it is one or a stream of events. */
function messagesOf({ headers, text }: ExchangeAnswer): readonly MessageAnswer[] {
  if (headers['content-type']?.startsWith('text/event-stream') !== true)
    return text === '' ? [] : [JSON.parse(text) as MessageAnswer];
  return [...text.matchAll(/^data: (.*)$/gm)].map(([, json = '']) => JSON.parse(json) as MessageAnswer);
}

/** The last message, which answers a request. */
export function answerOf(answer: ExchangeAnswer): MessageAnswer {
  const last = messagesOf(answer).at(-1);
  if (last === undefined) throw new Error(`There is no message in the answer of status ${answer.status}.`);
  return last;
}

/** Calls a tool of a gateway; fails unless there is a result, which may be an error of the tool. */
export async function callTool(
  url: string,
  name: string,
  given: object,
  headers: Readonly<Record<string, string>> = {},
): Promise<ToolResult> {
  const { result, error } = answerOf(await sendMessage(url, callText(name, given), headers));
  if (result === undefined) throw new Error(error?.message ?? 'There is neither a result nor an error.');
  return result as ToolResult;
}
