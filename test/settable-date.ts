/**
 * A time of day that can be set, of a whole test file, as an operator or NTP sets that of a machine. To be imported before
 * all else, so that no module has kept the `Date` of before. Timers and `performance` go by a clock that is never set.
 */
const Machine = Date;
let aheadMs = 0;
const now = () => Machine.now() + aheadMs;

/** Sets the time of day so much ahead of that of the machine; behind it if negative. */
export function setDate(milliseconds: number): void {
  aheadMs = milliseconds;
}

globalThis.Date = new Proxy(Machine, {
  apply: () => new Machine(now()).toString(),
  construct: (target, values, made) =>
    Reflect.construct(target, values.length === 0 ? [now()] : values, made) as object,
  get: (target, name): unknown => (name === 'now' ? now : Reflect.get(target, name)),
});
