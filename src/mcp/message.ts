/** Answers one message of the protocol, in any revision. Stateless. */
import { createMcpHandler } from '@modelcontextprotocol/server';
import type { JsonObject } from '../json.ts';
import { paramsFault, withoutNullArguments } from './message-params.ts';
import { createMcpServer, type McpServerOptions } from './server.ts';
import type { Operations } from './tool.ts';

/** Code of JSON-RPC. */
const invalidParams = -32602;

/**
 * @param request with the headers of the message; its signal ends the answer
 * @param message the body, parsed
 */
export function answerMessage(
  request: Request,
  message: JsonObject,
  options: McpServerOptions,
  operations: Operations,
): Promise<Response> {
  const fault = paramsFault(message);
  if (fault !== null) {
    operations.recordFailure('BAD_USER_INPUT');
    const error = { code: invalidParams, message: fault };
    return Promise.resolve(Response.json({ jsonrpc: '2.0', id: message['id'], error }));
  }
  const handler = createMcpHandler(() => createMcpServer(options, operations), {
    // The server's own pings serve every stream.
    keepAliveMs: 0,
  });
  return handler.fetch(request, { parsedBody: withoutNullArguments(message) });
}
