/**
 * Plans of an operation's objects: the fields of a type in response order, with everything that does not depend on
 * data. Selections of the same fields share a plan, so a fragment costs the same however often it is spread.
 */
import {
  isLeafType,
  isListType,
  isNonNullType,
  isObjectType,
  SchemaMetaFieldDef,
  TypeMetaFieldDef,
  TypeNameMetaFieldDef,
  type FieldNode,
  type GraphQLAbstractType,
  type GraphQLField,
  type GraphQLObjectType,
  type GraphQLOutputType,
  type OperationDefinitionNode,
  type SelectionSetNode,
} from 'graphql';
import { hasVariableArguments } from './arguments.ts';
import type { FieldNodes } from '../selection-walker.ts';
import { collectFields, type SelectionScope } from './collect-fields.ts';
import { createLeafWriter, type LeafWriter } from './leaf.ts';
import { resolverOf, type Resolver } from './resolver-kinds.ts';

/** Text around the cells of an object, or of a part of it. */
export interface Template {
  readonly columns: readonly { readonly prefix: string }[];
  readonly suffix: string;
}

export interface ObjectPlan extends Template {
  /** In response order. */
  readonly columns: readonly (FieldPlan | PureRun)[];
  /** Whether the object's text depends only on the object. */
  readonly isPure: boolean;
}

/** Consecutive fields with a text that depends only on the object and is cached. */
export interface PureRun extends Template {
  readonly prefix: '';
  readonly columns: FieldPlan[];
}

export interface FieldPlan {
  readonly key: string;
  /** Text before the field's value. */
  readonly prefix: string;
  /** Index among the fields of its object. */
  readonly order: number;
  readonly parentType: GraphQLObjectType;
  readonly definition: GraphQLField<unknown, unknown>;
  readonly nodes: FieldNodes;
  readonly resolver: Resolver;
  readonly value: ValuePlan;
  /** Plans made by `OperationPlans.ofField`; null before the first. */
  plans: Map<GraphQLObjectType, ObjectPlan> | null;
}

export type ValuePlan = { readonly isNullable: boolean } & (
  | { readonly kind: 'leaf'; readonly write: LeafWriter }
  | { readonly kind: 'list'; readonly of: ValuePlan }
  | { readonly kind: 'object'; readonly type: GraphQLObjectType }
  | { readonly kind: 'abstract'; readonly type: GraphQLAbstractType }
);

/**
 * Types with immutable objects. `row`: often requested again, so texts are cached. `part`: belongs to a row or is
 * created per request, so its text is cached only within the row's text.
 */
export type RecordTypes = ReadonlyMap<string, 'row' | 'part'>;

export interface ExecutableOperation extends SelectionScope {
  readonly rootType: GraphQLObjectType;
  readonly definition: OperationDefinitionNode;
  readonly recordTypes: RecordTypes;
}

/** Estimates from heap growth over thousands of plans on Node 20; the growth was 0.8 to 1.0 of their sum. */
const planBytes = 500;
const fieldBytes = 280;

const rootMetaFields = [SchemaMetaFieldDef, TypeMetaFieldDef, TypeNameMetaFieldDef];

/** Plans of one operation for given values of its conditions. */
export class OperationPlans {
  readonly operation: ExecutableOperation;
  /** Estimated. */
  bytes: number;
  readonly #onGrow: () => void;
  /** By type and nodes of the selected fields. */
  readonly #plans = new Map<string, ObjectPlan>();
  readonly #numbers = new Map<FieldNode, number>();
  #root: ObjectPlan | null = null;

  /** @param onGrow called after each new plan */
  constructor(operation: ExecutableOperation, bytes: number, onGrow: () => void) {
    this.operation = operation;
    this.bytes = bytes;
    this.#onGrow = onGrow;
  }

  /** @throws GraphQLError if a condition is null */
  ofRoot(): ObjectPlan {
    const { rootType, definition } = this.operation;
    return (this.#root ??= this.#plan(rootType, [definition.selectionSet]));
  }

  /** @throws GraphQLError if a condition is null */
  ofField(field: FieldPlan, type: GraphQLObjectType): ObjectPlan {
    let plan = field.plans?.get(type);
    if (plan === undefined) {
      const selectionSets = field.nodes.flatMap(({ selectionSet }) => selectionSet ?? []);
      plan = this.#plan(type, selectionSets);
      (field.plans ??= new Map()).set(type, plan);
    }
    return plan;
  }

  #plan(type: GraphQLObjectType, selectionSets: readonly SelectionSetNode[]): ObjectPlan {
    const groups = collectFields(this.operation, type, selectionSets);
    const numbers = [...groups.values()].map((nodes) => nodes.map((node) => this.#numberOf(node)).join('+'));
    const signature = `${type.name} ${numbers.join()}`;
    let plan = this.#plans.get(signature);
    if (plan === undefined) {
      plan = this.#create(type, groups);
      this.#plans.set(signature, plan);
      this.bytes += planBytes + groups.size * fieldBytes + signature.length;
      this.#onGrow();
    }
    return plan;
  }

  #numberOf(node: FieldNode): number {
    let number = this.#numbers.get(node);
    if (number === undefined) this.#numbers.set(node, (number = this.#numbers.size));
    return number;
  }

  #create(parentType: GraphQLObjectType, groups: ReadonlyMap<string, FieldNodes>): ObjectPlan {
    const record = this.operation.recordTypes.get(parentType.name);
    const columns: (FieldPlan | PureRun)[] = [];
    let order = 0;
    let isPure = record !== undefined;
    for (const [key, nodes] of groups) {
      const definition = this.#definitionOf(parentType, nodes[0].name.value);
      // Excluded by validation.
      if (definition === undefined) continue;
      const resolver: Resolver =
        definition === TypeNameMetaFieldDef
          ? { kind: 'pure', resolve: () => parentType.name }
          : resolverOf(definition);
      // `join` returns a flat string.
      const prefix = [order === 0 ? '{"' : ',"', key, '":'].join('');
      const value = valuePlanOf(definition.type);
      const field = { key, prefix, order, parentType, definition, nodes, resolver, value, plans: null };
      order += 1;
      const isPureField = record !== undefined && this.#isPure(field);
      isPure &&= isPureField;
      const last = columns.at(-1);
      if (record !== 'row' || !isPureField) columns.push(field);
      else if (last !== undefined && 'columns' in last) last.columns.push(field);
      else columns.push({ prefix: '', columns: [field], suffix: '' });
    }
    return { columns, suffix: order === 0 ? '{}' : '}', isPure };
  }

  #definitionOf(type: GraphQLObjectType, name: string): GraphQLField<unknown, unknown> | undefined {
    const metaFields = type === this.operation.rootType ? rootMetaFields : [TypeNameMetaFieldDef];
    return metaFields.find((definition) => definition.name === name) ?? type.getFields()[name];
  }

  /** Properties count as pure; functions and promises are detected when a property is read. */
  #isPure(field: FieldPlan): boolean {
    const { kind } = field.resolver;
    if ((kind !== 'property' && kind !== 'pure') || hasVariableArguments(field.nodes[0])) return false;
    let value = field.value;
    while (value.kind === 'list') value = value.of;
    if (value.kind !== 'object') return value.kind === 'leaf';
    try {
      return this.operation.recordTypes.has(value.type.name) && this.ofField(field, value.type).isPure;
    } catch {
      // A null condition is reported by the objects below.
      return false;
    }
  }
}

const valuePlans = new WeakMap<GraphQLOutputType, ValuePlan>();

function valuePlanOf(type: GraphQLOutputType): ValuePlan {
  let plan = valuePlans.get(type);
  if (plan === undefined) valuePlans.set(type, (plan = createValuePlan(type)));
  return plan;
}

function createValuePlan(type: GraphQLOutputType): ValuePlan {
  if (isNonNullType(type)) return { ...createValuePlan(type.ofType), isNullable: false };
  const isNullable = true;
  if (isListType(type)) return { kind: 'list', isNullable, of: valuePlanOf(type.ofType) };
  if (isLeafType(type)) return { kind: 'leaf', isNullable, write: createLeafWriter(type) };
  return isObjectType(type) ? { kind: 'object', isNullable, type } : { kind: 'abstract', isNullable, type };
}
