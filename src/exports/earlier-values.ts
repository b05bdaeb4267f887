/** Validation of an earlier export's values. */
import { maxIdLength } from '../endpoint/id.ts';
import { CallerError } from '../errors.ts';

export const neededColumns = ['customerId', 'tenantId', 'userId', 'protectionState', 'status'] as const;

const maxTextLength = 300;

/** Whether a value may be an id of the upstream. It is never sent there. */
export function isIdText(value: unknown): value is string {
  return typeof value === 'string' && value !== '' && value.length <= maxIdLength;
}

export function isTexts(value: unknown): value is readonly string[] {
  return Array.isArray(value) && value.every((each) => typeof each === 'string');
}

/** Text for display, truncated; null for any other value. */
export function optionalText(value: unknown): string | null {
  return typeof value === 'string' ? value.slice(0, maxTextLength) : null;
}

/** Above the depth of a valid filter, which is validated later like a variable. */
export const maxLevels = 100;

/** Whether a JSON text is nested deeper than `maxLevels`: it would take much memory. */
export function isTooDeep(text: string): boolean {
  // Few lines have so many brackets, and counting them takes less time.
  return hasManyBrackets(text) && levelsOf(text) > maxLevels;
}

function hasManyBrackets(text: string): boolean {
  let brackets = 0;
  for (const bracket of ['{', '[']) {
    for (let at = text.indexOf(bracket); at >= 0; at = text.indexOf(bracket, at + 1)) {
      brackets += 1;
      if (brackets > maxLevels) return true;
    }
  }
  return false;
}

function levelsOf(text: string): number {
  let [level, deepest] = [0, 0];
  let isText = false;
  for (let at = 0; at < text.length; at++) {
    const character = text[at];
    if (isText) {
      if (character === '\\') at += 1;
      else if (character === '"') isText = false;
    } else if (character === '"') isText = true;
    else if (character === '{' || character === '[') deepest = Math.max(deepest, (level += 1));
    else if (character === '}' || character === ']') level -= 1;
  }
  return deepest;
}

export function endError(fault: string): CallerError {
  return new CallerError(`The end of the file can't be used: ${fault}.`);
}
