/** Leaf values as JSON text, equal to `JSON.stringify(type.serialize(value))` but faster for common types. */
import { GraphQLBoolean, GraphQLID, GraphQLString, isEnumType, type GraphQLLeafType } from 'graphql';

/** Serializes a non-null value. Throws errors of the type's `serialize`. */
export type LeafWriter = (value: unknown) => string;

/** Characters that JSON escapes: quotes, backslashes, controls, unpaired surrogates. */
// eslint-disable-next-line no-control-regex -- JSON escapes them
const special = /["\\\u0000-\u001f\ud800-\udfff]/;

function quote(text: string): string {
  return special.test(text) ? JSON.stringify(text) : `"${text}"`;
}

export function createLeafWriter(type: GraphQLLeafType): LeafWriter {
  const writeAny = (value: unknown): string => {
    const serialized: unknown = type.serialize(value);
    if (serialized === null || serialized === undefined) {
      throw new TypeError(`Expected \`${type.name}.serialize\` to return a value, but it returned none.`);
    }
    // Undefined for a function.
    const text = JSON.stringify(serialized) as string | undefined;
    return text ?? 'null';
  };
  if (type === GraphQLString || type === GraphQLID) {
    return (value) => (typeof value === 'string' ? quote(value) : writeAny(value));
  }
  if (type === GraphQLBoolean) {
    return (value) => (value === true ? 'true' : value === false ? 'false' : writeAny(value));
  }
  if (isEnumType(type)) {
    const texts = new Map<unknown, string>();
    return (value) => {
      let text = texts.get(value);
      if (text === undefined) texts.set(value, (text = writeAny(value)));
      return text;
    };
  }
  return writeAny;
}
