/** Values available at once or later, and untrusted thenables from resolvers. */
import { types } from 'node:util';

export type MaybePromise<Value> = Value | Promise<Value>;

/** A reason that a resolver threw or rejected with. */
export class Thrown {
  readonly reason: unknown;

  constructor(reason: unknown) {
    this.reason = reason;
  }
}

export function isPromise<Value>(value: MaybePromise<Value>): value is Promise<Value> {
  return value instanceof Promise;
}

/** Result of `next`, synchronous if the value is available. */
export function chain<Value, Next>(
  value: MaybePromise<Value>,
  next: (value: Value) => MaybePromise<Next>,
): MaybePromise<Next> {
  return isPromise(value) ? value.then(next) : next(value);
}

/** Result of `next`, synchronous if all values are available. */
export function chainAll<Value, Next>(
  values: readonly MaybePromise<Value>[],
  next: (values: readonly Value[]) => MaybePromise<Next>,
): MaybePromise<Next> {
  return values.some(isPromise) ? Promise.all(values).then(next) : next(values as readonly Value[]);
}

/** Returns a value unchanged, a thenable as a promise, or Thrown if its `then` can't be read. */
export function adopt(value: unknown): unknown {
  if (value === null || (typeof value !== 'object' && typeof value !== 'function')) return value;
  try {
    if (typeof (value as { readonly then?: unknown }).then !== 'function') return value;
    const isNative = types.isPromise(value) && Object.getPrototypeOf(value) === Promise.prototype;
    // A foreign `then` may throw, or call back twice.
    return isNative && !Object.hasOwn(value, 'then')
      ? value
      : new Promise((resolve) => {
          resolve(value);
        });
  } catch (error) {
    return new Thrown(error);
  }
}
