/** Checks a tool's arguments against its JSON Schema, and describes the schema in words after a wrong argument. */
import { suggestion } from '../../nearest-name.ts';
import { isObject, quoted, type JsonObject } from '../../json.ts';
import type { JsonSchema, ObjectSchema } from '../documents/json-schema.ts';

/** Names that callers use for the same argument. */
const sameMeaning: readonly (readonly string[])[] = [
  ['search', 'name', 'customer', 'customers', 'organization', 'user', 'query', 'text', 'filter'],
  ['first', 'limit', 'count', 'top', 'size', 'pageSize', 'rows'],
  ['after', 'cursor', 'next', 'offset', 'page'],
  ['orderBy', 'sort', 'sortBy', 'order'],
  ['status', 'statuses', 'state', 'states'],
  ['by', 'groupBy', 'group'],
];

/** Returns the arguments without nulls, which assistants send for absent ones; or why they do not fit. */
export function readArguments(
  schema: ObjectSchema,
  given: JsonObject,
): { readonly values: JsonObject } | { readonly fault: string } {
  const { properties } = schema;
  const unknown = Object.keys(given).find((name) => !Object.hasOwn(properties, name));
  if (unknown !== undefined)
    return failure(schema, `Unknown argument ${unknownArgument(unknown, Object.keys(properties))}`);
  const present = Object.entries(given).filter(([, value]) => value !== null);
  const values = Object.fromEntries(present);
  const missing = requiredOf(schema).find((name) => !Object.hasOwn(values, name));
  if (missing !== undefined) return failure(schema, `Argument ${quoted(missing)} is required.`);
  const checker = new ArgumentChecker(schema);
  for (const [name, value] of present) {
    const fault = checker.faultOf(properties[name] ?? {}, value, name);
    if (fault !== null) return failure(schema, fault);
  }
  return { values };
}

function failure(schema: ObjectSchema, fault: string): { readonly fault: string } {
  return { fault: `${fault} ${argumentsInWords(schema)}` };
}

/** All arguments of a tool, in words. */
export function argumentsInWords(schema: ObjectSchema): string {
  const { properties } = schema;
  const checker = new ArgumentChecker(schema);
  const required = requiredOf(schema);
  const each = Object.entries(properties).map(([name, argument]) => {
    const parts = [
      checker.inWords(argument),
      ...(argument['default'] === undefined ? [] : [`default ${JSON.stringify(argument['default'])}`]),
      ...(required.includes(name) ? ['required'] : []),
    ];
    return `${name} (${parts.join(', ')})`;
  });
  return each.length === 0 ? 'This tool takes no arguments.' : `This tool takes: ${each.join('; ')}.`;
}

class ArgumentChecker {
  readonly #defs: Readonly<Record<string, JsonSchema>>;

  constructor({ $defs }: JsonSchema) {
    this.#defs = isObject($defs) ? ($defs as Readonly<Record<string, JsonSchema>>) : {};
  }

  /** Why a value does not fit; null if it does. */
  faultOf(given: JsonSchema, value: unknown, path: string): string | null {
    const schema = this.#resolved(given);
    if (value === null && isNullable(given)) return null;
    if (!hasType(schema, value) || (isDate(schema) && !isDayOrInstant(String(value))))
      return `Argument ${quoted(path)}: expected ${this.inWords(schema)}${boundsOf(schema, value)}, but got ${shown(value)}.`;
    if (Array.isArray(value)) {
      const items = (schema['items'] ?? {}) as JsonSchema;
      for (const [index, item] of value.entries()) {
        const fault = this.faultOf(items, item, `${path}[${index}]`);
        if (fault !== null) return fault;
      }
    }
    return isObject(value) && isObject(schema['properties'])
      ? this.#fieldFault(schema as ObjectSchema, value, path)
      : null;
  }

  #fieldFault(schema: ObjectSchema, value: JsonObject, path: string): string | null {
    const { properties } = schema;
    const names = Object.keys(properties);
    const has = () =>
      `It has ${names.map((name) => `${name} (${this.inWords(properties[name] ?? {})})`).join(', ')}.`;
    const unknown = Object.keys(value).find((name) => !names.includes(name));
    if (unknown !== undefined)
      return `Argument ${quoted(path)}: unknown field ${unknownName(unknown, names)} ${has()}`;
    const missing = requiredOf(schema).find((name) => !Object.hasOwn(value, name));
    if (missing !== undefined) return `Argument ${quoted(`${path}.${missing}`)} is required. ${has()}`;
    for (const [name, field] of Object.entries(value)) {
      const fault = this.faultOf(properties[name] ?? {}, field, `${path}.${name}`);
      if (fault !== null) return fault;
    }
    return null;
  }

  /** Describes an argument's valid values. */
  inWords(given: JsonSchema): string {
    const schema = this.#resolved(given);
    const { enum: values, minimum, maximum, properties, items } = schema;
    const type = typesOf(schema).find((each) => each !== 'null') ?? 'value';
    if (Array.isArray(values)) return `one of ${values.filter((each) => each !== null).join(', ')}`;
    if (type === 'array') return `list of ${this.inWords((items ?? {}) as JsonSchema)}`;
    if (isObject(properties)) return `object with ${Object.keys(properties).join(', ')}`;
    if (isDate(schema)) return 'day such as 2026-01-31, or instant in RFC 3339';
    return minimum === 0 && typeof maximum === 'number' ? `${type} 0 to ${maximum}` : type;
  }

  #resolved(schema: JsonSchema): JsonSchema {
    const { anyOf, $ref } = schema;
    if (typeof $ref === 'string') return this.#defs[$ref.slice($ref.lastIndexOf('/') + 1)] ?? {};
    const reference = Array.isArray(anyOf)
      ? (anyOf as readonly JsonSchema[]).find((each) => each['$ref'] !== undefined)
      : undefined;
    return reference === undefined ? schema : this.#resolved(reference);
  }
}

function requiredOf({ required }: JsonSchema): readonly string[] {
  return Array.isArray(required) ? (required as readonly string[]) : [];
}

function typesOf({ type }: JsonSchema): readonly string[] {
  return (Array.isArray(type) ? type : [type]) as readonly string[];
}

function isDate({ anyOf }: JsonSchema): boolean {
  return Array.isArray(anyOf) && (anyOf as readonly JsonSchema[]).some(({ format }) => format === 'date');
}

const dayOrInstant = /^(\d{4}-\d{2}-\d{2})(?:T\d{2}:\d{2}:\d{2}(?:\.\d+)?(?:Z|[+-]\d{2}:\d{2}))?$/i;

/** Accepts the same texts as the graph. */
function isDayOrInstant(text: string): boolean {
  const [, day = ''] = dayOrInstant.exec(text) ?? [];
  const start = Date.parse(`${day}T00:00:00Z`);
  // `Date.parse` takes February 30 for a day of March.
  return (
    !Number.isNaN(start) && new Date(start).toISOString().startsWith(day) && !Number.isNaN(Date.parse(text))
  );
}

function isNullable(schema: JsonSchema): boolean {
  const { anyOf } = schema;
  return typesOf(schema).includes('null') || (Array.isArray(anyOf) && anyOf.some(isNullable));
}

function hasType(schema: JsonSchema, value: unknown): boolean {
  const { enum: values, minimum = -Infinity, maximum = Infinity } = schema;
  if (Array.isArray(values)) return values.includes(value);
  const isWithin = () => Number(value) >= Number(minimum) && Number(value) <= Number(maximum);
  return typesOf(schema).some((type) => {
    switch (type) {
      case 'integer':
        return Number.isInteger(value) && isWithin();
      case 'number':
        return Number.isFinite(value) && isWithin();
      case 'array':
        return Array.isArray(value);
      case 'object':
        return isObject(value);
      case 'null':
        return value === null;
      default:
        return typeof value === type;
    }
  });
}

/** Bounds that a number exceeds, if the words for its type lack them. */
function boundsOf({ minimum, maximum }: JsonSchema, value: unknown): string {
  const isBounded = typeof minimum === 'number' && typeof maximum === 'number' && minimum !== 0;
  return isBounded && typeof value === 'number' ? ` ${minimum} to ${maximum}` : '';
}

function unknownArgument(name: string, known: readonly string[]): string {
  const group = sameMeaning.find((each) => each.includes(name)) ?? [];
  const same = suggestion(name, known) === '' ? known.filter((each) => group.includes(each)) : [];
  return same.length === 0
    ? unknownName(name, known)
    : `${quoted(name)}; did you mean ${same.map((each) => quoted(each)).join(' or ')}?`;
}

function unknownName(name: string, known: readonly string[]): string {
  return `${quoted(name)}${suggestion(name, known) || '.'}`;
}

function shown(value: unknown): string {
  if (typeof value === 'string') return quoted(value);
  if (Array.isArray(value)) return 'a list';
  return isObject(value) ? 'an object' : String(value);
}
