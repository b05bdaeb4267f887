/** Node's environment, without two costs that take more time than the tests themselves. */
import vm from 'node:vm';
import { TestEnvironment } from 'jest-environment-node';

/**
 * Globals that no test replaces, unlike timers, `Date` and `fetch`. Jest's context asks its sandbox at each use of a
 * global, which takes a hundred times as long as the use itself; a constant in the context's scope is found at once.
 */
const constants = `
  AbortController, AbortSignal, Array, ArrayBuffer, BigInt, Boolean, Buffer, DataView, Error, Function, Intl,
  JSON, Map, Math, Number, Object, Promise, Proxy, RangeError, Reflect, RegExp, Set, String, Symbol,
  SyntaxError, TextDecoder, TextEncoder, TypeError, URL, URLSearchParams, Uint8Array, WeakMap, WeakRef, WeakSet,
  decodeURIComponent, encodeURIComponent, isNaN, parseFloat, parseInt, process, structuredClone`;

/** Fastify looks for the name of a plugin without one among all modules, which jest lists anew for each question. */
const nameOfPlugins = `
  Object.defineProperty(Function.prototype, Symbol.for('fastify.display-name'), { value: 'plugin', writable: true });`;

export default class extends TestEnvironment {
  /** @param {ConstructorParameters<typeof TestEnvironment>} parameters */
  constructor(...parameters) {
    super(...parameters);
    const context = this.getVmContext();
    if (context !== null) vm.runInContext(`const { ${constants} } = globalThis;${nameOfPlugins}`, context);
  }
}
