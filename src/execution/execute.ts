/**
 * Executes plans over all objects of a level at once, and serializes the response meanwhile. Available values never
 * wait; promised values are completed once per tick.
 *
 * Field errors are values here and never thrown. A failure of the whole execution, such as an overlong response, calls
 * `abort`: the promise rejects at once, and pending work is discarded.
 */
import { GraphQLError, type GraphQLAbstractType, type GraphQLObjectType } from 'graphql';
import { completeAsync } from './async-values.ts';
import { CallerError } from '../errors.ts';
import {
  assemble,
  Failure,
  join,
  locateAll,
  LongText,
  scatter,
  type ResultCell,
  type ItemRange,
} from './cells.ts';
import { ErrorList, limitError } from './error-list.ts';
import { partOf, type Frame } from './frame.ts';
import { adopt, chain, chainAll, isPromise, Thrown, type MaybePromise } from '../maybe-promise.ts';
import type { FieldPlan, ObjectPlan, OperationPlans, PureRun, ValuePlan } from './plan.ts';
import { SerializedData, type ExecutionRequest, type Scheduler, type SerializedResult } from './request.ts';
import { Resolution } from './resolution.ts';
import type { TextCache } from './text-cache.ts';

interface ExecutionOptions {
  readonly request: ExecutionRequest;
  readonly plans: OperationPlans;
  readonly scheduler: Scheduler;
  readonly textCache: TextCache;
}

/** Longer lists are completed in parts. */
const maxPart = 1000;
/** Responses with more objects flatten strings while they are serialized. */
const maxUnflattened = 5000;
/** For fewer objects, reading the clock costs more than it saves. */
const minYield = 20;
/** Columns of fewer objects run in one slice: look-ups of several columns are batched only within a slice. */
const minColumnYield = 100;
/** Characters serialized before the budget is charged. */
const maxUnspent = 8192;
/** Characters charged for a failure, which takes more memory than text. */
const failureCharacters = 1000;
/** Caller errors after which execution stops. */
const maxCallerErrors = 1000;

export function execute(options: ExecutionOptions): Promise<SerializedResult> {
  return new Promise((resolve, reject) => {
    // `start` is not returned, since the execution may end before it settles.
    Promise.resolve(new Execution(options, resolve, reject).start()).then(resolve, reject);
  });
}

class Execution {
  readonly #options: ExecutionOptions;
  readonly #resolution: Resolution;
  readonly #resolve: (result: SerializedResult) => void;
  readonly #reject: (reason: unknown) => void;
  readonly #errors = new ErrorList();
  /** All failures, recorded or not. */
  #failed = 0;
  #mistakes = 0;
  #isAborted = false;

  constructor(
    options: ExecutionOptions,
    resolve: (result: SerializedResult) => void,
    reject: (reason: unknown) => void,
  ) {
    this.#options = options;
    this.#resolution = new Resolution(options.plans.operation, options.request);
    this.#resolve = resolve;
    this.#reject = reject;
  }

  start(): MaybePromise<SerializedResult> {
    let plan: ObjectPlan;
    try {
      plan = this.#options.plans.ofRoot();
    } catch (error) {
      if (error instanceof GraphQLError) return { errors: [error], data: null };
      throw error;
    }
    return chain(this.#objects(plan, null, [undefined]), ([cell = 'null']) => {
      if (this.#isAborted) return { data: null };
      if (cell instanceof Failure) this.#errors.add(cell);
      const errors = this.#errors.located();
      if (cell instanceof Failure) return { errors, data: null };
      const data = new SerializedData(cell instanceof LongText ? cell.pieces : [cell]);
      return errors.length === 0 ? { data } : { errors, data };
    });
  }

  #abort(reason: unknown): void {
    this.#isAborted = true;
    this.#reject(reason);
  }

  #spend(characters: number): void {
    const { output } = this.#options.request;
    if (output === undefined || this.#isAborted) return;
    try {
      output.spend(characters);
    } catch (reason) {
      this.#abort(reason);
    }
  }

  #fail(reason: unknown, frame: Frame, position: number): Failure {
    this.#failed += 1;
    this.#spend(failureCharacters);
    const failure = new Failure(reason, frame, position);
    if (reason instanceof CallerError && ++this.#mistakes > maxCallerErrors && !this.#isAborted) {
      this.#isAborted = true;
      const limit = limitError('errors of its arguments', this.#mistakes, maxCallerErrors);
      this.#resolve({ errors: [...locateAll([failure]), limit], data: null });
    }
    return failure;
  }

  #objects(plan: ObjectPlan, above: Frame | null, sources: readonly unknown[]): MaybePromise<ResultCell[]> {
    const write = () => this.#write(plan, above, sources);
    return sources.length <= minYield || !this.#shouldYield() ? write() : this.#yield(write);
  }

  #shouldYield(): boolean {
    return !this.#isAborted && this.#options.scheduler.shouldYield();
  }

  #yield(next: () => MaybePromise<ResultCell[]>): Promise<ResultCell[]> {
    return this.#options.scheduler.yield().then(next, (reason: unknown) => {
      this.#abort(reason);
      return [];
    });
  }

  #write(
    plan: ObjectPlan | PureRun,
    above: Frame | null,
    sources: readonly unknown[],
  ): MaybePromise<ResultCell[]> {
    const length = plan.columns.reduce((sum, { prefix }) => sum + prefix.length, plan.suffix.length);
    this.#spend(length * sources.length);
    const flattenStrings = (this.#options.request.objects ?? 0) > maxUnflattened;
    const columns: MaybePromise<ResultCell[]>[] = [];
    const isLong = 'isPure' in plan && sources.length > minColumnYield;
    const writeFrom = (start: number): MaybePromise<ResultCell[]> => {
      for (const column of plan.columns.slice(start)) {
        if (isLong && columns.length > start && this.#shouldYield()) {
          return this.#yield(() => writeFrom(columns.length));
        }
        columns.push(
          'columns' in column ? this.#pureRun(column, above, sources) : this.#field(column, above, sources),
        );
      }
      return chainAll(columns, (cells) =>
        this.#isAborted ? [] : assemble(plan, cells, sources.length, flattenStrings),
      );
    };
    return writeFrom(0);
  }

  #pureRun(run: PureRun, above: Frame | null, sources: readonly unknown[]): MaybePromise<ResultCell[]> {
    const { textCache } = this.#options;
    const texts = textCache.of(run);
    const cells = new Array<ResultCell>(sources.length);
    const misses: number[] = [];
    let cached = 0;
    for (let position = 0; position < sources.length; position++) {
      // Undefined for primitives.
      const text = texts.get(sources[position] as object);
      if (text === undefined) misses.push(position);
      else {
        cells[position] = text;
        cached += text.length;
      }
    }
    this.#spend(cached);
    if (misses.length === 0) return cells;
    const impureBefore = this.#failed + this.#resolution.methodCalls;
    const isAll = misses.length === sources.length;
    const missing = isAll ? sources : misses.map((position) => sources[position]);
    const written = this.#write(run, isAll || above === null ? above : partOf(above, misses), missing);
    // Errors, methods and promises may depend on more than the object.
    const isPure = !isPromise(written) && this.#failed + this.#resolution.methodCalls === impureBefore;
    const isCacheable = isPure && !this.#isAborted && (this.#options.request.cachesTexts?.() ?? true);
    return chain(written, (all) => {
      if (isCacheable) {
        all.forEach((cell, index) => {
          if (typeof cell === 'string') textCache.set(texts, missing[index], cell);
        });
      }
      return scatter(cells, misses, all);
    });
  }

  #field(field: FieldPlan, above: Frame | null, sources: readonly unknown[]): MaybePromise<ResultCell[]> {
    if (this.#isAborted) return [];
    const frame: Frame = { field, above, parents: null, indexes: null };
    return chain(this.#resolution.values(frame, sources), (values) =>
      this.#complete(field.value, frame, values),
    );
  }

  /** Completes values of a type; promises are awaited even after `abort`. */
  #complete(value: ValuePlan, frame: Frame, values: readonly unknown[]): MaybePromise<ResultCell[]> {
    const late: number[] = [];
    for (let position = 0; position < values.length; position++) {
      try {
        if (isPromise(values[position])) late.push(position);
      } catch {
        // A proxy may throw; its error is reported below.
      }
    }
    return late.length === 0
      ? this.#settled(value, frame, values)
      : completeAsync(values, late, (positions, settled) =>
          this.#settled(value, partOf(frame, positions), settled),
        );
  }

  #settled(value: ValuePlan, frame: Frame, values: readonly unknown[]): MaybePromise<ResultCell[]> {
    const { isNullable } = value;
    return chain(this.#nullable(value, frame, values), (cells) => {
      for (let position = 0; position < cells.length; position++) {
        const cell = cells[position];
        if (!isNullable && cell === 'null') {
          const error = new Error(`Cannot return null for non-nullable field ${nameOf(frame)}.`);
          cells[position] = this.#fail(error, frame, position);
        } else if (isNullable && cell instanceof Failure) {
          this.#errors.add(cell);
          cells[position] = 'null';
        }
      }
      return cells;
    });
  }

  #nullable(value: ValuePlan, frame: Frame, values: readonly unknown[]): MaybePromise<ResultCell[]> {
    const write = value.kind === 'leaf' ? value.write : null;
    const cells = new Array<ResultCell>(values.length);
    const present: number[] = [];
    let unspent = 0;
    for (let position = 0; position < values.length; position++) {
      const each = values[position];
      let cell: ResultCell = 'null';
      if (each !== null && each !== undefined) {
        try {
          // Not thrown: one error may apply to thousands of values.
          if (each instanceof Thrown) cell = this.#fail(each.reason, frame, position);
          else if (each instanceof Error) cell = this.#fail(each, frame, position);
          else if (write === null) {
            present.push(position);
            continue;
          } else if (this.#isAborted) break;
          else cell = write(each);
        } catch (error) {
          cell = this.#fail(error, frame, position);
        }
      }
      cells[position] = cell;
      unspent += typeof cell === 'string' ? cell.length : 0;
      if (unspent > maxUnspent) {
        this.#spend(unspent);
        unspent = 0;
      }
    }
    this.#spend(unspent);
    if (value.kind === 'leaf' || present.length === 0) return cells;
    if (present.length === values.length) return this.#present(value, frame, values);
    const objects = present.map((position) => values[position]);
    return chain(this.#present(value, partOf(frame, present), objects), (part) =>
      scatter(cells, present, part),
    );
  }

  #present(
    value: Exclude<ValuePlan, { kind: 'leaf' }>,
    frame: Frame,
    values: readonly unknown[],
  ): MaybePromise<ResultCell[]> {
    if (value.kind === 'object') return this.#ofType(value.type, frame, values);
    if (value.kind === 'list') return this.#lists(value.of, frame, values);
    return this.#abstract(value.type, frame, values);
  }

  #ofType(type: GraphQLObjectType, frame: Frame, sources: readonly unknown[]): MaybePromise<ResultCell[]> {
    let plan: ObjectPlan;
    try {
      plan = this.#options.plans.ofField(frame.field, type);
    } catch (error) {
      return sources.map((_source, position) => this.#fail(error, frame, position));
    }
    return this.#objects(plan, frame, sources);
  }

  #lists(of: ValuePlan, above: Frame, lists: readonly unknown[]): MaybePromise<ResultCell[]> {
    const parts: MaybePromise<ResultCell[]>[] = [];
    const itemRanges: ItemRange[] = [];
    let items: unknown[] = [];
    let parents: number[] = [];
    let indexes: number[] = [];
    let begun = 0;
    const flush = () => {
      begun += items.length;
      // Parts are independent of each other.
      parts.push(this.#complete(of, { field: above.field, above, parents, indexes }, items));
      [items, parents, indexes] = [[], [], []];
    };
    lists.forEach((list, position) => {
      const start = begun + items.length;
      let count = 0;
      try {
        if (!isIterable(list))
          throw new GraphQLError(`Expected Iterable, but did not find one for field "${nameOf(above)}".`);
        for (const item of list) {
          if (items.length === maxPart) flush();
          if (this.#isAborted) {
            if (!Array.isArray(list)) break;
            // Not awaited, and an unhandled rejection would end the process.
            if (item instanceof Promise) item.catch(() => undefined);
            continue;
          }
          items.push(adopt(item));
          parents.push(position);
          indexes.push(count++);
        }
        itemRanges.push({ start, end: start + count });
        this.#spend(Math.max(2, count + 1));
      } catch (error) {
        itemRanges.push(this.#fail(error, above, position));
      }
    });
    if (items.length > 0) flush();
    return chainAll(parts, (all) => {
      if (this.#isAborted) return [];
      return join(all.length === 1 ? (all[0] ?? []) : all.flat(), itemRanges);
    });
  }

  #abstract(
    type: GraphQLAbstractType,
    frame: Frame,
    sources: readonly unknown[],
  ): MaybePromise<ResultCell[]> {
    return chainAll(this.#resolution.typeNames(type, frame, sources), (names) => {
      const cells = new Array<ResultCell>(sources.length);
      const byType = new Map<GraphQLObjectType, number[]>();
      names.forEach((name, position) => {
        try {
          const objectType = this.#resolution.typeNamed(type, frame, name);
          const positions = byType.get(objectType);
          if (positions === undefined) byType.set(objectType, [position]);
          else positions.push(position);
        } catch (error) {
          cells[position] = this.#fail(error, frame, position);
        }
      });
      const parts = [...byType].map(([objectType, positions]) => {
        const objects = positions.map((position) => sources[position]);
        const part = this.#ofType(objectType, partOf(frame, positions), objects);
        return chain(part, (all) => scatter(cells, positions, all));
      });
      return chainAll(parts, () => cells);
    });
  }
}

function nameOf({ field: { parentType, definition } }: Frame): string {
  return `${parentType.name}.${definition.name}`;
}

function isIterable(value: unknown): value is Iterable<unknown> {
  return (
    typeof value === 'object' && typeof (value as Partial<Iterable<unknown>>)[Symbol.iterator] === 'function'
  );
}
