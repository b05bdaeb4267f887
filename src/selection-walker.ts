/** The one way through selection sets: fragments in their place, skipped selections excluded, a bounded number of steps. */
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

/** Selections that one walker visits at most. */
export const maxSteps = 50_000;

export interface WalkerOptions {
  readonly fragmentOf: (name: string) => FragmentDefinitionNode | undefined;
  /** Coerced values for `@skip` and `@include`; null walks through excluded selections as well. */
  readonly variables: Readonly<Record<string, unknown>> | null;
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
   * @throws LimitError
   */
  collect(
    sets: Iterable<SelectionSetNode | undefined>,
    applies: (condition: string) => boolean = () => true,
  ): Map<string, FieldNode[]> {
    const fields = new Map<string, FieldNode[]>();
    const spread = new Set<string>();
    const visit = ({ selections }: SelectionSetNode): void => {
      for (const selection of selections) {
        if (++this.#steps > this.#maxSteps)
          throw new LimitError('visited selections', this.#steps, this.#maxSteps);
        if (!isIncluded(selection, this.#options.variables)) continue;
        if (selection.kind === Kind.FIELD) {
          const key = (selection.alias ?? selection.name).value;
          const same = fields.get(key);
          if (same === undefined) fields.set(key, [selection]);
          else same.push(selection);
          continue;
        }
        if (selection.kind === Kind.FRAGMENT_SPREAD) {
          if (spread.has(selection.name.value)) continue;
          spread.add(selection.name.value);
        }
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

/** Fragments by name. */
export function fragmentsOf({ definitions }: DocumentNode): ReadonlyMap<string, FragmentDefinitionNode> {
  return new Map(
    definitions.flatMap((definition) =>
      definition.kind === Kind.FRAGMENT_DEFINITION ? [[definition.name.value, definition]] : [],
    ),
  );
}

/** Which type conditions an object of this type meets. */
export function conditionsOf(schema: GraphQLSchema, typeName: string): (condition: string) => boolean {
  const type = schema.getType(typeName);
  return (condition) => {
    if (condition === typeName) return true;
    const general = schema.getType(condition);
    return isObjectType(type) && isAbstractType(general) && schema.isSubType(general, type);
  };
}

/** A condition that is null or unknown leaves nothing out. */
function isIncluded(
  { directives = [] }: SelectionNode,
  variables: Readonly<Record<string, unknown>> | null,
): boolean {
  if (variables === null) return true;
  return directives.every(({ name, arguments: given = [] }) => {
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
