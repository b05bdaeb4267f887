/** The protocol's official client, connected to a gateway in each way that there is. */
import { fileURLToPath } from 'node:url';
import { Client, StreamableHTTPClientTransport, type Transport } from '@modelcontextprotocol/client';
import { StdioClientTransport } from '@modelcontextprotocol/client/stdio';
import type { McpSetting } from '../../src/mcp/tools/tool-set.ts';
import { patience, settingsOf } from '../gateway-process.ts';
import type { Simulator } from '../../src/simulator/simulator.ts';

export const mcpSetting: McpSetting = {
  toolsFolder: null,
  hasQueries: true,
  maxCharacters: 20_000,
  url: null,
  authorizationServer: null,
};

export const revisions = ['2026-07-28', '2025-11-25'];

export const root = fileURLToPath(new URL('../..', import.meta.url));
export const program = 'dist/cli/mcp.js';

/** Of a process that starts a gateway of its own over an upstream. */
export function ownSettings(simulator: Simulator): Record<string, string> {
  return {
    PATH: process.env['PATH'] ?? '',
    ...patience,
    ...settingsOf(simulator),
    MCP_MAX_CHARACTERS: '1000000',
    MCP_QUERIES: 'on',
  };
}

/** Settings of the connections: the client has to agree on this revision. */
async function connect(transport: Transport, revision: string): Promise<Client> {
  const isStateless = revision >= '2026';
  const client = new Client(
    { name: 'test', version: '1' },
    { versionNegotiation: { mode: isStateless ? { pin: revision } : 'legacy' } },
  );
  await client.connect(transport);
  return client;
}

export function connectOverHttp(url: string, revision: string): Promise<Client> {
  return connect(new StreamableHTTPClientTransport(new URL('/mcp', url)), revision);
}

/** @param settings environment of the process */
export function connectOverStdio(
  args: readonly string[],
  settings: Record<string, string>,
  revision: string,
): Promise<Client> {
  const transport = new StdioClientTransport({
    command: process.execPath,
    args: [program, ...args],
    env: settings,
    cwd: root,
    stderr: 'inherit',
  });
  return connect(transport, revision);
}
