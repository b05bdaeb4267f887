/** What a process would run, in the process of the test, which takes a tenth of the CPU time: for what is said, not for how it ends. */
import { Writable } from 'node:stream';
import type { EndedProcess } from './ended-process.ts';

/**
 * Runs an entry point such as `src/cli/report.ts`, with the arguments and the environment of a process. Its export
 * `finished` resolves when it has run.
 */
export function runEntryHere(
  entry: string,
  args: readonly string[],
  environment: Readonly<Record<string, string>>,
): Promise<EndedProcess> {
  runs += 1;
  // A query has it evaluated anew, but not what it imports.
  const module = `../${entry}?run=${runs}`;
  return runHere(args, environment, async () => {
    const { finished } = (await import(module)) as { readonly finished: Promise<void> };
    await finished;
  });
}
let runs = 0;

/** One at a time: what is replaced is that of the whole test file, whose `process` jest has made for it. */
export async function runHere(
  args: readonly string[],
  environment: Readonly<Record<string, string>>,
  run: () => Promise<void>,
): Promise<EndedProcess> {
  const output = new TextSink();
  const complaints = new TextSink();
  const values = {
    ...{ argv: [process.execPath, 'entry', ...args], env: { ...environment } },
    ...{ stdout: output, stderr: complaints, exitCode: 0 },
  };
  const before = Object.keys(values).map(
    (name) => [name, Object.getOwnPropertyDescriptor(process, name)] as const,
  );
  for (const [name, value] of Object.entries(values))
    Object.defineProperty(process, name, { value, writable: true, configurable: true });
  try {
    await run();
    return { code: process.exitCode, output: output.text, complaints: complaints.text };
  } finally {
    for (const [name, descriptor] of before) Object.defineProperty(process, name, descriptor ?? {});
    for (const signal of ['SIGINT', 'SIGTERM']) process.removeAllListeners(signal);
  }
}

class TextSink extends Writable {
  readonly #chunks: Buffer[] = [];

  get text(): string {
    return Buffer.concat(this.#chunks).toString();
  }

  override _write(chunk: Buffer, _encoding: BufferEncoding, done: () => void): void {
    this.#chunks.push(chunk);
    done();
  }
}
