/** Parses the options of the commands, and their values. Errors name the option at fault. */
import { parseArgs } from 'node:util';
import { quoted } from '../json.ts';
import { suggestion, unknownOption } from '../nearest-name.ts';

/** Invalid arguments of a command; the message names them. */
export class OptionsError extends Error {
  override readonly name = 'OptionsError';
}

interface CommandOptions<ValueName extends string, FlagName extends string> {
  /** Descriptions of values for errors, by option. */
  readonly expectations: Readonly<Record<ValueName, string>>;
  /** Options without a value, beside --help. */
  readonly flags: readonly FlagName[];
  /** Example call of the command with an option. */
  readonly example: string;
}

/**
 * Parses a command's arguments to values by option (none for a flag); null for --help.
 *
 * @throws OptionsError
 */
export function parseOptions<ValueName extends string, FlagName extends string>(
  args: readonly string[],
  { expectations, flags, example }: CommandOptions<ValueName, FlagName>,
): ReadonlyMap<ValueName | FlagName, readonly string[]> | null {
  const hasValue = (name: string): name is ValueName => Object.hasOwn(expectations, name);
  const isFlag = (name: string): name is FlagName => flags.some((flag) => flag === name);
  const names = [...Object.keys(expectations), ...flags, 'help'];
  const options = Object.fromEntries(
    names.map((name) => [name, { type: hasValue(name) ? ('string' as const) : ('boolean' as const) }]),
  );
  const { tokens } = parseArgs({
    args: [...args],
    options: { ...options, help: { type: 'boolean', short: 'h' } },
    strict: false,
    tokens: true,
  });
  const given = new Map<ValueName | FlagName, string[]>();
  let isHelp = false;
  for (const token of tokens) {
    if (token.kind === 'option-terminator') continue;
    if (token.kind === 'positional')
      throw new OptionsError(
        `unexpected argument ${shown(token.value)}; options follow two dashes: ${example}`,
      );
    const { name, value, inlineValue } = token;
    if (name === 'help' || isFlag(name)) {
      if (value !== undefined) throw new OptionsError(`--${name} takes no value`);
      if (name === 'help') isHelp = true;
      else given.set(name, []);
      continue;
    }
    if (!hasValue(name)) throw new OptionsError(unknownOption(token.rawName, names));
    const expected = `--${name}: expected ${expectations[name]}`;
    if (value === undefined || value.trim() === '')
      throw new OptionsError(`${expected}, but there is no value`);
    // A value is missing: another option follows.
    if (!inlineValue && value.startsWith('-'))
      throw new OptionsError(
        `${expected}, but ${shown(value)} follows; a value that begins with a dash is given as --${name}=${shown(value)}`,
      );
    given.set(name, [...(given.get(name) ?? []), value]);
  }
  return isHelp ? null : given;
}

/** What --url expects, for errors. */
export const urlExpectation = 'an http or https URL';

/**
 * Parses the value of --url.
 *
 * @param credential the way to send a credential instead
 * @throws OptionsError
 */
export function parseUrl(text: string, credential: string): URL {
  // The text may contain a password: errors must not quote it.
  if (text.includes('@'))
    throw new OptionsError(
      `--url: expected a URL without user and password; use ${credential} for a credential`,
    );
  const url = URL.canParse(text) ? new URL(text) : null;
  if (url !== null && ['http:', 'https:'].includes(url.protocol)) return url;
  throw new OptionsError(`--url: expected ${urlExpectation}, but got ${shown(text)}`);
}

/** Returns the names by their words in options. */
export function choicesOf<Name extends string>(
  names: Readonly<Record<Name, true>>,
): ReadonlyMap<string, Name> {
  return new Map((Object.keys(names) as Name[]).map((name) => [wordOf(name), name]));
}

export function wordOf(name: string): string {
  return name.toLowerCase().replaceAll(/[_\s]/g, '-');
}

/**
 * Parses a choice, in any letter case, with dashes, underscores or blanks between words.
 *
 * @throws OptionsError
 */
export function chosen<Value extends string>(
  option: string,
  text: string | undefined,
  choices: ReadonlyMap<string, Value>,
): Value | undefined {
  if (text === undefined) return undefined;
  const word = wordOf(text.trim());
  const value = choices.get(word);
  if (value !== undefined) return value;
  throw new OptionsError(
    `--${option}: expected ${[...choices.keys()].join(', ')}, but got ${shown(text)}${suggestion(word, choices.keys())}`,
  );
}

/** @throws OptionsError */
export function formatOf<Format extends string>(
  text: string | undefined,
  formats: readonly Format[],
): Format | undefined {
  return chosen('format', text, new Map(formats.map((each) => [each, each])));
}

const maxShown = 100;

export function shown(argument: string): string {
  return quoted(argument, maxShown);
}
