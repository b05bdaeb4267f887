/**
 * Executes a plan over all objects of a level at once, and writes the answer's JSON while it goes: a row is touched
 * once, and nothing waits that is at hand. What comes late goes on by itself, together with what comes in the same tick.
 *
 * What a newcomer would get wrong: a column must not wait for its slowest value before the others go on, since a call
 * that takes long would then hold up fields that have nothing to do with it.
 */
import {
  getArgumentValues,
  GraphQLError,
  isObjectType,
  locatedError,
  type GraphQLFieldResolver,
  type GraphQLObjectType,
  type GraphQLResolveInfo,
} from 'graphql';
import type { MaybePromise } from './batch.ts';
import { partOf, pathAt, placeAt, rootFrame, type Frame } from './frame.ts';
import type { TextCache } from './text-cache.ts';
import type {
  FieldPlan,
  NullableValuePlan,
  ObjectPlan,
  Operation,
  ValuePlan,
  VariableValues,
} from './plan.ts';

export interface ExecutionOptions {
  readonly operation: Operation;
  readonly variables: VariableValues;
  readonly context: unknown;
  /** Waited for between two parts of a long list. */
  readonly nextTurn: () => Promise<void>;
}

export interface Executed {
  /** JSON; null where an error has cost all of it. */
  readonly text: string | null;
  /** In the answer's order. */
  readonly errors: readonly GraphQLError[];
}

/** A value that an error has cost, on its way up to a place that may be null. */
class Failure {
  readonly error: GraphQLError;
  readonly order: readonly number[];

  constructor(error: GraphQLError, order: readonly number[]) {
    this.error = error;
    this.order = order;
  }
}

/** What a resolver threw or rejected with. */
class Thrown {
  readonly reason: unknown;

  constructor(reason: unknown) {
    this.reason = reason;
  }
}

/** JSON, or that there is none. */
type Cell = string | Failure;

/** Longer lists are gone through in parts. */
const longestPart = 1000;
const longestSliceMs = 10;

export async function execute(plan: ObjectPlan, options: ExecutionOptions): Promise<Executed> {
  const execution = new Execution(options);
  const [cell = 'null'] = await execution.objects(plan, rootFrame, [undefined]);
  if (cell instanceof Failure) execution.record(cell);
  return { text: cell instanceof Failure ? null : cell, errors: execution.errors };
}

class Execution {
  readonly #options: ExecutionOptions;
  readonly #failures: Failure[] = [];
  readonly #arguments = new Map<FieldPlan, Record<string, unknown> | Thrown>();
  #sliceStartedAt = performance.now();

  constructor(options: ExecutionOptions) {
    this.#options = options;
  }

  get errors(): readonly GraphQLError[] {
    return this.#failures.sort(byOrder).map(({ error }) => error);
  }

  record(failure: Failure): void {
    this.#failures.push(failure);
  }

  objects(plan: ObjectPlan, frame: Frame, sources: readonly unknown[]): MaybePromise<Cell[]> {
    const columns = plan.runs.flatMap(({ fields, texts }) =>
      texts === null
        ? fields.map((field) => this.#field(field, frame, sources))
        : [this.#pureRun(fields, texts, frame, sources)],
    );
    const prefixes = plan.runs.flatMap(({ fields, texts }) =>
      texts === null ? fields.map(({ prefix }) => prefix) : [''],
    );
    const finish = (all: readonly Cell[][]) => close(assemble(prefixes, all, sources.length));
    return columns.some(isPromise) ? allOf(columns).then(finish) : finish(columns as Cell[][]);
  }

  /** Fields that depend on nothing but objects which never change: what has been written of one before stands. */
  #pureRun(
    fields: readonly FieldPlan[],
    texts: TextCache,
    frame: Frame,
    sources: readonly unknown[],
  ): MaybePromise<Cell[]> {
    const cells = new Array<Cell>(sources.length);
    const misses: number[] = [];
    for (let position = 0; position < sources.length; position++) {
      const source = sources[position];
      const text = isObjectLike(source) ? texts.get(source) : undefined;
      if (text === undefined) misses.push(position);
      else cells[position] = text;
    }
    if (misses.length === 0) return cells;
    const failuresBefore = this.#failures.length;
    const isAll = misses.length === sources.length;
    const missing = isAll ? sources : misses.map((position) => sources[position]);
    const part = isAll ? frame : partOf(frame, misses);
    const columns = fields.map((field) => this.#field(field, part, missing));
    const prefixes = fields.map(({ prefix }) => prefix);
    const isLate = columns.some(isPromise);
    const finish = (all: readonly Cell[][]) => {
      const written = assemble(prefixes, all, missing.length);
      // What an error has touched is not the object alone.
      const isKept = !isLate && this.#failures.length === failuresBefore;
      written.forEach((cell, index) => {
        const source = missing[index];
        if (isKept && typeof cell === 'string' && isObjectLike(source)) texts.set(source, cell);
        cells[misses[index] ?? 0] = cell;
      });
      return cells;
    };
    return isLate ? allOf(columns).then(finish) : finish(columns as Cell[][]);
  }

  #field(plan: FieldPlan, above: Frame, sources: readonly unknown[]): MaybePromise<Cell[]> {
    const { key, order, parentType } = plan;
    const frame: Frame = { above, parents: null, step: { key, order, typename: parentType.name } };
    const values = this.#resolve(plan, frame, sources);
    if (!isPromise(values)) return this.#complete(plan.value, plan, frame, values);
    return values.then(
      (all) => this.#complete(plan.value, plan, frame, all),
      (reason: unknown) => {
        const thrown = new Thrown(reason);
        return this.#complete(
          plan.value,
          plan,
          frame,
          sources.map(() => thrown),
        );
      },
    );
  }

  #resolve(plan: FieldPlan, frame: Frame, sources: readonly unknown[]): MaybePromise<readonly unknown[]> {
    const { batch, field, resolve } = plan;
    const { context } = this.#options;
    // The text of __typename is known.
    if (field === null) return sources.map(() => true);
    if (batch !== null) {
      try {
        return batch(sources, context, (index) => pathAt(frame, index));
      } catch (error) {
        const thrown = new Thrown(error);
        return sources.map(() => thrown);
      }
    }
    const args = this.#argumentsOf(plan);
    if (args instanceof Thrown) return sources.map(() => args);
    const { name } = field;
    const values = new Array<unknown>(sources.length);
    // A resolver that is declared without it does not look at it.
    const takesInfo = resolve === null || resolve.length > 3;
    for (let index = 0; index < sources.length; index++) {
      const source = sources[index];
      try {
        if (resolve === null) {
          const property: unknown = isObjectLike(source) ? source[name] : undefined;
          values[index] =
            typeof property === 'function'
              ? (property as Method).call(source, args, context, this.#infoOf(plan, field, frame, index))
              : property;
        } else {
          values[index] = takesInfo
            ? resolve(source, args, context, this.#infoOf(plan, field, frame, index))
            : (resolve as GraphQLFieldResolverWithoutInfo)(source, args, context);
        }
      } catch (error) {
        values[index] = new Thrown(error);
      }
    }
    return values;
  }

  #argumentsOf(plan: FieldPlan): Record<string, unknown> | Thrown {
    const { constantArguments, field, nodes } = plan;
    if (constantArguments !== null) return constantArguments;
    let args = this.#arguments.get(plan);
    if (args === undefined) {
      const [node] = nodes;
      try {
        args =
          field === null || node === undefined ? {} : getArgumentValues(field, node, this.#options.variables);
      } catch (error) {
        args = new Thrown(error);
      }
      this.#arguments.set(plan, args);
    }
    return args;
  }

  #infoOf(
    { nodes, parentType }: FieldPlan,
    field: NonNullable<FieldPlan['field']>,
    frame: Frame,
    index: number,
  ): GraphQLResolveInfo {
    const { operation, variables } = this.#options;
    return {
      fieldName: field.name,
      fieldNodes: nodes,
      returnType: field.type,
      parentType,
      path: pathAt(frame, index),
      schema: operation.schema,
      fragments: operation.fragments,
      rootValue: undefined,
      operation: operation.definition,
      variableValues: variables,
    };
  }

  /** Values of a type, which may be promises of some. */
  #complete(
    value: ValuePlan,
    plan: FieldPlan,
    frame: Frame,
    values: readonly unknown[],
  ): MaybePromise<Cell[]> {
    const late: number[] = [];
    for (let position = 0; position < values.length; position++) {
      if (isPromiseLike(values[position])) late.push(position);
    }
    return late.length === 0
      ? this.#settle(value, plan, frame, values)
      : this.#completeLate(value, plan, frame, values, late);
  }

  #completeLate(
    value: ValuePlan,
    plan: FieldPlan,
    frame: Frame,
    values: readonly unknown[],
    late: readonly number[],
  ): Promise<Cell[]> {
    const cells = new Array<Cell>(values.length);
    const complete = async (positions: readonly number[], settled: readonly unknown[]) => {
      const part = await this.#settle(value, plan, partOf(frame, positions), settled);
      positions.forEach((position, index) => (cells[position] = part[index] ?? 'null'));
    };
    return new Promise((resolve, reject) => {
      let left = values.length;
      const finish = (positions: readonly number[], settled: readonly unknown[]) => {
        complete(positions, settled).then(() => {
          left -= positions.length;
          if (left === 0) resolve(cells);
        }, reject);
      };
      if (late.length < values.length) {
        const isLate = new Set(late);
        const early = [...values.keys()].filter((position) => !isLate.has(position));
        finish(
          early,
          early.map((position) => values[position]),
        );
      }
      let arrived: { readonly position: number; readonly settled: unknown }[] = [];
      const arrive = (position: number, settled: unknown) => {
        // After all that comes in this tick.
        if (arrived.length === 0) {
          process.nextTick(() => {
            const all = arrived;
            arrived = [];
            finish(
              all.map((each) => each.position),
              all.map((each) => each.settled),
            );
          });
        }
        arrived.push({ position, settled });
      };
      for (const position of late) {
        (values[position] as PromiseLike<unknown>).then(
          (settled) => {
            arrive(position, settled);
          },
          (reason: unknown) => {
            arrive(position, new Thrown(reason));
          },
        );
      }
    });
  }

  #settle(value: ValuePlan, plan: FieldPlan, frame: Frame, values: readonly unknown[]): MaybePromise<Cell[]> {
    const isNullable = value.kind !== 'non-null';
    const cells = this.#nullable(isNullable ? value : value.of, plan, frame, values);
    const finish = isNullable
      ? (all: Cell[]) => this.#forgive(all)
      : (all: Cell[]) => this.#insist(all, plan, frame);
    return isPromise(cells) ? cells.then(finish) : finish(cells);
  }

  /** Here a failure may stay. */
  #forgive(cells: Cell[]): Cell[] {
    for (let position = 0; position < cells.length; position++) {
      const cell = cells[position];
      if (!(cell instanceof Failure)) continue;
      this.record(cell);
      cells[position] = 'null';
    }
    return cells;
  }

  /** Here none may be null. */
  #insist(cells: Cell[], plan: FieldPlan, frame: Frame): Cell[] {
    for (let position = 0; position < cells.length; position++) {
      if (cells[position] !== 'null') continue;
      const place = `${plan.parentType.name}.${plan.field?.name ?? plan.key}`;
      cells[position] = failureAt(
        new Error(`Cannot return null for non-nullable field ${place}.`),
        plan,
        frame,
        position,
      );
    }
    return cells;
  }

  #nullable(
    value: NullableValuePlan,
    plan: FieldPlan,
    frame: Frame,
    values: readonly unknown[],
  ): MaybePromise<Cell[]> {
    if (value.kind === 'leaf') {
      const { write } = value;
      return this.#each(values, plan, frame, write);
    }
    // Nulls and errors first, so that the rest is objects alone.
    const cells = new Array<Cell>(values.length);
    const there: number[] = [];
    for (let position = 0; position < values.length; position++) {
      const each = values[position];
      if (each === null || each === undefined) cells[position] = 'null';
      else if (each instanceof Thrown) cells[position] = failureAt(each.reason, plan, frame, position);
      else if (each instanceof Error) cells[position] = failureAt(each, plan, frame, position);
      else there.push(position);
    }
    if (there.length === 0) return cells;
    const isAll = there.length === values.length;
    const present = isAll ? values : there.map((position) => values[position]);
    const part = isAll ? frame : partOf(frame, there);
    const completed = this.#present(value, plan, part, present);
    const place = (all: Cell[]) => {
      if (isAll) return all;
      there.forEach((position, index) => (cells[position] = all[index] ?? 'null'));
      return cells;
    };
    return isPromise(completed) ? completed.then(place) : place(completed);
  }

  #each(
    values: readonly unknown[],
    plan: FieldPlan,
    frame: Frame,
    write: (value: unknown) => string,
  ): Cell[] {
    const cells = new Array<Cell>(values.length);
    for (let position = 0; position < values.length; position++) {
      const each = values[position];
      if (each === null || each === undefined) {
        cells[position] = 'null';
        continue;
      }
      try {
        if (each instanceof Thrown) throw each.reason;
        if (each instanceof Error) throw each;
        cells[position] = write(each);
      } catch (error) {
        cells[position] = failureAt(error, plan, frame, position);
      }
    }
    return cells;
  }

  #present(
    value: Exclude<NullableValuePlan, { kind: 'leaf' }>,
    plan: FieldPlan,
    frame: Frame,
    values: readonly unknown[],
  ): MaybePromise<Cell[]> {
    switch (value.kind) {
      case 'object':
        return this.objects(value.plan, frame, values);
      case 'list':
        return this.#lists(value.of, plan, frame, values);
      case 'abstract':
        return this.#abstract(value, plan, frame, values);
    }
  }

  #lists(of: ValuePlan, plan: FieldPlan, above: Frame, lists: readonly unknown[]): MaybePromise<Cell[]> {
    const items: unknown[] = [];
    const parents: number[] = [];
    const indexes: number[] = [];
    const ends: (number | Failure)[] = [];
    lists.forEach((list, position) => {
      if (!isIterable(list)) {
        const place = `${plan.parentType.name}.${plan.field?.name ?? plan.key}`;
        const error = new GraphQLError(`Expected Iterable, but did not find one for field "${place}".`);
        ends.push(failureAt(error, plan, above, position));
        return;
      }
      let index = 0;
      for (const item of list) {
        items.push(item);
        parents.push(position);
        indexes.push(index++);
      }
      ends.push(items.length);
    });
    const frame: Frame = { above, parents, step: { indexes } };
    const cells =
      items.length > longestPart
        ? this.#inParts(of, plan, frame, items)
        : this.#complete(of, plan, frame, items);
    return isPromise(cells) ? cells.then((all) => join(all, ends)) : join(cells, ends);
  }

  #inParts(
    of: ValuePlan,
    plan: FieldPlan,
    frame: Frame,
    items: readonly unknown[],
    parts: MaybePromise<Cell[]>[] = [],
  ): MaybePromise<Cell[]> {
    while (parts.length * longestPart < items.length) {
      if (performance.now() - this.#sliceStartedAt > longestSliceMs) {
        return this.#options.nextTurn().then(() => {
          this.#sliceStartedAt = performance.now();
          return this.#inParts(of, plan, frame, items, parts);
        });
      }
      const start = parts.length * longestPart;
      const part = items.slice(start, start + longestPart);
      const positions = part.map((_item, index) => start + index);
      // Whatever it has to wait for, the next part does not wait for it.
      const cells = this.#complete(of, plan, partOf(frame, positions), part);
      if (isPromise(cells)) cells.catch(() => undefined);
      parts.push(cells);
    }
    return parts.some(isPromise) ? allOf(parts).then((all) => all.flat()) : (parts as Cell[][]).flat();
  }

  #abstract(
    value: Extract<NullableValuePlan, { kind: 'abstract' }>,
    plan: FieldPlan,
    frame: Frame,
    sources: readonly unknown[],
  ): MaybePromise<Cell[]> {
    const { field } = plan;
    const resolveType = value.type.resolveType ?? typenameOf;
    const names = sources.map((source, position): unknown => {
      try {
        if (field === null) throw new Error('__typename is a leaf.');
        return resolveType(
          source,
          this.#options.context,
          this.#infoOf(plan, field, frame, position),
          value.type,
        );
      } catch (error) {
        return new Thrown(error);
      }
    });
    const finish = (settled: readonly unknown[]) => this.#concrete(value, plan, frame, sources, settled);
    return names.some(isPromiseLike)
      ? Promise.all(
          names.map((name) => Promise.resolve(name).catch((reason: unknown) => new Thrown(reason))),
        ).then(finish)
      : finish(names);
  }

  #concrete(
    value: Extract<NullableValuePlan, { kind: 'abstract' }>,
    plan: FieldPlan,
    frame: Frame,
    sources: readonly unknown[],
    names: readonly unknown[],
  ): MaybePromise<Cell[]> {
    const cells = new Array<Cell>(sources.length);
    const byType = new Map<GraphQLObjectType, number[]>();
    names.forEach((name, position) => {
      try {
        if (name instanceof Thrown) throw name.reason;
        const type = this.#runtimeType(value, plan, name);
        const positions = byType.get(type);
        if (positions === undefined) byType.set(type, [position]);
        else positions.push(position);
      } catch (error) {
        cells[position] = failureAt(error, plan, frame, position);
      }
    });
    const parts = [...byType].map(([type, positions]) => {
      const present = positions.map((position) => sources[position]);
      const part = this.objects(value.planOf(type), partOf(frame, positions), present);
      const place = (all: Cell[]) => {
        positions.forEach((position, index) => (cells[position] = all[index] ?? 'null'));
      };
      if (isPromise(part)) return part.then(place);
      place(part);
      return undefined;
    });
    return parts.some(isPromise) ? allOf(parts).then(() => cells) : cells;
  }

  #runtimeType(
    { type: abstractType }: Extract<NullableValuePlan, { kind: 'abstract' }>,
    { parentType, field }: FieldPlan,
    name: unknown,
  ): GraphQLObjectType {
    const { schema } = this.#options.operation;
    const place = `${parentType.name}.${field?.name ?? ''}`;
    if (name === null || name === undefined) {
      throw new GraphQLError(
        `Abstract type "${abstractType.name}" must resolve to an Object type at runtime for field "${place}". Either the "${abstractType.name}" type should provide a "resolveType" function or each possible type should provide an "isTypeOf" function.`,
      );
    }
    if (typeof name !== 'string') {
      throw new GraphQLError(
        `Abstract type "${abstractType.name}" must resolve to an Object type at runtime for field "${place}" with a value that is none.`,
      );
    }
    const type = schema.getType(name);
    if (type === undefined) {
      throw new GraphQLError(
        `Abstract type "${abstractType.name}" was resolved to a type "${name}" that does not exist inside the schema.`,
      );
    }
    if (!isObjectType(type)) {
      throw new GraphQLError(
        `Abstract type "${abstractType.name}" was resolved to a non-object type "${name}".`,
      );
    }
    if (!schema.isSubType(abstractType, type)) {
      throw new GraphQLError(
        `Runtime Object type "${type.name}" is not a possible type for "${abstractType.name}".`,
      );
    }
    return type;
  }
}

/** Objects without their last brace; of one that lacks what it must have, the first failure. */
function assemble(prefixes: readonly string[], columns: readonly (readonly Cell[])[], count: number): Cell[] {
  const objects = new Array<Cell>(count);
  for (let position = 0; position < count; position++) {
    let text = '';
    let failure: Failure | null = null;
    for (let index = 0; index < prefixes.length; index++) {
      const cell = columns[index]?.[position] ?? 'null';
      if (cell instanceof Failure) {
        failure = cell;
        break;
      }
      text += (prefixes[index] ?? '') + cell;
    }
    objects[position] = failure ?? text;
  }
  return objects;
}

/** An object of which no field was selected has not even the first brace. */
function close(objects: Cell[]): Cell[] {
  return objects.map((cell) => (cell instanceof Failure ? cell : cell === '' ? '{}' : `${cell}}`));
}

/** @param ends by list, behind its last item, or why it is none */
function join(items: readonly Cell[], ends: readonly (number | Failure)[]): Cell[] {
  let start = 0;
  return ends.map((end) => {
    if (end instanceof Failure) return end;
    let text = '[';
    let failure: Failure | null = null;
    for (let index = start; index < end; index++) {
      const item = items[index] ?? 'null';
      if (item instanceof Failure) {
        failure = item;
        break;
      }
      text += index === start ? item : `,${item}`;
    }
    start = end;
    return failure ?? `${text}]`;
  });
}

function failureAt(reason: unknown, { nodes }: FieldPlan, frame: Frame, position: number): Failure {
  const { path, order } = placeAt(frame, position);
  return new Failure(locatedError(reason, nodes, path), order);
}

function byOrder({ order: left }: Failure, { order: right }: Failure): number {
  for (let index = 0; index < Math.min(left.length, right.length); index++) {
    const difference = (left[index] ?? 0) - (right[index] ?? 0);
    if (difference !== 0) return difference;
  }
  return left.length - right.length;
}

function allOf<Value>(values: readonly MaybePromise<Value>[]): Promise<Value[]> {
  return Promise.all(values.map((value) => Promise.resolve(value)));
}

type Method = (args: unknown, context: unknown, info: GraphQLResolveInfo) => unknown;
type GraphQLFieldResolverWithoutInfo = (
  ...parameters: Parameters<GraphQLFieldResolver<unknown, unknown>> extends [
    infer S,
    infer A,
    infer C,
    unknown,
  ]
    ? [S, A, C]
    : never
) => unknown;

function typenameOf(source: unknown): unknown {
  return isObjectLike(source) ? source['__typename'] : undefined;
}

function isObjectLike(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null;
}

function isIterable(value: unknown): value is Iterable<unknown> {
  return isObjectLike(value) && Symbol.iterator in value;
}

function isPromise<Value>(value: MaybePromise<Value>): value is Promise<Value> {
  return value instanceof Promise;
}

function isPromiseLike(value: unknown): value is PromiseLike<unknown> {
  return isObjectLike(value) && typeof value['then'] === 'function';
}
