/** Walks selection sets: inlines fragments, excludes skipped selections, and bounds the number of steps. */
import {
  isAbstractType,
  isObjectType,
  Kind,
  type DocumentNode,
  type FieldNode,
  type FragmentDefinitionNode,
  type GraphQLSchema,
  type SelectionNode,
  type SelectionSetNode,
} from 'graphql';
import { LimitError } from './errors.ts';

/** Maximum number of visited selections. */
const maxSteps = 50_000;

export type FieldNodes = readonly [FieldNode, ...FieldNode[]];

export interface WalkerOptions {
  readonly fragmentOf: (name: string) => FragmentDefinitionNode | undefined;
  /** Whether `@skip` and `@include` include a selection; `includedBy` decides by variables. */
  readonly isIncluded: (selection: SelectionNode) => boolean;
  readonly maxSteps?: number;
}

export class SelectionWalker {
  readonly #options: WalkerOptions;
  readonly #maxSteps: number;
  #steps = 0;

  constructor(options: WalkerOptions) {
    this.#options = options;
    this.#maxSteps = options.maxSteps ?? maxSteps;
  }

  /**
   * Fields by response key, as an executor collects them: a fragment counts once, however often it is spread.
   *
   * @param applies whether a fragment with this type condition counts
   * @throws LimitError, and errors of `isIncluded`
   */
  collect(
    sets: Iterable<SelectionSetNode | undefined>,
    applies: (condition: string) => boolean = () => true,
  ): ReadonlyMap<string, FieldNodes> {
    const fields = new Map<string, [FieldNode, ...FieldNode[]]>();
    const spread = new Set<string>();
    const visit = ({ selections }: SelectionSetNode): void => {
      for (const selection of selections) {
        if (++this.#steps > this.#maxSteps)
          throw new LimitError('visited selections', this.#steps, this.#maxSteps, 'document');
        if (selection.kind === Kind.FRAGMENT_SPREAD && spread.has(selection.name.value)) continue;
        if (!this.#options.isIncluded(selection)) continue;
        if (selection.kind === Kind.FIELD) {
          const key = (selection.alias ?? selection.name).value;
          const same = fields.get(key);
          if (same === undefined) fields.set(key, [selection]);
          else same.push(selection);
          continue;
        }
        if (selection.kind === Kind.FRAGMENT_SPREAD) spread.add(selection.name.value);
        const fragment =
          selection.kind === Kind.INLINE_FRAGMENT
            ? selection
            : this.#options.fragmentOf(selection.name.value);
        const condition = fragment?.typeCondition?.name.value;
        if (fragment !== undefined && (condition === undefined || applies(condition)))
          visit(fragment.selectionSet);
      }
    };
    for (const set of sets) if (set !== undefined) visit(set);
    return fields;
  }
}

export function fragmentsOf({ definitions }: DocumentNode): ReadonlyMap<string, FragmentDefinitionNode> {
  return new Map(
    definitions.flatMap((definition) =>
      definition.kind === Kind.FRAGMENT_DEFINITION ? [[definition.name.value, definition]] : [],
    ),
  );
}

/** Size of selections; a fragment counts for each spread. */
export interface Expansion {
  /** Fields below fields. */
  readonly depth: number;
  readonly fields: number;
  /** Fields, spreads and inline fragments. */
  readonly selections: number;
}

/**
 * Measures operations and fragments, in time proportional to the document's length.
 *
 * @param check called with each intermediate sum; it can throw early if the document is too large
 */
export function measureExpansion(document: DocumentNode, check: (expansion: Expansion) => void): void {
  const fragments = fragmentsOf(document);
  const nothing: Expansion = { depth: 0, fields: 0, selections: 0 };
  const measured = new Map<string, Expansion>();
  const ofFragment = (name: string): Expansion => {
    let expansion = measured.get(name);
    if (expansion === undefined) {
      // A fragment inside itself counts nothing; validation reports it.
      measured.set(name, nothing);
      expansion = ofSelections(fragments.get(name)?.selectionSet);
      measured.set(name, expansion);
    }
    return expansion;
  };
  const ofSelections = (set: SelectionSetNode | undefined): Expansion => {
    let sum = nothing;
    for (const selection of set?.selections ?? []) {
      const own = selection.kind === Kind.FIELD ? 1 : 0;
      const below =
        selection.kind === Kind.FRAGMENT_SPREAD
          ? ofFragment(selection.name.value)
          : ofSelections(selection.selectionSet);
      sum = {
        depth: Math.max(sum.depth, below.depth + own),
        fields: sum.fields + below.fields + own,
        selections: sum.selections + below.selections + 1,
      };
      check(sum);
    }
    return sum;
  };
  for (const definition of document.definitions) {
    if (definition.kind === Kind.OPERATION_DEFINITION) ofSelections(definition.selectionSet);
    if (definition.kind === Kind.FRAGMENT_DEFINITION) ofFragment(definition.name.value);
  }
}

/** Returns whether an object of this type meets a type condition. */
export function conditionsOf(schema: GraphQLSchema, typeName: string): (condition: string) => boolean {
  const type = schema.getType(typeName);
  return (condition) => {
    if (condition === typeName) return true;
    const general = schema.getType(condition);
    return isObjectType(type) && isAbstractType(general) && schema.isSubType(general, type);
  };
}

/** Counts every selection, whatever its conditions. */
export const includesAll = (): boolean => true;

/** Counts selections by coerced variables; a condition that is null or unknown excludes nothing. */
export function includedBy(
  variables: Readonly<Record<string, unknown>>,
): (selection: SelectionNode) => boolean {
  return ({ directives = [] }) =>
    directives.every(({ name, arguments: given = [] }) => {
      if (name.value !== 'skip' && name.value !== 'include') return true;
      const value = given.find((argument) => argument.name.value === 'if')?.value;
      const condition =
        value?.kind === Kind.VARIABLE
          ? variables[value.name.value]
          : value?.kind === Kind.BOOLEAN
            ? value.value
            : null;
      return name.value === 'skip' ? condition !== true : condition !== false;
    });
}
