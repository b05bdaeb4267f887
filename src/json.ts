/** Parsed JSON, which may be anything. */

/** A JSON object. Absent properties are undefined, which is no value of JSON. */
export type JsonObject = Readonly<Record<string, unknown>>;

/** Whether something is nested deeper than so many levels. Goes level by level, since recursion would overflow. */
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

export function isObject(value: unknown): value is JsonObject {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
