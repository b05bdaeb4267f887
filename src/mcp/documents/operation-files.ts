/** Reads tools from a folder's documents: each file has one named operation, and the tool has its name. */
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import {
  GraphQLError,
  Kind,
  OperationTypeNode,
  parse,
  print,
  type DocumentNode,
  type GraphQLSchema,
  type OperationDefinitionNode,
} from 'graphql';
import { LimitError } from '../../errors.ts';
import type { JsonObject } from '../../json.ts';
import { addHiddenFields, reservedNameIn } from './hidden-fields.ts';
import { listArgumentsOf, switchesOf, type ArgumentsByConnection } from './list-arguments.ts';
import { listAfterName, listAfterSchema } from './list-offset.ts';
import type { RangeVariables } from './list-ranges.ts';
import { addMatchedCustomers, type CustomerChoice } from './matched-customers.ts';
import { inputSchemaOf, outputSchemaOf, type JsonSchema, type ObjectSchema } from './json-schema.ts';
import { ToolError } from './tool-error.ts';
import { defaultsOf, usesOfVariables } from './variable-uses.ts';

/** A named operation that assistants may call. */
export interface OperationTool {
  readonly name: string;
  readonly description: string;
  readonly inputSchema: ObjectSchema;
  /** Schema of the operation's data. */
  readonly dataSchema: JsonSchema;
  /** The executed document, with the hidden fields. */
  readonly text: string;
  /** Whether the operation is a report, without a limit of upstream calls. */
  readonly isSubscription: boolean;
  readonly listArguments: ArgumentsByConnection;
  /** Boolean variables that include one root field each, by the field's key. */
  readonly switches: ReadonlyMap<string, string>;
  /** Whether the tool takes `listAfter`; false if the operation has an argument of this name. */
  readonly takesListAfter: boolean;
  readonly ranges: RangeVariables;
  /** Values of absent arguments. */
  readonly defaults: JsonObject;
  readonly customers: CustomerChoice;
  /** The input field of each argument, such as `UserFilter.department`. */
  readonly fieldOf: ReadonlyMap<string, string>;
}

export interface OperationFileOptions {
  readonly schema: GraphQLSchema;
  /** Returns why a document can't be executed; null if it can. */
  readonly faultOf: (text: string) => string | null;
  /** Maximum rows of a list's window. */
  readonly maxWindow: number;
}

/** Names that common clients accept. */
const nameForm = /^[a-z][a-z\d_]{0,63}$/i;
const maxTools = 200;
const maxFileCharacters = 100_000;
const maxDescription = 4000;

/**
 * The tools of a folder's `*.graphql` files, in the order of their names.
 *
 * @param taken names that no file may use
 * @throws ToolError
 */
export function readTools(
  folder: string,
  options: OperationFileOptions,
  taken: readonly string[],
): readonly OperationTool[] {
  const files = filesOf(folder);
  if (files.length === 0)
    throw new ToolError(`MCP_TOOLS: the folder ${JSON.stringify(folder)} has no file *.graphql`);
  if (files.length > maxTools)
    throw new ToolError(
      `MCP_TOOLS: the folder ${JSON.stringify(folder)} has ${files.length} tools, and ${maxTools} are allowed`,
    );
  const fileByName = new Map(taken.map((name) => [name, 'a tool of the gateway itself']));
  return files.map((file) => {
    const tool = readTool(join(folder, file), options);
    const other = fileByName.get(tool.name);
    if (other !== undefined)
      throw new ToolError(`MCP_TOOLS: ${file}: the name ${tool.name} is that of ${other}`);
    fileByName.set(tool.name, file);
    return tool;
  });
}

function filesOf(folder: string): readonly string[] {
  try {
    return readdirSync(folder)
      .filter((file) => file.endsWith('.graphql'))
      .sort();
  } catch (error) {
    const { code = 'unreadable' } = error as NodeJS.ErrnoException;
    throw new ToolError(`MCP_TOOLS: the folder ${JSON.stringify(folder)} can't be read (${code})`);
  }
}

function readTool(file: string, options: OperationFileOptions): OperationTool {
  try {
    const text = readFileSync(file, 'utf8').replace(/^\uFEFF/, '');
    if (text.length > maxFileCharacters)
      throw new ToolError(`it has more than ${maxFileCharacters} characters`);
    return toolOf(text, options);
  } catch (error) {
    const isExpected =
      error instanceof ToolError || error instanceof GraphQLError || error instanceof LimitError;
    if (isExpected) throw new ToolError(`MCP_TOOLS: ${file}: ${error.message}`);
    const { code } = error as NodeJS.ErrnoException;
    if (code === undefined) throw error;
    throw new ToolError(`MCP_TOOLS: ${file} can't be read (${code})`);
  }
}

/** @throws ToolError and GraphQLError if the document is no tool */
function toolOf(text: string, { schema, faultOf, maxWindow }: OperationFileOptions): OperationTool {
  const document = parse(text);
  const definition = onlyOperationOf(document);
  const name = definition.name?.value ?? '';
  if (!nameForm.test(name))
    throw new ToolError('name the operation: letters, digits and underscores, 64 at most');
  // Single line breaks only wrap the file's lines.
  const description = definition.description?.value.trim().replace(/(?<!\n)\n(?!\n)/g, ' ') ?? '';
  if (description === '')
    throw new ToolError('describe the operation in a text in """ before it: assistants choose tools by it');
  if (description.length > maxDescription)
    throw new ToolError(`the description has more than ${maxDescription} characters`);
  const reserved = reservedNameIn(document);
  if (reserved !== null)
    throw new ToolError(`the alias ${reserved} begins with an underscore, which is reserved`);
  const { document: withHidden, ranges } = addHiddenFields(schema, document);
  const matched = addMatchedCustomers(schema, withHidden);
  const extended = print(matched.document);
  // Hidden fields don't make a faulty document valid.
  const fault = faultOf(extended);
  if (fault !== null) throw new ToolError(faultOf(text) ?? fault);
  const listArguments = listArgumentsOf(schema, document, definition);
  const inputSchema = inputSchemaOf(schema, document, definition, { maxWindow });
  const takesListAfter = !Object.hasOwn(inputSchema.properties, listAfterName);
  return {
    name,
    description,
    inputSchema: takesListAfter ? withListAfter(inputSchema) : inputSchema,
    dataSchema: outputSchemaOf(schema, document, definition),
    text: extended,
    isSubscription: definition.operation === OperationTypeNode.SUBSCRIPTION,
    listArguments,
    switches: switchesOf(document, definition),
    takesListAfter,
    ranges,
    defaults: defaultsOf(definition),
    customers: matched.choice,
    fieldOf: fieldsOf(schema, document),
  };
}

function withListAfter(schema: ObjectSchema): ObjectSchema {
  return { ...schema, properties: { ...schema.properties, [listAfterName]: listAfterSchema } };
}

function onlyOperationOf({ definitions }: DocumentNode): OperationDefinitionNode {
  const operations = definitions.filter((each) => each.kind === Kind.OPERATION_DEFINITION);
  const [only] = operations;
  if (only === undefined || operations.length > 1) throw new ToolError('it must have exactly one operation');
  if (only.operation === OperationTypeNode.MUTATION) throw new ToolError('mutations are not supported');
  return only;
}

function fieldsOf(schema: GraphQLSchema, document: DocumentNode): ReadonlyMap<string, string> {
  const fields = new Map<string, string>();
  for (const [name, { field }] of usesOfVariables(schema, document))
    if (field !== null) fields.set(name, field);
  return fields;
}
