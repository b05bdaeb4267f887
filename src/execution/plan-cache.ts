/** Plans of all operations, bounded in bytes: the least recently used are dropped. */
import { Kind, type DocumentNode, type FragmentDefinitionNode, type OperationDefinitionNode } from 'graphql';
import type { VariableValues } from './arguments.ts';
import { conditionVariables } from './collect-fields.ts';
import { OperationPlans, type Operation } from './plan.ts';

interface KnownDocument {
  readonly fragments: Readonly<Record<string, FragmentDefinitionNode>>;
  readonly conditions: readonly string[];
  /** Estimate, counted once as long as there is a variant, which retains the document. */
  readonly bytes: number;
  /** By operation and values of the conditions. */
  readonly variants: Map<string, Variant>;
}

interface Variant {
  readonly key: string;
  readonly document: KnownDocument;
  readonly plans: OperationPlans;
  bytes: number;
}

/** Estimates as in plan.ts: a node of a parsed document, with and without its location, and a variant without plans. */
const locatedNodeBytes = 290;
const nodeBytes = 120;
const variantBytes = 1500;

export class PlanCache {
  readonly #shared: Pick<Operation, 'schema' | 'rootType' | 'recordTypes'>;
  readonly #maxBytes: number;
  readonly #documents = new WeakMap<DocumentNode, KnownDocument>();
  /** The least recently used first. */
  readonly #variants = new Set<Variant>();
  #bytes = 0;

  /** @param maxBytes estimated bytes of all plans, and of the documents that they retain */
  constructor(shared: Pick<Operation, 'schema' | 'rootType' | 'recordTypes'>, maxBytes: number) {
    this.#shared = shared;
    this.#maxBytes = maxBytes;
  }

  get bytes(): number {
    return this.#bytes;
  }

  /** Plans that can be used, and grow, after they have been dropped here. */
  find(
    document: DocumentNode,
    definition: OperationDefinitionNode,
    variables: VariableValues,
  ): OperationPlans {
    const known = this.#know(document);
    const index = document.definitions.indexOf(definition);
    if (index < 0) throw new Error('Expected an operation of the document.');
    const key = JSON.stringify([index, ...known.conditions.map((name) => variables[name] ?? null)]);
    const variant = known.variants.get(key) ?? this.#create(known, key, definition, variables);
    this.#variants.delete(variant);
    this.#variants.add(variant);
    if (variant.bytes === 0) this.#grow(variant, variantBytes);
    return variant.plans;
  }

  #know(document: DocumentNode): KnownDocument {
    let known = this.#documents.get(document);
    if (known === undefined) {
      const { names: conditions, nodes } = conditionVariables(document);
      const definitions = document.definitions.filter((node) => node.kind === Kind.FRAGMENT_DEFINITION);
      const fragments = Object.fromEntries(definitions.map((node) => [node.name.value, node]));
      const { loc } = document;
      // Locations retain the text, which may be long even if the document is short.
      const bytes = loc === undefined ? nodes * nodeBytes : nodes * locatedNodeBytes + loc.source.body.length;
      known = { fragments, conditions, bytes, variants: new Map() };
      this.#documents.set(document, known);
    }
    return known;
  }

  #create(
    document: KnownDocument,
    key: string,
    definition: OperationDefinitionNode,
    variables: VariableValues,
  ): Variant {
    const { fragments, variants } = document;
    const names = document.conditions.filter((name) => Object.hasOwn(variables, name));
    const conditions = Object.fromEntries(names.map((name) => [name, variables[name]]));
    const plans = new OperationPlans({ ...this.#shared, definition, fragments, conditions }, (bytes) => {
      this.#grow(variant, bytes);
    });
    const variant: Variant = { key, document, plans, bytes: 0 };
    if (variants.size === 0) this.#bytes += document.bytes;
    variants.set(key, variant);
    return variant;
  }

  #grow(variant: Variant, bytes: number): void {
    if (!this.#variants.has(variant)) return;
    variant.bytes += bytes;
    this.#bytes += bytes;
    // It could not stay, however many others were dropped.
    if (variant.document.bytes + variant.bytes > this.#maxBytes) this.#drop(variant);
    for (const oldest of this.#variants) {
      if (this.#bytes <= this.#maxBytes) break;
      this.#drop(oldest);
    }
  }

  #drop(variant: Variant): void {
    const { variants, bytes } = variant.document;
    this.#variants.delete(variant);
    variants.delete(variant.key);
    this.#bytes -= variant.bytes + (variants.size === 0 ? bytes : 0);
  }
}
