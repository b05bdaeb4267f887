/**
 * Rows with lazily decoded fields: a row has the upstream's JSON object, and a getter for each field. Rows are
 * immutable, so a field always decodes to the same value.
 */
import type { Fault, Faulty } from '../model.ts';
import type { JsonObject } from '../json.ts';

/**
 * A decoder for each field; undefined marks an invalid value. `({ Mail, mail = Mail }) =>` reads a property in camel
 * case, as in the samples, or in Pascal case, as in a table of the reference pages; inherited properties have other
 * names. Separate functions let the engine optimize property access.
 */
export type FieldDecoders<Fields, Path> = {
  readonly [Name in keyof Fields]: (
    json: JsonObject,
    path: Path,
  ) => Fields[Name] | (null extends Fields[Name] ? undefined : never);
};

interface Row<Path> extends Faulty {
  faultOf(name: string): Fault | null;
  readonly json: JsonObject;
  /** Ids that the row itself lacks. */
  readonly path: Path;
  /** The JSON as received, from which another instance recreates the row. */
  toJSON: () => JsonObject;
}

interface RowOptions {
  readonly endpoint: string;
  /** Position of rows in the body, such as `data[]`, without their numbers, which not every caller may know. */
  readonly place: string;
  /** The upstream's names of fields if they differ, such as `age` for `passwordAge`; used in errors. */
  readonly names?: Readonly<Record<string, string>>;
}

/** Creates the class of a collection's rows. */
export function rowClass<Fields extends object, Path>(
  { endpoint, place, names = {} }: RowOptions,
  decoders: FieldDecoders<Fields, Path>,
): new (json: JsonObject, path: Path) => Row<Path> & Fields {
  const decoderOf = new Map<string, (json: JsonObject, path: Path) => unknown>(Object.entries(decoders));
  class DecodedRow implements Row<Path> {
    readonly json: JsonObject;
    readonly path: Path;

    constructor(json: JsonObject, path: Path) {
      this.json = json;
      this.path = path;
    }

    faultOf(name: string): Fault | null {
      const decode = decoderOf.get(name);
      if (decode === undefined || decode(this.json, this.path) !== undefined) return null;
      return { endpoint, field: `${place}.${names[name] ?? name}` };
    }

    toJSON(): JsonObject {
      return this.json;
    }
  }
  for (const [name, decode] of decoderOf) {
    Object.defineProperty(DecodedRow.prototype, name, {
      get(this: DecodedRow) {
        return decode(this.json, this.path) ?? null;
      },
    });
  }
  return DecodedRow as unknown as new (json: JsonObject, path: Path) => Row<Path> & Fields;
}
