/** A JSON object; absent properties are undefined. */
export type JsonObject = Readonly<Record<string, unknown>>;

/** Whether a value is nested deeper than `maxLevels`. Iterative, since recursion could overflow the stack. */
export function isDeeperThan(maxLevels: number, value: unknown): boolean {
  let level: readonly unknown[] = [value];
  for (let depth = 0; depth <= maxLevels; depth++) {
    level = level.flatMap((each): readonly unknown[] =>
      typeof each === 'object' && each !== null ? Object.values(each) : [],
    );
    if (level.length === 0) return false;
  }
  return true;
}

/** Maximum characters of a name or a text that a message quotes. */
const maxQuoted = 50;

/** A caller's text within a message. */
export function quoted(text: string, maxCharacters = maxQuoted): string {
  return JSON.stringify(text.slice(0, maxCharacters));
}

export function isObject(value: unknown): value is JsonObject {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
