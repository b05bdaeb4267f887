/** Parses the mcp command's arguments. Errors name the option at fault. */
import { parseArgs } from 'node:util';
import { quoted } from '../json.ts';
import { unknownOption } from '../nearest-name.ts';
import { exitCodes } from './report-outcome.ts';

/** Invalid arguments; the message names them. */
export class McpOptionsError extends Error {
  override readonly name = 'McpOptionsError';
}

export const mcpUsage = `Lets an assistant on this computer ask, by the Model Context Protocol over the standard input and output.

Usage: npm run -s mcp -- [options]

  --url <url>       ask this gateway, such as https://graph.example.com/mcp; without it, one is started with the
                    settings of the environment, for this assistant alone
  --profile <name>  the upstream's credential, if AVEPOINT_PROFILES names several and there is no --url
  -h, --help        print this

The environment variable GRAPH_KEY is sent along as X-API-Key. Faults go to the standard error. At the end of the input,
messages that are not answered yet have a minute. The exit code is ${exitCodes.usage} if an option or its value is wrong, and ${exitCodes.failed} after any other
fault.`;

export interface McpCommandOptions {
  /** URL of a gateway's endpoint for assistants; null to start a gateway for the command. */
  readonly url: URL | null;
  /** Profile of AVEPOINT_PROFILES for a gateway of the command's own; null if there are none. */
  readonly profile: string | null;
}

const options = {
  url: { type: 'string' },
  profile: { type: 'string' },
  help: { type: 'boolean', short: 'h' },
} as const;

const expectations = {
  url: 'an http or https URL without user and password',
  profile: 'a name of AVEPOINT_PROFILES',
};

/**
 * Parses the arguments; null for --help.
 *
 * @throws McpOptionsError
 */
export function parseMcpOptions(args: readonly string[]): McpCommandOptions | null {
  const { tokens } = parseArgs({ args: [...args], options, strict: false, tokens: true });
  const given: { url?: string; profile?: string } = {};
  let isHelp = false;
  for (const token of tokens) {
    if (token.kind === 'option-terminator') continue;
    if (token.kind === 'positional') throw new McpOptionsError(`unexpected argument ${quoted(token.value)}`);
    const { name, value, inlineValue } = token;
    if (name === 'help') {
      if (value !== undefined) throw new McpOptionsError('--help takes no value');
      isHelp = true;
      continue;
    }
    if (name !== 'url' && name !== 'profile')
      throw new McpOptionsError(unknownOption(token.rawName, Object.keys(options)));
    // The value was forgotten, and another option follows.
    const isForgotten = inlineValue === false && value.startsWith('-');
    if (value === undefined || value.trim() === '' || isForgotten)
      throw new McpOptionsError(`--${name}: expected ${expectations[name]}, but there is no value`);
    given[name] = value;
  }
  if (isHelp) return null;
  const { url = null, profile = null } = given;
  return { url: url === null ? null : parseUrl(url), profile };
}

/** Errors never quote the text, which may have a password. */
function parseUrl(text: string): URL {
  if (URL.canParse(text) && /^https?:/i.test(text) && !text.includes('@')) return new URL(text);
  throw new McpOptionsError(`--url: expected ${expectations.url}`);
}
