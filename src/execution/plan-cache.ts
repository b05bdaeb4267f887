/** Cache of plans, bounded in bytes (LRU). */
import type { DocumentNode, FragmentDefinitionNode, OperationDefinitionNode } from 'graphql';
import { LRUCache } from 'lru-cache';
import { fragmentsOf } from '../selection-walker.ts';
import type { VariableValues } from './arguments.ts';
import { conditionVariables } from './collect-fields.ts';
import { OperationPlans, type ExecutableOperation } from './plan.ts';

interface KnownDocument {
  /** Identifies the document in the keys of its plans. */
  readonly number: number;
  readonly fragments: Readonly<Record<string, FragmentDefinitionNode>>;
  readonly conditions: readonly string[];
  /** Estimate, counted for each entry, since each entry retains the document. */
  readonly bytes: number;
}

/** Estimates like those in plan.ts: a syntax node with and without its location, and an entry without plans. */
const locatedNodeBytes = 290;
const nodeBytes = 120;
const entryBytes = 1500;

export class PlanCache {
  readonly #schemaParts: Pick<ExecutableOperation, 'schema' | 'rootType' | 'recordTypes'>;
  readonly #documents = new WeakMap<DocumentNode, KnownDocument>();
  #documentCount = 0;
  /** By document, operation and values of the conditions. */
  readonly #plans: LRUCache<string, OperationPlans>;

  /** @param maxBytes estimated bytes of all plans and of the documents that they retain */
  constructor(
    schemaParts: Pick<ExecutableOperation, 'schema' | 'rootType' | 'recordTypes'>,
    maxBytes: number,
  ) {
    this.#schemaParts = schemaParts;
    this.#plans = new LRUCache({ maxSize: maxBytes, sizeCalculation: ({ bytes }) => bytes });
  }

  get bytes(): number {
    return this.#plans.calculatedSize;
  }

  /** Plans of an operation; after eviction they are still usable and can still grow. */
  find(
    document: DocumentNode,
    definition: OperationDefinitionNode,
    variables: VariableValues,
  ): OperationPlans {
    const known = this.#know(document);
    const index = document.definitions.indexOf(definition);
    if (index < 0) throw new Error('Expected an operation of the document.');
    const values = known.conditions.map((name) => variables[name] ?? null);
    const key = JSON.stringify([known.number, index, ...values]);
    return this.#plans.get(key) ?? this.#create(known, key, definition, variables);
  }

  #know(document: DocumentNode): KnownDocument {
    let known = this.#documents.get(document);
    if (known === undefined) {
      const { names: conditions, nodes } = conditionVariables(document);
      const fragments = Object.fromEntries(fragmentsOf(document));
      const { loc } = document;
      // Locations retain the text, which may be long even if the document is short.
      const bytes = loc === undefined ? nodes * nodeBytes : nodes * locatedNodeBytes + loc.source.body.length;
      known = { number: this.#documentCount++, fragments, conditions, bytes };
      this.#documents.set(document, known);
    }
    return known;
  }

  #create(
    { fragments, conditions: names, bytes }: KnownDocument,
    key: string,
    definition: OperationDefinitionNode,
    variables: VariableValues,
  ): OperationPlans {
    const given = names.filter((name) => Object.hasOwn(variables, name));
    const conditions = Object.fromEntries(given.map((name) => [name, variables[name]]));
    const operation: ExecutableOperation = { ...this.#schemaParts, definition, fragments, conditions };
    const plans = new OperationPlans(operation, bytes + entryBytes, () => {
      if (this.#plans.peek(key) !== plans) return;
      // The cache measures an entry only when it is added.
      this.#plans.delete(key);
      this.#plans.set(key, plans);
    });
    this.#plans.set(key, plans);
    return plans;
  }
}
