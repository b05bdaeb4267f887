/** Checks an operation before its execution: trusted documents, parsing, validation, variables and cost. */
import { hash as digest } from 'node:crypto';
import {
  getOperationAST,
  GraphQLError,
  Kind,
  OperationTypeNode,
  type DocumentNode,
  type GraphQLSchema,
  type OperationDefinitionNode,
} from 'graphql';
import { LRUCache } from 'lru-cache';
import { LimitError } from '../../errors.ts';
import { quoted } from '../../json.ts';
import { yieldIfDue } from '../../scheduler.ts';
import type { Viewer } from '../../scope.ts';
import type { KnownLengths } from '../../pricing/known-lengths.ts';
import { createCostModel, type CallEstimate, type Cost, type CostModel } from '../../pricing/cost.ts';
import { parseDocument } from '../limits/document.ts';
import { coerceVariables, validateDocument } from '../limits/validation.ts';
import type { OperationRequest } from './operation-request.ts';
import { RequestRefusal, RequestErrors } from './refusals.ts';
import { callerOf, type RequestState } from './request-state.ts';
import { TrustedDocuments } from './trusted-documents.ts';

export interface PreparedOperation {
  readonly text: string;
  readonly document: DocumentNode;
  readonly definition: OperationDefinitionNode;
  readonly request: OperationRequest;
  /** Coerced values. */
  readonly variables: Readonly<Record<string, unknown>>;
  readonly cost: Cost;
}

/** Settings of the documents that callers may send. */
export interface DocumentOptions {
  readonly hasIntrospection: boolean;
  /** Manifest of trusted documents; null if there is none. */
  readonly trustedDocumentsFile: string | null;
  /** Whether every caller is restricted to trusted documents. */
  readonly requiresTrustedDocuments: boolean;
}

export interface PreparationOptions {
  readonly schema: GraphQLSchema;
  readonly endpoint: DocumentOptions;
  readonly maxCost: Cost;
  /** Returns the known lengths of a viewer's lists. */
  readonly lengthsFor: (viewer: Viewer) => KnownLengths;
}

interface PreparationOverrides {
  /** Whether the document is the operator's own, and trusted like one of the manifest. */
  readonly isProvided?: boolean;
  readonly maxCost?: Cost;
}

/** Bytes of all cached documents. Syntax trees with tokens take 80 to 170 bytes a character, measured. */
const maxPreparedBytes = 32 * 1024 * 1024;
const bytesPerCharacter = 120;

/** Maximum characters of an operation's name that a message quotes. */
const maxQuotedName = 100;

const noMutations = 'Mutations are not supported.';
const untrusted = 'Only trusted documents are accepted; send a registered id or the exact text.';

export class Preparation {
  readonly #options: PreparationOptions;
  readonly #costs: CostModel;
  readonly #trustedDocuments: TrustedDocuments;
  /** Parsed and validated documents by hash; Apollo Server reads them too. */
  readonly #documents = new LRUCache<string, DocumentNode>({ maxSize: maxPreparedBytes });

  constructor(options: PreparationOptions) {
    this.#options = options;
    this.#costs = createCostModel(options.schema);
    this.#trustedDocuments = new TrustedDocuments(options.endpoint.trustedDocumentsFile, (text) =>
      documentFault(options.schema, text, options.endpoint),
    );
  }

  /**
   * Traced as a separate span. Throws a Refusal if the caller may not send this, and RequestErrors if GraphQL can't
   * execute it.
   */
  async prepareOperation(
    request: OperationRequest,
    state: RequestState,
    overrides?: PreparationOverrides,
  ): Promise<PreparedOperation> {
    const endSpan = state.trace?.startPreparation();
    let cost: Cost | null = null;
    try {
      const operation = await this.#prepare(request, state, overrides);
      ({ cost } = operation);
      return operation;
    } finally {
      endSpan?.(cost);
    }
  }

  async #prepare(
    request: OperationRequest,
    state: RequestState,
    { isProvided = false, maxCost = this.#options.maxCost }: PreparationOverrides = {},
  ): Promise<PreparedOperation> {
    const { schema, endpoint, lengthsFor } = this.#options;
    const { viewer, requiresTrustedDocuments } = callerOf(state);
    const requiresTrusted = endpoint.requiresTrustedDocuments || requiresTrustedDocuments;
    const trustedDocuments = this.#trustedDocuments;
    const text = request.query ?? trustedDocuments.find(request);
    const hash = text === null ? null : digest('sha256', text);
    state.hash = hash;
    if (requiresTrusted && !isProvided && !trustedDocuments.allow(text, request))
      throw new RequestRefusal(untrusted, 403, 'DOCUMENT_NOT_TRUSTED');
    if (text === null || hash === null) {
      // Apollo's and other clients then send the document itself.
      throw new RequestErrors([new GraphQLError('PersistedQueryNotFound')], 'PERSISTED_QUERY_NOT_FOUND');
    }
    const document = this.#documents.get(hash) ?? (await this.#read(text, hash));
    const definition = operationOf(document, request.operationName);
    state.describe(definition.name?.value, definition.operation);
    if (definition.operation === OperationTypeNode.MUTATION) {
      throw new RequestRefusal(noMutations);
    }
    // Without declared variables, those of the request are ignored.
    const coerced =
      definition.variableDefinitions?.length === 0
        ? { values: {} }
        : coerceVariables(schema, definition, request.variables, endpoint);
    if ('errors' in coerced) throw new RequestErrors(coerced.errors, 'BAD_USER_INPUT');
    const { values: variables } = coerced;
    const cost = this.#costs.check(document, definition, variables, lengthsFor(viewer), maxCost);
    trustedDocuments.register(request, hash);
    return { text, document, definition, request, variables, cost };
  }

  estimateCalls({ document, definition, variables }: PreparedOperation, state: RequestState): CallEstimate {
    const known = this.#options.lengthsFor(callerOf(state).viewer);
    return this.#costs.estimateCalls(document, definition, variables, known);
  }

  /** Returns a recently prepared document by its hash. */
  find(hash: string): DocumentNode | undefined {
    return this.#documents.peek(hash);
  }

  /** Parses and validates a document, yielding between steps, which may be long. */
  async #read(text: string, hash: string): Promise<DocumentNode> {
    const { schema, endpoint } = this.#options;
    await yieldIfDue();
    let document: DocumentNode;
    try {
      document = parseDocument(text);
    } catch (error) {
      throw error instanceof GraphQLError ? new RequestErrors([error], 'GRAPHQL_PARSE_FAILED') : error;
    }
    await yieldIfDue();
    const errors = validateDocument(schema, document, endpoint);
    if (errors.length > 0) throw new RequestErrors(errors, 'GRAPHQL_VALIDATION_FAILED');
    await yieldIfDue();
    this.#documents.set(hash, document, { size: bytesPerCharacter * text.length });
    return document;
  }
}

/** Returns why a document is refused whatever its variables are; null if it is valid. */
export function documentFault(
  schema: GraphQLSchema,
  text: string,
  options: Pick<DocumentOptions, 'hasIntrospection'>,
): string | null {
  try {
    const document = parseDocument(text);
    const [error] = validateDocument(schema, document, options);
    if (error !== undefined) return error.message;
    const isMutation = document.definitions.some(
      (each) => each.kind === Kind.OPERATION_DEFINITION && each.operation === OperationTypeNode.MUTATION,
    );
    return isMutation ? noMutations : null;
  } catch (error) {
    if (error instanceof GraphQLError || error instanceof LimitError) return error.message;
    throw error;
  }
}

function operationOf(document: DocumentNode, operationName: string | null): OperationDefinitionNode {
  const definition = getOperationAST(document, operationName);
  if (definition) return definition;
  const message =
    operationName === null
      ? 'The document has several operations: name one in operationName.'
      : `The document has no operation named ${quoted(operationName, maxQuotedName)}.`;
  throw new RequestErrors([new GraphQLError(message)], 'OPERATION_RESOLUTION_FAILURE');
}
