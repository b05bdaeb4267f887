/** Parses values of the report command's options. */
import { quoted } from '../json.ts';
import { suggestion } from '../nearest-name.ts';

export class ReportOptionsError extends Error {
  override readonly name = 'ReportOptionsError';
}

/** Returns the names by the words that options have for them. */
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
 * @throws ReportOptionsError
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
  throw new ReportOptionsError(
    `--${option}: expected ${[...choices.keys()].join(', ')}, but got ${shown(text)}${suggestion(word, choices.keys())}`,
  );
}

/** @throws ReportOptionsError */
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
