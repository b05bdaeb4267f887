/** Validates documents and variables against the schema, with few and short errors, however large the request is. */
import {
  getVariableValues,
  isEnumType,
  isObjectType,
  Kind,
  OperationTypeNode,
  GraphQLError,
  specifiedRules,
  validate,
  type DocumentNode,
  type GraphQLSchema,
  type OperationDefinitionNode,
  type SelectionNode,
  type ValidationRule,
} from 'graphql';
import { LimitError } from '../../errors.ts';
import { fragmentsOf, SelectionWalker } from '../../selection-walker.ts';

interface ValidationOptions {
  /** Whether callers may read the schema; if not, errors suggest no names of it. */
  readonly hasIntrospection: boolean;
}

const maxErrors = 10;
const maxMessageLength = 300;
const maxLocations = 10;

/** Limits by their names in errors. */
export const variableLimits = {
  'levels of variables': 50,
  'values of variables': 10_000,
  /** Fields of one object: far more than any input type has, since errors quote unknown ones. */
  'fields of a variable': 250,
  'characters of variables': 200_000,
};

/** Reports one error for each `__schema` or `__type`, instead of one for each field below it. */
const noIntrospection: ValidationRule = (context) => ({
  Field: (node) => {
    if (node.name.value !== '__schema' && node.name.value !== '__type') return;
    context.reportError(
      new GraphQLError(`Introspection is off: ${node.name.value} is not available.`, { nodes: node }),
    );
  },
});

/** Returns the errors that prevent a document's execution; empty if it is valid. */
export function validateDocument(
  schema: GraphQLSchema,
  document: DocumentNode,
  { hasIntrospection }: ValidationOptions,
): readonly GraphQLError[] {
  const conditional = conditionalRoots(document);
  if (conditional.length > 0) return conditional;
  const rules = hasIntrospection ? specifiedRules : [...specifiedRules, noIntrospection];
  const errors = validate(schema, document, rules, { maxErrors, hideSuggestions: !hasIntrospection });
  const text = document.loc?.source.body ?? '';
  return errors.map((error) =>
    hasIntrospection ? withChoices(shorten(error), schema) : shorten(maskNames(error, text)),
  );
}

/** Adds the valid enum values or argument names to an error about an unknown one. */
function withChoices(error: GraphQLError, schema: GraphQLSchema): GraphQLError {
  const [, enumName = ''] = /"(\w+)" (?:enum\.|cannot represent non-)/.exec(error.message) ?? [];
  const type = schema.getType(enumName);
  if (isEnumType(type)) {
    const values = type.getValues().filter(({ deprecationReason }) => !deprecationReason);
    return withHint(error, `Choose from ${values.map(({ name }) => name).join(', ')}.`);
  }
  const [, typeName = '', fieldName = ''] =
    /^Unknown argument "\w+" on field "(\w+)\.(\w+)"\./.exec(error.message) ?? [];
  const parent = schema.getType(typeName);
  const names = isObjectType(parent) ? parent.getFields()[fieldName]?.args.map(({ name }) => name) : null;
  return names ? withHint(error, `It takes ${names.join(', ') || 'no arguments'}.`) : error;
}

function withHint(error: GraphQLError, hint: string): GraphQLError {
  return Object.assign(error, { message: `${error.message} ${hint}` });
}

/** Returns errors for subscriptions with @skip or @include at the root, for which graphql-js throws. */
function conditionalRoots(document: DocumentNode): readonly GraphQLError[] {
  const fragments = fragmentsOf(document);
  const conditional: SelectionNode[] = [];
  const walker = new SelectionWalker({
    fragmentOf: (name) => fragments.get(name),
    isIncluded: (selection) => {
      const { directives = [] } = selection;
      if (directives.some(({ name: { value } }) => value === 'skip' || value === 'include'))
        conditional.push(selection);
      return true;
    },
  });
  for (const definition of document.definitions) {
    if (definition.kind !== Kind.OPERATION_DEFINITION) continue;
    if (definition.operation === OperationTypeNode.SUBSCRIPTION) walker.collect([definition.selectionSet]);
  }
  if (conditional.length === 0) return [];
  const message = 'The field of a subscription takes no @skip and no @include.';
  return [new GraphQLError(message, { nodes: conditional.slice(0, maxLocations) })];
}

/** Hides names of the schema that the document itself lacks. */
function maskNames(error: GraphQLError, text: string): GraphQLError {
  const message = error.message
    .replace(/ Did you mean .*$/s, '')
    .replaceAll(/"([^"]*)"/g, (quoted, name: string) => (text.includes(name) ? quoted : '"…"'));
  return Object.assign(error, { message });
}

/**
 * Coerces the values of variables, defaults included, or returns why they are invalid.
 *
 * @throws LimitError for too many, long or deep values
 */
export function coerceVariables(
  schema: GraphQLSchema,
  operation: OperationDefinitionNode,
  raw: Readonly<Record<string, unknown>>,
  { hasIntrospection }: ValidationOptions = { hasIntrospection: true },
): { readonly values: Readonly<Record<string, unknown>> } | { readonly errors: readonly GraphQLError[] } {
  checkVariables(raw);
  const options = { maxErrors, hideSuggestions: !hasIntrospection };
  const { errors, coerced } = getVariableValues(schema, operation.variableDefinitions ?? [], raw, options);
  if (errors !== undefined) {
    const shortened = errors.map(shorten);
    return { errors: hasIntrospection ? shortened.map((error) => withChoices(error, schema)) : shortened };
  }
  // Without a prototype: its members would be read as values of absent variables.
  return { values: Object.assign(Object.create(null) as Record<string, unknown>, coerced) };
}

/**
 * Checks the limits of variables, level by level instead of by recursion: a caller chooses the depth.
 *
 * @throws LimitError for too many, long or deep values
 */
export function checkVariables(raw: object): void {
  let [values, characters] = [0, 0];
  let level: readonly unknown[] = [raw];
  for (let depth = 0; level.length > 0; depth++) {
    checkCount('variables', variableLimits, 'levels of variables', depth);
    const below: unknown[] = [];
    for (const value of level) {
      if (typeof value === 'string') characters += value.length;
      if (typeof value === 'object' && value !== null) {
        const children: readonly unknown[] = Object.values(value);
        checkCount('variables', variableLimits, 'values of variables', (values += children.length));
        if (!Array.isArray(value)) {
          checkCount('variables', variableLimits, 'fields of a variable', children.length);
          for (const name of Object.keys(value)) characters += name.length;
        }
        below.push(...children);
      }
      checkCount('variables', variableLimits, 'characters of variables', characters);
    }
    level = below;
  }
}

/** @throws LimitError if the count exceeds the limit of this name */
export function checkCount<Name extends string>(
  subject: 'document' | 'variables',
  limits: Readonly<Record<Name, number>>,
  name: Name,
  count: number,
): void {
  if (count > limits[name]) throw new LimitError(name, count, limits[name], subject);
}

/** Limits an error's message and locations, which must not grow with the request. */
export function shorten(error: GraphQLError): GraphQLError {
  const { message, locations } = error;
  return Object.assign(error, {
    message: message.length > maxMessageLength ? `${message.slice(0, maxMessageLength)}…` : message,
    locations: locations?.slice(0, maxLocations),
  });
}
