/** Leaf values as JSON text: what `JSON.stringify(type.serialize(value))` gives, at less cost where the type is known. */
import { GraphQLBoolean, GraphQLID, GraphQLString, isEnumType, type GraphQLLeafType } from 'graphql';

/** The JSON of a value that is not null. Throws what the type's `serialize` throws. */
export type LeafWriter = (value: unknown) => string;

/** What JSON can't have as it is, or JSON.stringify would change: quotes, backslashes, controls, halves of pairs. */
// eslint-disable-next-line no-control-regex -- JSON escapes them
const special = /["\\\u0000-\u001f\ud800-\udfff]/;

export function quote(text: string): string {
  return special.test(text) ? JSON.stringify(text) : `"${text}"`;
}

export function createLeafWriter(type: GraphQLLeafType): LeafWriter {
  const writeAny = (value: unknown): string => {
    const serialized: unknown = type.serialize(value);
    if (serialized === null || serialized === undefined) {
      throw new TypeError(`Expected \`${type.name}.serialize\` to return a value, but it returned none.`);
    }
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
      if (text === undefined) {
        text = writeAny(value);
        texts.set(value, text);
      }
      return text;
    };
  }
  return writeAny;
}
