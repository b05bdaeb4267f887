/**
 * Runs a file of the bundle, and those it requires, from the code that V8 has compiled from them before, if `record-code.js`
 * has stored it beside them: compiling takes a fifth of the time until the first response. Node has a cache for this from
 * version 22 on.
 */
import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { dirname, resolve } from 'node:path';
import { setFlagsFromString } from 'node:v8';
import { Script } from 'node:vm';

/** The module wrapper of CommonJS. */
type Wrapper = (
  exports: unknown,
  require: (id: string) => unknown,
  module: { readonly exports: unknown },
  file: string,
  folder: string,
) => void;

export interface CompiledFile {
  /** Absolute path. */
  readonly file: string;
  readonly source: Buffer;
  readonly script: Script;
}

/**
 * The files require each other by relative paths with extensions, as the bundler writes them.
 *
 * @param entry absolute path of a CommonJS file
 * @param onCompiled called with each file before it runs
 */
export function launch(entry: string, onCompiled: (compiled: CompiledFile) => void = () => undefined): void {
  // By default V8 lets garbage grow to several times the live heap (docs/decisions/0012). V8 uses compiled code only with the
  // flags that it was compiled with.
  setFlagsFromString('--heap-growing-percent=75');
  // Only Node's own loader reads source maps.
  if (process.sourceMapsEnabled) {
    createRequire(entry)(entry);
    return;
  }
  const modules = new Map<string, { exports: unknown }>();
  const load = (file: string): unknown => {
    const loaded = modules.get(file);
    if (loaded !== undefined) return loaded.exports;
    const source = readFileSync(file);
    const script = compile(file, source);
    onCompiled({ file, source, script });
    const folder = dirname(file);
    const requireOther = createRequire(file);
    const require = (id: string): unknown =>
      id.startsWith('.') ? load(resolve(folder, id)) : requireOther(id);
    const module = { exports: {} };
    modules.set(file, module);
    try {
      const run = script.runInThisContext() as Wrapper;
      run(module.exports, Object.assign(require, requireOther), module, file, folder);
    } catch (error) {
      modules.delete(file);
      throw error;
    }
    return module.exports;
  };
  load(entry);
}

function compile(file: string, source: Buffer): Script {
  const cachedData = storedCode(file, source);
  return new Script(
    `(function (exports, require, module, __filename, __dirname) {\n${source.toString()}\n})`,
    { filename: file, lineOffset: -1, ...(cachedData === null ? {} : { cachedData }) },
  );
}

/** Compiled code of this source, or null. V8 refuses code of another version or with other flags, and compiles anew. */
function storedCode(file: string, source: Buffer): Buffer | null {
  let stored: Buffer;
  try {
    stored = readFileSync(codeFileOf(file));
  } catch {
    return null;
  }
  const code = stored.subarray(hashBytes);
  return hashOf(source, code).equals(stored.subarray(0, hashBytes)) ? code : null;
}

/** Path of the compiled code of a file for this version of Node: `hashOf` the file's source and the code, then the code. */
export function codeFileOf(file: string): string {
  return `${file}.${process.version}.code`;
}

const hashBytes = 32;

/** SHA-256 of a source and its compiled code: V8 compares only their lengths, and crashes on damaged code. */
export function hashOf(source: Buffer, code: Buffer): Buffer {
  return createHash('sha256').update(source).update(code).digest();
}
