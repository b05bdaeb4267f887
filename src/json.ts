/** A JSON object; absent properties are undefined. */
export type JsonObject = Readonly<Record<string, unknown>>;

/**
 * The limit that a value exceeds (nesting, or number of values), or null. Iterative, since recursion could overflow the
 * stack.
 */
export function exceededLimit(
  value: unknown,
  { maxLevels, maxValues }: { readonly maxLevels: number; readonly maxValues: number },
): 'levels' | 'values' | null {
  let level: readonly unknown[] = [value];
  let values = 0;
  for (let depth = 0; depth <= maxLevels; depth++) {
    level = level.flatMap((each): readonly unknown[] =>
      typeof each === 'object' && each !== null ? Object.values(each) : [],
    );
    if (level.length === 0) return null;
    if ((values += level.length) > maxValues) return 'values';
  }
  return 'levels';
}

/** Maximum characters of a name or a text quoted in a message. */
const maxQuoted = 50;

/** A caller's text within a message. */
export function quoted(text: string, maxCharacters = maxQuoted): string {
  return JSON.stringify(text.slice(0, maxCharacters));
}

export function isObject(value: unknown): value is JsonObject {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
