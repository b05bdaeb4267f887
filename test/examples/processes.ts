/** The examples as processes of their own, in the project's folder. */
import { execFile, spawn } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { promisify, stripVTControlCharacters } from 'node:util';

const root = fileURLToPath(new URL('../..', import.meta.url));

export interface Processes {
  /** Runs a command to its end, and returns its lines. */
  readonly run: (command: string, args: readonly string[]) => Promise<readonly string[]>;
  /** Starts a server, whose address resolves when it is ready. */
  readonly start: (args: readonly string[]) => { readonly url: Promise<string>; readonly stop: () => void };
}

/** @param graphUrl of the gateway that the examples query */
export function processesFor(graphUrl: string): Processes {
  const env = { PATH: process.env['PATH'] ?? '', GRAPH_URL: graphUrl, PORT: '0' };
  return {
    run: async (command, args) =>
      (await promisify(execFile)(command, args, { cwd: root, env })).stdout.trim().split('\n'),
    start: (args) => {
      const child = spawn(process.execPath, args, { cwd: root, env, stdio: ['ignore', 'pipe', 'inherit'] });
      const url = new Promise<string>((resolve, reject) => {
        let output = '';
        child.stdout.on('data', (data: Buffer) => {
          output += data.toString();
          const found = /http:\/\/127\.0\.0\.1:\d+\S*/.exec(stripVTControlCharacters(output))?.[0];
          if (found !== undefined) resolve(found);
        });
        child.once('exit', () => {
          reject(new Error(`It did not start: ${output}`));
        });
      });
      return { url, stop: () => child.kill() };
    },
  };
}
