/** Protected resource metadata (RFC 9728), by which MCP clients find the authorization server. */
import type { FastifyInstance } from 'fastify';
import type { McpSetting } from '../../mcp/tools/tool-set.ts';

const wellKnown = '/.well-known/oauth-protected-resource';

/** Returns the metadata's URL; null if tokens are not accepted, or the endpoint's own URL is unknown. */
export function metadataUrlOf({ url, authorizationServer }: McpSetting): string | null {
  if (url === null || authorizationServer === null) return null;
  return `${url.origin}${wellKnown}${url.pathname}`;
}

export function answerMetadata(server: FastifyInstance, setting: McpSetting): void {
  const { url, authorizationServer } = setting;
  if (url === null || authorizationServer === null) return;
  const metadata = {
    resource: url.href,
    authorization_servers: [authorizationServer],
    bearer_methods_supported: ['header'],
    resource_name: 'Elements Graph',
  };
  // A proxy may serve the gateway below a prefix.
  for (const path of new Set(['', url.pathname.replace(/\/$/, ''), '/mcp']))
    server.get(`${wellKnown}${path}`, (_request, reply) =>
      // Public: pages of any origin may need it to sign in.
      reply.header('access-control-allow-origin', '*').header('cache-control', 'max-age=3600').send(metadata),
    );
}
