/** Parses the mcp command's arguments. */
import { parseOptions, parseUrl, urlExpectation } from './option-values.ts';
import { exitCodes } from './report-outcome.ts';

export const mcpUsage = `Lets an assistant on this computer ask, by the Model Context Protocol over the standard input and output.

Usage: npm run -s mcp -- [options]

  --url <url>       ask this gateway, such as https://graph.example.com/mcp; without it, one is started with the
                    settings of the environment, for this assistant alone
  --profile <name>  the upstream's credential, if AVEPOINT_PROFILES names several and there is no --url
  -h, --help        print this

The environment variable GRAPH_KEY is sent along as X-API-Key. Faults go to the standard error. Messages that are not
answered a minute after the end of the input get an error. The exit code is ${exitCodes.usage} if an option or its value is
wrong, and ${exitCodes.failed} after any other fault.`;

export interface McpCommandOptions {
  /** URL of a gateway's MCP endpoint; null to start a gateway for the command. */
  readonly url: URL | null;
  /** Profile of AVEPOINT_PROFILES for the command's own gateway; null if there are none. */
  readonly profile: string | null;
}

/**
 * Parses the arguments; null for --help.
 *
 * @throws OptionsError
 */
export function parseMcpOptions(args: readonly string[]): McpCommandOptions | null {
  const given = parseOptions(args, {
    expectations: { url: urlExpectation, profile: 'a name of AVEPOINT_PROFILES' },
    flags: [],
    example: 'npm run -s mcp -- --url http://localhost:4000/mcp',
  });
  if (given === null) return null;
  const url = given.get('url')?.at(-1);
  return {
    url: url === undefined ? null : parseUrl(url, 'GRAPH_KEY'),
    profile: given.get('profile')?.at(-1) ?? null,
  };
}
