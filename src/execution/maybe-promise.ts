/** Values that may be at hand or still on their way. */

export type MaybePromise<Value> = Value | Promise<Value>;

interface Thenable {
  readonly then?: unknown;
}

export function isPromise<Value>(value: MaybePromise<Value>): value is Promise<Value> {
  return value instanceof Promise;
}

/** What a resolver may have returned in place of its value. */
export function isPromiseLike(value: unknown): value is PromiseLike<unknown> {
  return typeof value === 'object' && value !== null && typeof (value as Thenable).then === 'function';
}

export function allOf<Value>(values: readonly MaybePromise<Value>[]): Promise<Value[]> {
  return Promise.all(values.map((value) => Promise.resolve(value)));
}
