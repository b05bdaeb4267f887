/**
 * Checks a manifest of trusted documents before its deployment: validity, and the price of each document. Needs no
 * settings of the upstream, and can thus run in a front end's build.
 */
import { Kind, type DocumentNode, type OperationDefinitionNode } from 'graphql';
import { ConfigError, readDocumentLimits } from '../config/config.ts';
import { Settings, type Environment } from '../config/settings.ts';
import { LimitError } from '../errors.ts';
import { createGraphSchema } from '../graph/graph-schema.ts';
import { createCostModel, type Cost } from '../pricing/cost.ts';
import { nothingKnown } from '../pricing/known-lengths.ts';
import { parseDocument } from '../server/limits/document.ts';
import { coerceVariables } from '../server/limits/validation.ts';
import { faultyDocuments, readManifest, shownId } from '../server/pipeline/manifest.ts';
import { documentFault } from '../server/pipeline/prepare-operation.ts';

export interface CheckedDocuments {
  /** Lines of invalid documents. */
  readonly faults: readonly string[];
  /** Lines about the others. */
  readonly lines: readonly string[];
}

/** Operation with its price, and whether variables may change it. */
interface Priced {
  readonly named: string;
  readonly cost: Cost;
  readonly hasVariables: boolean;
}

const unlimited: Cost = { rows: Infinity, values: Infinity, calls: Infinity };

/**
 * @throws ManifestError
 * @throws ConfigError for settings of document limits
 */
export function checkDocuments(file: string, environment: Environment): CheckedDocuments {
  const settings = new Settings(environment);
  const limits = readDocumentLimits(settings);
  if (settings.mistakes.length > 0) throw new ConfigError(settings.mistakes);
  const { maxCost } = limits;
  const documents = readManifest(file, null);
  const schema = createGraphSchema(limits);
  const costs = createCostModel(schema);
  const faults = new Map<string, string>();
  for (const { id, reason } of faultyDocuments(documents, (text) => documentFault(schema, text, limits)))
    faults.set(id, reason);

  const priced: Priced[] = [];
  for (const [id, text] of documents) {
    if (faults.has(id)) continue;
    const document = parseDocument(text);
    try {
      for (const operation of operationsOf(document)) {
        const hasVariables = (operation.variableDefinitions ?? []).length > 0;
        // With variables, the price depends on each request.
        const max = hasVariables ? unlimited : maxCost;
        const coerced = coerceVariables(schema, withoutRequired(operation), {}, limits);
        const variables = 'values' in coerced ? coerced.values : {};
        const cost = costs.check(document, operation, variables, nothingKnown, max);
        priced.push({ named: named(id, document), cost, hasVariables });
      }
    } catch (error) {
      if (!(error instanceof LimitError)) throw error;
      faults.set(id, error.message);
    }
  }
  const shareOf = ({ cost: { rows, values, calls } }: Priced) =>
    Math.max(rows / maxCost.rows, values / maxCost.values, calls / maxCost.calls);
  const [dearest] = [...priced].sort((one, other) => shareOf(other) - shareOf(one));
  const good = documents.size - faults.size;
  return {
    faults: [...faults].map(([id, reason]) => `${named(id, documentOrNull(documents.get(id)))}: ${reason}`),
    lines: [
      `${counted(good)} of ${documents.size.toLocaleString('en')} can be executed.`,
      ...(dearest === undefined ? [] : [`The most expensive one is ${priceOf(dearest, maxCost)}`]),
      ...priced
        .filter((each) => shareOf(each) > 1)
        .map(
          (each) =>
            `Notice: a request must send variables that ask for less, or is refused: ${priceOf(each, maxCost)}`,
        ),
    ],
  };
}

function operationsOf({ definitions }: DocumentNode): OperationDefinitionNode[] {
  return definitions.filter((each) => each.kind === Kind.OPERATION_DEFINITION);
}

/** Returns the operation with its required variables made optional. */
function withoutRequired(operation: OperationDefinitionNode): OperationDefinitionNode {
  return {
    ...operation,
    variableDefinitions: (operation.variableDefinitions ?? []).filter(
      ({ type, defaultValue }) => type.kind !== Kind.NON_NULL_TYPE || defaultValue !== undefined,
    ),
  };
}

function priceOf({ named: name, cost, hasVariables }: Priced, max: Cost): string {
  const parts = (['rows', 'values', 'calls'] as const).map(
    (part) => `${cost[part].toLocaleString('en')} of ${max[part].toLocaleString('en')} ${part}`,
  );
  const condition = hasVariables ? ', with the defaults of its variables' : '';
  return `${name}: ${parts.join(', ')}${condition}.`;
}

/** Formats a document's id with the names of its operations. */
function named(id: string, document: DocumentNode | null): string {
  const names = document === null ? [] : operationsOf(document).flatMap(({ name }) => name?.value ?? []);
  return names.length === 0 ? shownId(id) : `${shownId(id)} (${names.join(', ').slice(0, 100)})`;
}

function documentOrNull(text = ''): DocumentNode | null {
  try {
    return parseDocument(text);
  } catch {
    return null;
  }
}

function counted(documents: number): string {
  return `${documents.toLocaleString('en')} ${documents === 1 ? 'document' : 'documents'}`;
}
