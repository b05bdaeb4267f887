/** Parsed JSON, which may be anything. */

/** A JSON object. Absent properties are undefined, which is no value of JSON. */
export type JsonObject = Readonly<Record<string, unknown>>;

export function isObject(value: unknown): value is JsonObject {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
