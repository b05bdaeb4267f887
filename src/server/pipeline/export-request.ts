/** Parses export requests, from bodies and URLs alike. */
import {
  getNamedType,
  isInputObjectType,
  Kind,
  OperationTypeNode,
  parse,
  type GraphQLSchema,
  type OperationDefinitionNode,
} from 'graphql';
import { suggestion } from '../../nearest-name.ts';
import { invariant } from '../../errors.ts';
import type { ExportQuery } from '../../exports/export-rows.ts';
import { exportListNames, exportLists, type ExportList } from '../../exports/lists.ts';
import { isObject, quoted } from '../../json.ts';
import { coerceVariables } from '../limits/validation.ts';
import { parseJsonBody, parseParameters } from './operation-request.ts';
import { RequestErrors, RequestRefusal } from './refusals.ts';

const names = ['customers', 'filter', 'columns'];

/** Filters whose text never identifies a person. */
const nonPersonalTexts: ReadonlySet<string> = new Set([
  'company',
  'countryOrRegion',
  'customerIds',
  'department',
  'jobTitle',
  'location',
  'tenantName',
]);

interface RequestOptions {
  readonly schema: GraphQLSchema;
  /** Whether callers may read the schema; if not, errors suggest no names of it. */
  readonly hasIntrospection: boolean;
}

/** Parser of export requests. Its methods throw RequestRefusal, RequestErrors and LimitError. */
export class ExportRequests {
  readonly #options: RequestOptions;
  readonly #definitions: ReadonlyMap<ExportList, OperationDefinitionNode>;
  readonly #personalTexts: ReadonlySet<string>;

  constructor(options: RequestOptions) {
    this.#options = options;
    this.#definitions = new Map(exportListNames.map((list) => [list, exportDefinitionOf(list)]));
    this.#personalTexts = personalTextsOf(options.schema);
  }

  readUrl(list: ExportList, url: string): ExportQuery {
    const { columns, ...given } = parseParameters(url, ['customers', 'filter']);
    return this.read(list, {
      ...given,
      ...(typeof columns === 'string' ? { columns: columns.split(',') } : {}),
    });
  }

  readBody(list: ExportList, text: string): ExportQuery {
    const body = parseJsonBody(text, `Send a JSON object with any of ${names.join(', ')}.`);
    if (!isObject(body)) throw new RequestRefusal(`Expected a JSON object with any of ${names.join(', ')}.`);
    return this.read(list, body);
  }

  /** Reads a query from the parameters by their names. */
  read(list: ExportList, given: Readonly<Record<string, unknown>>): ExportQuery {
    const unknown = Object.keys(given).find((name) => !names.includes(name));
    if (unknown !== undefined) {
      throw new RequestRefusal(
        `Unknown parameter ${quoted(unknown)}${suggestion(unknown, names) || '.'} An export takes ${names.join(', ')}.`,
      );
    }
    const { customers = null, filter = null, columns = null } = given;
    const definition = this.#definitions.get(list);
    invariant(definition !== undefined, 'each list has a definition');
    // Coerced as GraphQL variables, so that errors are the same.
    const coerced = coerceVariables(this.#options.schema, definition, { customers, filter }, this.#options);
    if ('errors' in coerced) throw new RequestErrors(coerced.errors, 'BAD_USER_INPUT');
    return {
      list,
      columns: columnsOf(list, columns),
      ...coerced.values,
    } as ExportQuery;
  }

  /** A copy of a query's filter for the audit, in which texts that may name a person are masked. */
  maskPersonalTexts<Filter extends object | null>(filter: Filter): Filter {
    const masked: unknown = JSON.parse(
      JSON.stringify(filter, (name, value: unknown) =>
        this.#personalTexts.has(name) && value !== null ? '…' : value,
      ),
    );
    return masked as Filter;
  }
}

/** Names of the filters that take a text which may name a person. */
function personalTextsOf(schema: GraphQLSchema): ReadonlySet<string> {
  const filters = Object.values(schema.getTypeMap()).filter(isInputObjectType);
  const texts = filters
    .flatMap((filter) => Object.values(filter.getFields()))
    .filter(({ type }) => ['String', 'ID'].includes(getNamedType(type).name));
  return new Set(texts.map(({ name }) => name).filter((name) => !nonPersonalTexts.has(name)));
}

/** The parameters of a list's exports, as variables of an operation. */
export function exportDefinitionOf(list: ExportList): OperationDefinitionNode {
  const { filterType } = exportLists[list];
  const [definition] = parse(
    `query ($customers: CustomerFilter, $filter: ${filterType}) { __typename }`,
  ).definitions;
  invariant(
    definition?.kind === Kind.OPERATION_DEFINITION && definition.operation === OperationTypeNode.QUERY,
    'the text is a query',
  );
  return definition;
}

function columnsOf(list: ExportList, given: unknown): readonly string[] {
  const { columns: known, defaultColumns } = exportLists[list];
  if (given === null) return defaultColumns;
  const isList = Array.isArray(given) && given.length > 0 && given.every((each) => typeof each === 'string');
  if (isList && given.length > known.length)
    throw new RequestRefusal(`columns: expected ${known.length} names at most.`, 400, 'BAD_USER_INPUT');
  const columns = isList ? given.map((each: string) => each.trim()) : [];
  const wrong = columns.find((each) => !known.includes(each));
  const repeated = columns.find((each, index) => columns.indexOf(each) !== index);
  const fault = !isList
    ? 'expected a list of names.'
    : wrong !== undefined
      ? `unknown column ${quoted(wrong)}${suggestion(wrong, known) || '.'}`
      : repeated !== undefined
        ? `${quoted(repeated)} is given more than once.`
        : null;
  if (fault === null) return columns;
  throw new RequestRefusal(`columns: ${fault} Choose from ${known.join(', ')}.`, 400, 'BAD_USER_INPUT');
}
