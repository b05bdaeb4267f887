/** Answers one message of the protocol, in whichever revision it comes: nothing is kept between messages. */
import { createMcpHandler } from '@modelcontextprotocol/server';
import { createMcpServer, type McpServerOptions } from './server.ts';
import type { Operations } from './tool.ts';

/**
 * @param request with the headers of the message; its signal ends the answer
 * @param message the body, parsed
 */
export function answerMessage(
  request: Request,
  message: unknown,
  options: McpServerOptions,
  operations: Operations,
): Promise<Response> {
  const handler = createMcpHandler(() => createMcpServer(options, operations), {
    // The server's own pings serve every stream.
    keepAliveMs: 0,
  });
  return handler.fetch(request, { parsedBody: message });
}
