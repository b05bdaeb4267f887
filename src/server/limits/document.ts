/** Parses documents within limits before validation, since its work grows faster than the document. */
import {
  GraphQLError,
  Kind,
  Lexer,
  parse,
  Source,
  TokenKind,
  visit,
  type ASTNode,
  type DocumentNode,
} from 'graphql';
import {
  fragmentsOf,
  includesAll,
  measureExpansion,
  SelectionWalker,
  type FieldNodes,
} from '../../selection-walker.ts';
import { checkCount, shorten } from './validation.ts';

/** Limits by their names in errors: far above what a front end needs, far below what blocks the event loop. */
export const documentLimits = {
  characters: 200_000,
  /** Limited since locating an error counts lines. */
  lines: 5000,
  tokens: 10_000,
  /** Nesting of brackets, those of arguments included. */
  'levels of brackets': 100,
  /** Nesting of lists and objects in argument values. */
  'levels of values': 50,
  /** Nesting of fields. */
  levels: 20,
  operations: 100,
  fragments: 500,
  variables: 250,
  aliases: 500,
  directives: 200,
  /** Root fields of one operation. */
  'root fields': 300,
  /** Fields of one operation; a fragment counts once for each spread. */
  fields: 10_000,
  /** Fields, spreads and inline fragments of one operation, counted in the same way. */
  selections: 50_000,
  /** Occurrences of one response key below the same object. */
  'repetitions of one field': 50,
};

type DocumentLimits = Readonly<typeof documentLimits>;

/** @throws LimitError, or GraphQLError if the text is no document */
export function parseDocument(text: string, limits: DocumentLimits = documentLimits): DocumentNode {
  checkLimit(limits, 'characters', text.length);
  checkLimit(limits, 'lines', text.split(/\r\n|[\n\r]/).length);
  let document: DocumentNode;
  try {
    checkTokens(text, limits);
    document = parse(text);
  } catch (error) {
    throw error instanceof GraphQLError ? shorten(error) : error;
  }
  checkShape(document, limits);
  return document;
}

function checkLimit(limits: DocumentLimits, name: keyof DocumentLimits, count: number): void {
  checkCount('document', limits, name, count);
}

const opening = new Set([TokenKind.PAREN_L, TokenKind.BRACKET_L, TokenKind.BRACE_L]);
const closing = new Set([TokenKind.PAREN_R, TokenKind.BRACKET_R, TokenKind.BRACE_R]);

/** Counts tokens and brackets before parsing: the parser recurses as deep as the text. */
function checkTokens(text: string, limits: DocumentLimits): void {
  const lexer = new Lexer(new Source(text));
  let depth = 0;
  for (let tokens = 1, token = lexer.advance(); token.kind !== TokenKind.EOF; token = lexer.advance()) {
    checkLimit(limits, 'tokens', tokens++);
    if (opening.has(token.kind)) checkLimit(limits, 'levels of brackets', ++depth);
    else if (closing.has(token.kind)) depth -= 1;
  }
}

function checkShape(document: DocumentNode, limits: DocumentLimits): void {
  checkNodes(document, limits);
  const fragments = fragmentsOf(document);
  measureExpansion(document, ({ depth, fields, selections }) => {
    checkLimit(limits, 'levels', depth);
    checkLimit(limits, 'fields', fields);
    checkLimit(limits, 'selections', selections);
  });
  const spread = new Set<string>();
  const walker = new SelectionWalker({
    fragmentOf: (name) => {
      spread.add(name);
      return fragments.get(name);
    },
    isIncluded: includesAll,
  });
  const merge = (fields: ReadonlyMap<string, FieldNodes>, level: number): void => {
    for (const nodes of fields.values()) {
      checkLimit(limits, 'repetitions of one field', nodes.length);
      const below = nodes.flatMap(({ selectionSet }) => selectionSet ?? []);
      // Only fragment cycles go deeper; validation reports them.
      if (below.length > 0 && level < limits.levels) merge(walker.collect(below), level + 1);
    }
  };
  for (const definition of document.definitions) {
    if (definition.kind !== Kind.OPERATION_DEFINITION) continue;
    const fields = walker.collect([definition.selectionSet]);
    checkLimit(limits, 'root fields', fields.size);
    merge(fields, 1);
  }
  for (const { name, selectionSet } of fragments.values()) {
    if (!spread.has(name.value)) merge(walker.collect([selectionSet]), 1);
  }
}

const countedKinds: Partial<Record<Kind, 'operations' | 'fragments' | 'variables' | 'directives'>> = {
  [Kind.OPERATION_DEFINITION]: 'operations',
  [Kind.FRAGMENT_DEFINITION]: 'fragments',
  [Kind.VARIABLE_DEFINITION]: 'variables',
  [Kind.DIRECTIVE]: 'directives',
};

/** Checks the limits of nodes that cost work once for each occurrence in the text. */
function checkNodes(document: DocumentNode, limits: DocumentLimits): void {
  const counts = { operations: 0, fragments: 0, variables: 0, aliases: 0, directives: 0 };
  let literals = 0;
  const isNested = ({ kind }: ASTNode) => kind === Kind.LIST || kind === Kind.OBJECT;
  visit(document, {
    enter: (node) => {
      const name = node.kind === Kind.FIELD && node.alias ? 'aliases' : countedKinds[node.kind];
      if (name !== undefined) checkLimit(limits, name, ++counts[name]);
      if (isNested(node)) checkLimit(limits, 'levels of values', ++literals);
    },
    leave: (node) => {
      if (isNested(node)) literals -= 1;
    },
  });
}
