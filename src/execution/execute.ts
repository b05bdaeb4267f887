/**
 * Executes a plan over all objects of a level at once, and writes the answer's JSON while it goes: a row is touched
 * once, and nothing waits that is at hand. What comes late goes on by itself, together with what comes in the same tick.
 *
 * What a newcomer would get wrong: a column must not wait for its slowest value before the others go on, since a call
 * that takes long would then hold up fields that have nothing to do with it.
 */
import { GraphQLError, type GraphQLObjectType } from 'graphql';
import { assemble, byOrder, close, Failure, failureAt, join, type Cell } from './cells.ts';
import { partOf, rootFrame, type Frame } from './frame.ts';
import { completeLate } from './late.ts';
import { allOf, isPromise, isPromiseLike, type MaybePromise } from './maybe-promise.ts';
import type { FieldPlan, NullableValuePlan, ObjectPlan, Run, ValuePlan } from './plan.ts';
import { Resolution, Thrown, type ResolutionRequest } from './resolution.ts';
import type { TextCache } from './text-cache.ts';

export interface ExecutionOptions extends ResolutionRequest {
  /** Whether others must have their turn, which is then waited for. */
  readonly turns: Turns;
  /** Whether what objects look like is kept. */
  readonly keepsTexts: () => boolean;
  /** See `assemble`. */
  readonly putsTogether: boolean;
}

/** Turns at the event loop. */
export interface Turns {
  /** Whether it has been held for long enough. */
  readonly isOver: () => boolean;
  readonly next: () => Promise<void>;
}

export interface Executed {
  /** JSON; null where an error has cost all of it. */
  readonly text: string | null;
  /** In the answer's order. */
  readonly errors: readonly GraphQLError[];
}

/** Longer lists are gone through in parts. */
const longestPart = 1000;
/** They are not worth a look at the clock. */
const fewObjects = 20;

export async function execute(plan: ObjectPlan, options: ExecutionOptions): Promise<Executed> {
  const execution = new Execution(options);
  const [cell = 'null'] = await execution.objects(plan, rootFrame, [undefined]);
  if (cell instanceof Failure) execution.record(cell);
  return { text: cell instanceof Failure ? null : cell, errors: execution.errors };
}

class Execution {
  readonly #resolution: Resolution;
  readonly #turns: Turns;
  readonly #keepsTexts: () => boolean;
  readonly #putsTogether: boolean;
  readonly #failures: Failure[] = [];

  constructor(options: ExecutionOptions) {
    this.#resolution = new Resolution(options);
    this.#turns = options.turns;
    this.#keepsTexts = options.keepsTexts;
    this.#putsTogether = options.putsTogether;
  }

  get errors(): readonly GraphQLError[] {
    return this.#failures.sort(byOrder).map(({ error }) => error);
  }

  record(failure: Failure): void {
    this.#failures.push(failure);
  }

  objects(plan: ObjectPlan, frame: Frame, sources: readonly unknown[]): MaybePromise<Cell[]> {
    return sources.length > fewObjects && this.#turns.isOver()
      ? this.#turns.next().then(() => this.#columns(plan, frame, sources))
      : this.#columns(plan, frame, sources);
  }

  #columns(plan: ObjectPlan, frame: Frame, sources: readonly unknown[]): MaybePromise<Cell[]> {
    const columns = plan.runs.flatMap((run) =>
      run.texts === null
        ? run.fields.map((field) => this.#field(field, frame, sources))
        : [this.#pureRun(run, run.texts, frame, sources)],
    );
    const finish = (all: readonly Cell[][]) =>
      close(assemble(plan.prefixes, all, sources.length, this.#putsTogether));
    return columns.some(isPromise) ? allOf(columns).then(finish) : finish(columns as Cell[][]);
  }

  /** Fields that depend on nothing but objects which never change: what has been written of one before stands. */
  #pureRun(
    { fields, prefixes }: Run,
    texts: TextCache,
    frame: Frame,
    sources: readonly unknown[],
  ): MaybePromise<Cell[]> {
    const cells = new Array<Cell>(sources.length);
    const misses: number[] = [];
    for (let position = 0; position < sources.length; position++) {
      const source = sources[position];
      const text = texts.get(source);
      if (text === undefined) misses.push(position);
      else cells[position] = text;
    }
    if (misses.length === 0) return cells;
    const failuresBefore = this.#failures.length;
    const isAll = misses.length === sources.length;
    const missing = isAll ? sources : misses.map((position) => sources[position]);
    const part = isAll ? frame : partOf(frame, misses);
    const columns = fields.map((field) => this.#field(field, part, missing));
    const isLate = columns.some(isPromise);
    const finish = (all: readonly Cell[][]) => {
      const written = assemble(prefixes, all, missing.length, this.#putsTogether);
      // What an error has touched is not the object alone.
      const isKept = !isLate && this.#failures.length === failuresBefore && this.#keepsTexts();
      written.forEach((cell, index) => {
        const source = missing[index];
        if (isKept && typeof cell === 'string') texts.set(source, cell);
        cells[misses[index] ?? 0] = cell;
      });
      return cells;
    };
    return isLate ? allOf(columns).then(finish) : finish(columns as Cell[][]);
  }

  #field(plan: FieldPlan, above: Frame, sources: readonly unknown[]): MaybePromise<Cell[]> {
    const { key, order, parentType } = plan;
    const frame: Frame = { above, parents: null, step: { key, order, typename: parentType.name } };
    const values = this.#resolution.values(plan, frame, sources);
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
      : completeLate(values, late, (positions, settled) =>
          this.#settle(value, plan, partOf(frame, positions), settled),
        );
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

  #inParts(of: ValuePlan, plan: FieldPlan, frame: Frame, items: readonly unknown[]): MaybePromise<Cell[]> {
    const parts: MaybePromise<Cell[]>[] = [];
    for (let start = 0; start < items.length; start += longestPart) {
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
    const names = this.#resolution.runtimeTypeNames(value.type, plan, frame, sources);
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
        const type = this.#resolution.runtimeType(value.type, plan, name);
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
}

function isIterable(value: unknown): value is Iterable<unknown> {
  return typeof value === 'object' && value !== null && Symbol.iterator in value;
}
