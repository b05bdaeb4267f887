/** Tools from the documents of a folder: each file has one named operation, and a tool is called as its operation is. */
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import {
  getNamedType,
  getNullableType,
  GraphQLError,
  isInterfaceType,
  isListType,
  isObjectType,
  Kind,
  OperationTypeNode,
  parse,
  print,
  valueFromASTUntyped,
  type DocumentNode,
  type FieldNode,
  type GraphQLNamedType,
  type GraphQLSchema,
  type OperationDefinitionNode,
  type SelectionSetNode,
} from 'graphql';
import { LimitError } from '../errors.ts';
import type { JsonObject } from '../json.ts';
import { fragmentsOf } from '../selection-walker.ts';
import { addHiddenFields, reservedNameIn } from './hidden-fields.ts';
import { addMatchedCustomers } from './matched-customers.ts';
import { inputSchemaOf, outputSchemaOf, type JsonSchema, type ObjectSchema } from './json-schema.ts';
import { usesOfVariables } from './variable-uses.ts';

/** A named operation that assistants may call. */
export interface OperationTool {
  readonly name: string;
  readonly description: string;
  readonly inputSchema: ObjectSchema;
  /** Of the operation's data. */
  readonly dataSchema: JsonSchema;
  /** The document as it is executed, with the hidden fields. */
  readonly text: string;
  /** Whether it is a report, which makes as many upstream calls as it needs. */
  readonly isSubscription: boolean;
  readonly listArguments: ArgumentsByConnection;
  /** Values of arguments that are not given. */
  readonly defaults: JsonObject;
  /** Arguments that choose the customers whose rows are shown. */
  readonly customerArguments: readonly string[];
  /** The input field that each argument is a value of, such as `UserFilter.department`. */
  readonly fieldOf: ReadonlyMap<string, string>;
}

/**
 * Arguments by the path of the connection that they belong to, without the indexes of rows. A connection within a row has no
 * cursor among them, since each row has a connection of its own.
 */
export type ArgumentsByConnection = Readonly<
  Record<'after' | 'before' | 'first' | 'last', ReadonlyMap<string, string>>
>;

/** A file of tools can't be used; the message names the file and says why. */
export class ToolError extends Error {
  override readonly name = 'ToolError';
}

export interface OperationFileOptions {
  readonly schema: GraphQLSchema;
  /** Why a document can't be executed; null if it can. */
  readonly faultOf: (text: string) => string | null;
  /** Rows that a window of a list may have. */
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
  const fault = faultOf(text);
  if (fault !== null) throw new ToolError(fault);
  const definition = onlyOperationOf(document);
  const name = definition.name?.value ?? '';
  if (!nameForm.test(name))
    throw new ToolError('name the operation: letters, digits and underscores, 64 at most');
  // Single line breaks are of the file, not of the text.
  const description = definition.description?.value.trim().replace(/(?<!\n)\n(?!\n)/g, ' ') ?? '';
  if (description === '')
    throw new ToolError('describe the operation in a text in """ before it: assistants choose tools by it');
  if (description.length > maxDescription)
    throw new ToolError(`the description has more than ${maxDescription} characters`);
  const reserved = reservedNameIn(document);
  if (reserved !== null)
    throw new ToolError(`the alias ${reserved} begins with an underscore, which is reserved`);
  const matched = addMatchedCustomers(schema, parse(addHiddenFields(schema, document)));
  const extended = print(matched.document);
  const fullFault = faultOf(extended);
  if (fullFault !== null) throw new ToolError(fullFault);
  return {
    name,
    description,
    inputSchema: inputSchemaOf(schema, document, definition, { maxWindow }),
    dataSchema: outputSchemaOf(schema, document, definition),
    text: extended,
    isSubscription: definition.operation === OperationTypeNode.SUBSCRIPTION,
    listArguments: listArgumentsOf(schema, document, definition),
    defaults: defaultsOf(definition),
    customerArguments: matched.arguments,
    fieldOf: fieldsOf(schema, document),
  };
}

function onlyOperationOf({ definitions }: DocumentNode): OperationDefinitionNode {
  const operations = definitions.filter((each) => each.kind === Kind.OPERATION_DEFINITION);
  const [only] = operations;
  if (only === undefined || operations.length > 1) throw new ToolError('it must have exactly one operation');
  if (only.operation === OperationTypeNode.MUTATION) throw new ToolError('mutations are not supported');
  return only;
}

/** Defaults of an operation's variables; null is as good as none. */
export function defaultsOf({ variableDefinitions = [] }: OperationDefinitionNode): JsonObject {
  return Object.fromEntries(
    variableDefinitions.flatMap(({ variable, defaultValue }) => {
      const value = defaultValue === undefined ? null : valueFromASTUntyped(defaultValue);
      return value === null || value === undefined ? [] : [[variable.name.value, value]];
    }),
  );
}

function fieldsOf(schema: GraphQLSchema, document: DocumentNode): ReadonlyMap<string, string> {
  const fields = new Map<string, string>();
  for (const [name, { field }] of usesOfVariables(schema, document))
    if (field !== null) fields.set(name, field);
  return fields;
}

/** @throws ToolError if a cursor is of several connections: no answer could continue one of them */
function listArgumentsOf(
  schema: GraphQLSchema,
  document: DocumentNode,
  { operation, selectionSet: root }: OperationDefinitionNode,
): ArgumentsByConnection {
  const found = { after: new Map<string, string>(), before: new Map<string, string>() };
  const sizes = { first: new Map<string, string>(), last: new Map<string, string>() };
  const pathOfCursor = new Map<string, string>();
  const fragments = fragmentsOf(document);
  const note = ({ arguments: given = [] }: FieldNode, path: string, isOfRow: boolean) => {
    for (const { name, value } of given) {
      if (value.kind !== Kind.VARIABLE) continue;
      const variable = value.name.value;
      if (name.value === 'first' || name.value === 'last') sizes[name.value].set(path, variable);
      if (name.value !== 'after' && name.value !== 'before') continue;
      const other = pathOfCursor.get(variable) ?? path;
      if (other !== path)
        throw new ToolError(
          `$${variable} is the cursor of both ${other} and ${path}: give each list a variable of its own`,
        );
      pathOfCursor.set(variable, path);
      if (!isOfRow) found[name.value].set(path, variable);
    }
  };
  const walk = ({ selections }: SelectionSetNode, type: GraphQLNamedType, path: string, isOfRow: boolean) => {
    for (const selection of selections) {
      if (selection.kind !== Kind.FIELD) {
        const fragment =
          selection.kind === Kind.INLINE_FRAGMENT ? selection : fragments.get(selection.name.value);
        if (fragment === undefined) continue;
        const named = schema.getType(fragment.typeCondition?.name.value ?? '') ?? type;
        walk(fragment.selectionSet, named, path, isOfRow);
        continue;
      }
      const fields = isObjectType(type) || isInterfaceType(type) ? type.getFields() : {};
      const field = fields[selection.name.value];
      if (field === undefined) continue;
      const key = (selection.alias ?? selection.name).value;
      const at = path === '' ? key : `${path}.${key}`;
      const isWithinList = isOfRow || isListType(getNullableType(field.type));
      note(selection, at, isWithinList);
      if (selection.selectionSet !== undefined)
        walk(selection.selectionSet, getNamedType(field.type), at, isWithinList);
    }
  };
  const type = schema.getRootType(operation);
  if (type) walk(root, type, '', false);
  return { ...found, ...sizes };
}
