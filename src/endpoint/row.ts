/**
 * Rows that are decoded when they are read: a row holds the JSON object that the upstream sent, and each of its fields
 * is a getter. Nothing of a row changes, so that a field which is read twice is decoded twice, to the same value.
 */
import type { Fault, Faulty } from '../model.ts';
import type { JsonObject } from '../json.ts';

/**
 * For each field of a record, the function that decodes it; undefined for a value that can't be understood. By
 * `({ Mail, mail = Mail }) =>`, it reads a property in camel case, as the samples have it, or in Pascal case, as a table
 * of the reference pages has it; inherited ones have other names. Each is a function of its own, so that the engine knows
 * what objects it reads.
 */
export type FieldDecoders<Fields, Path> = {
  readonly [Name in keyof Fields]: (
    json: JsonObject,
    path: Path,
  ) => Fields[Name] | (null extends Fields[Name] ? undefined : never);
};

interface Row<Path> extends Required<Faulty> {
  readonly json: JsonObject;
  /** Ids that the row does not have itself. */
  readonly path: Path;
  /** The JSON as it was sent, from which another instance makes the row. */
  toJSON: () => JsonObject;
}

interface RowOptions {
  readonly endpoint: string;
  /** Where the rows are in the body, such as `data[]`; their positions are not for every caller. */
  readonly place: string;
  /** The upstream's names of fields, if they are others, as `age` of `passwordAge`: errors of a field name it by them. */
  readonly names?: Readonly<Record<string, string>>;
}

/** Makes the class of a collection's rows. */
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
