/** Reads the settings of the MCP endpoint. */
import type { BearerTokenOptions } from '../callers/bearer-tokens.ts';
import type { McpSetting } from '../mcp/tools/tool-set.ts';
import type { Settings } from './settings.ts';

/**
 * Reads the settings; null if the endpoint is off, which is the default for a real upstream.
 *
 * @param tokens null if bearer tokens are off
 */
export function readMcp(
  settings: Settings,
  upstreamKind: 'embedded' | 'remote' | 'profiles' | null,
  tokens: BearerTokenOptions | null,
): McpSetting | null {
  const isOn = settings.choice('MCP', ['on', 'off'], upstreamKind === 'embedded' ? 'on' : 'off') === 'on';
  const given = settings.text('MCP_URL');
  const setting = {
    toolsFolder: settings.text('MCP_TOOLS'),
    hasQueries: settings.choice('MCP_QUERIES', ['on', 'off'], 'off') === 'on',
    maxCharacters: settings.integer('MCP_MAX_CHARACTERS', { from: 2000, to: 1_000_000, otherwise: 20_000 }),
    url: given === null ? null : settings.url('MCP_URL', given),
    authorizationServer: tokens?.issuer ?? null,
  };
  return isOn ? setting : null;
}
