/** Parses the command line of the process. */
import { parseArgs } from 'node:util';
import { quoted } from '../json.ts';
import { unknownOption } from '../nearest-name.ts';

/** Command of the process. Only `run` starts the gateway. */
export type Command =
  | { readonly kind: 'run' | 'help' | 'version' }
  | { readonly kind: 'check'; readonly isProbe: boolean }
  | { readonly kind: 'documents'; readonly file: string };

/** Invalid arguments; the message names them. */
export class CommandLineError extends Error {
  override readonly name = 'CommandLineError';
}

/** Text of `--help`. */
export const usage = `Elements Graph, a GraphQL gateway over the AvePoint Elements partner API.

Usage: node dist/main.js [option]

Without an option, the gateway starts. Its settings come from the environment; docs/configuration.md lists them.

  --check-config            read the settings and the files that they name, and print what they mean; the exit code
                            is 0 if the gateway could start with them, else 1
  --check-config --probe    also get an access token and read a page of each collection of the upstream; the exit code
                            is 1 if a permission is missing or something could not be read
  --check-documents <file>  check a manifest of trusted documents, as graphql-codegen, Apollo and Relay write them,
                            against the schema and the limits; the exit code is 0 if the gateway accepts them all,
                            else 1
  --version                 print the version
  --help                    print this
`;

/** Maximum characters of an argument that a message quotes. */
const maxQuoted = 100;

const options = {
  'check-config': { type: 'boolean' },
  probe: { type: 'boolean' },
  'check-documents': { type: 'boolean' },
  version: { type: 'boolean' },
  help: { type: 'boolean', short: 'h' },
} as const;

/**
 * Parses the arguments.
 *
 * @throws CommandLineError
 */
export function parseCommandLine(args: readonly string[]): Command {
  const { tokens } = parseArgs({ args: [...args], options, strict: false, tokens: true });
  const given = new Set<string>();
  const files: string[] = [];
  const mayHaveFile = tokens.some((token) => token.kind === 'option' && token.name === 'check-documents');
  for (const token of tokens) {
    if (token.kind === 'option-terminator') continue;
    if (token.kind === 'positional') {
      if (!mayHaveFile || files.length > 0)
        throw mistake(`unexpected argument ${quoted(token.value, maxQuoted)}`);
      files.push(token.value);
      continue;
    }
    if (!Object.hasOwn(options, token.name))
      throw mistake(unknownOption(token.rawName, Object.keys(options)));
    if (token.value !== undefined) throw mistake(`${token.rawName} takes no value`);
    given.add(token.name);
  }
  if (given.has('help')) return { kind: 'help' };
  if (given.has('version')) return { kind: 'version' };
  const isProbe = given.has('probe');
  if (given.has('check-documents')) {
    const [file] = files;
    if (given.has('check-config') || isProbe)
      throw mistake('--check-documents and --check-config are two checks: ask for one');
    if (file === undefined || file === '')
      throw mistake('--check-documents: the file of a manifest is missing');
    return { kind: 'documents', file };
  }
  if (given.has('check-config')) return { kind: 'check', isProbe };
  if (isProbe) throw mistake('--probe belongs to --check-config');
  return { kind: 'run' };
}

function mistake(text: string): CommandLineError {
  return new CommandLineError(`${text}${text.endsWith('?') ? '' : '.'} See --help.`);
}
