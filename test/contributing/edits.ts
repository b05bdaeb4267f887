/** The edits of an example in test/contributing/, and their application to a copy of the project. */
import { execFile } from 'node:child_process';
import {
  cpSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { basename, dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';

const root = fileURLToPath(new URL('../..', import.meta.url));
const examples = fileURLToPath(new URL('.', import.meta.url));

/** A new file, or replacements in one that is there, each of a text that it has once. */
export interface Edit {
  readonly path: string;
  readonly apply: (before: string | null) => string;
}

/** Edits of one example, by the ending of their files: `.new` is a whole file, `.edit` has replacements. */
export function editsOf(example: string): Edit[] {
  const folder = join(examples, example);
  return readdirSync(folder, { recursive: true, encoding: 'utf8' })
    .filter((name) => /\.(new|edit)$/.test(name))
    .map((name) => {
      const text = readFileSync(join(folder, name), 'utf8');
      const path = name.replace(/\.(new|edit)$/, '');
      return { path, apply: name.endsWith('.new') ? createFile(path, text) : replaceIn(path, text) };
    });
}

function createFile(path: string, text: string): Edit['apply'] {
  return (before) => {
    if (before !== null) throw new Error(`${path} is there already.`);
    return text;
  };
}

function replaceIn(path: string, text: string): Edit['apply'] {
  const replacements = [...text.matchAll(/^<<<\n([^]*?)\n===\n([^]*?)\n>>>$/gm)];
  if (replacements.length === 0) throw new Error(`The edit of ${path} has no replacements.`);
  return (before) =>
    replacements.reduce((file, [, found = '', replacement = '']) => {
      const parts = file.split(found);
      if (parts.length !== 2) throw new Error(`${path} has ${parts.length - 1} times: ${found}`);
      return parts.join(replacement);
    }, before ?? '');
}

/** Made from the source, or much and beside it. */
const notCopied: ReadonlySet<string> = new Set(['node_modules', 'dist', '.git', 'coverage']);
const copying = { recursive: true, filter: (path: string) => basename(path) !== 'node_modules' };

/** A copy of the project's source, and of what its checks and tests read. */
export class ProjectCopy {
  readonly folder = mkdtempSync(join(tmpdir(), 'contributing-'));

  constructor() {
    for (const name of readdirSync(root)) {
      if (!notCopied.has(name)) cpSync(join(root, name), join(this.folder, name), copying);
    }
    symlinkSync(join(root, 'node_modules'), join(this.folder, 'node_modules'));
  }

  read(path: string): string | null {
    try {
      return readFileSync(join(this.folder, path), 'utf8');
    } catch {
      return null;
    }
  }

  edit(edit: Edit): void {
    this.write(edit.path, edit.apply(this.read(edit.path)));
  }

  write(path: string, text: string): void {
    const file = join(this.folder, path);
    mkdirSync(dirname(file), { recursive: true });
    writeFileSync(file, text);
  }

  /** As `npm run generate`. */
  async generate(): Promise<void> {
    await this.#run('npm', 'run', '--silent', 'generate');
  }

  /** Runs some tests of the copy; returns jest's report. */
  async test(paths: readonly string[]): Promise<string> {
    return this.#run('npm', 'run', '--silent', 'test:jest', '--', ...paths, '--json');
  }

  remove(): void {
    rmSync(this.folder, { recursive: true });
  }

  /** Standard output, also of a command that fails. */
  async #run(command: string, ...parameters: readonly string[]): Promise<string> {
    try {
      return (
        await promisify(execFile)(command, parameters, {
          cwd: this.folder,
          maxBuffer: 64 * 1024 * 1024,
        })
      ).stdout;
    } catch (error) {
      const { stdout } = error as { readonly stdout?: string };
      if (!stdout) throw error;
      return stdout;
    }
  }
}
