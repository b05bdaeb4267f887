/** Answers one message of the protocol, in any revision, without state. */
import { createMcpHandler } from '@modelcontextprotocol/server';
import type { JsonObject } from '../json.ts';
import { rpcCodes } from '../json-rpc.ts';
import { isServed, paramsFault, withUsedParams } from './message-params.ts';
import { createMcpServer, type McpServerOptions } from './server.ts';
import type { Operations } from './tools/tool.ts';

/**
 * @param request with the headers of the message; its signal ends the answer
 * @param message the body, parsed
 */
export async function answerMessage(
  request: Request,
  message: JsonObject,
  options: McpServerOptions,
  operations: Operations,
): Promise<Response> {
  const fault = paramsFault(message);
  if (fault !== null) {
    operations.recordFailure('BAD_USER_INPUT');
    const error = { code: rpcCodes.invalidParams, message: fault };
    return Response.json({ jsonrpc: '2.0', id: message['id'], error });
  }
  if (!isServed(message)) operations.recordFailure('BAD_REQUEST');
  const handler = createMcpHandler(() => createMcpServer(options, operations), {
    // The gateway's own pings serve every stream.
    keepAliveMs: 0,
  });
  const response = await handler.fetch(request, { parsedBody: withUsedParams(message) });
  if (response.status >= 400) operations.recordFailure('BAD_REQUEST');
  return response;
}
