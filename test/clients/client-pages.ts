/** The pages of docs/clients/ as programs: the TypeScript of a page, from its first block to its last, is one module. */
import { execFileSync } from 'node:child_process';
import { cpSync, mkdirSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { root } from '../ended-process.ts';

export type ClientName = 'apollo' | 'urql' | 'relay' | 'fetch';

type Target = 'node' | 'browser';

/** A module that uses a client, in a folder of its own. */
export interface ClientProgram {
  readonly folder: string;
  /** The manifest that the client's tools make of it, or that its page shows. */
  readonly manifest: string;
  /** The one file of its bundle, for a gateway. */
  readonly fileFor: (target: Target, url: string) => string;
  readonly remove: () => void;
}

export interface ClientPage extends ClientProgram {
  /** What its `console.log` lines are said to print. */
  readonly printed: readonly string[];
}

const documentedUrl = 'http://localhost:4000/graphql';

/** The blocks of a language on a client's page. */
export function blocksOf(name: ClientName, language: 'ts' | 'json'): readonly string[] {
  const page = readFileSync(join(root, `docs/clients/${name}.md`), 'utf8');
  return [...page.matchAll(new RegExp(`^\`\`\`${language}\\n([^]*?)^\`\`\`$`, 'gm'))].map(
    ([, text = '']) => text,
  );
}

export function readClientPage(name: ClientName): ClientPage {
  const text = blocksOf(name, 'ts').join('\n');
  const printed = [...text.matchAll(/console\.log\(.*\); \/\/ (.*)$/gm)].map(([, value = '']) => value);
  return { ...createProgram(name, text), printed };
}

export function createProgram(name: ClientName, text: string): ClientProgram {
  const folder = mkdtempSync(join(tmpdir(), `client-program-${name}-`));
  mkdirSync(join(folder, 'src'));
  symlinkSync(join(root, 'node_modules'), join(folder, 'node_modules'));
  writeFileSync(join(folder, 'package.json'), '{ "type": "module" }');
  writeFileSync(join(folder, 'src/page.ts'), text);
  return {
    folder,
    manifest: makeManifest(name, folder),
    fileFor: (target, url) => {
      const bundle = readFileSync(join(folder, 'dist', target, 'page.js'), 'utf8');
      const file = join(folder, 'dist', target, `page-${new URL(url).port}.js`);
      writeFileSync(file, bundle.replaceAll(documentedUrl, url));
      return file;
    },
    remove: () => {
      rmSync(folder, { recursive: true });
    },
  };
}

const compilerOptions = {
  strict: true,
  noEmit: true,
  skipLibCheck: true,
  target: 'es2023',
  lib: ['es2023', 'dom', 'dom.iterable', 'dom.asynciterable'],
  module: 'esnext',
  moduleResolution: 'bundler',
  moduleDetection: 'force',
  resolveJsonModule: true,
  allowSyntheticDefaultImports: true,
  types: ['node'],
};

/** Checks types as an application would, of all programs at once: most of the compiler's time goes to the libraries. */
export function compilePrograms(programs: readonly ClientProgram[]): void {
  const [first] = programs;
  if (first === undefined) return;
  const files = programs.map(({ folder }) => join(folder, 'src/page.ts'));
  writeFileSync(join(first.folder, 'tsconfig.json'), JSON.stringify({ compilerOptions, files }));
  runTool(first.folder, 'typescript/bin/tsc', ['-p', 'tsconfig.json']);
}

/** Bundles programs in one process; `fileFor` then names their gateway. */
export function bundlePrograms(programs: readonly ClientProgram[], target: Target): void {
  for (const { folder } of programs) {
    const program = readFileSync(join(folder, 'src/page.ts'), 'utf8');
    writeFileSync(join(folder, 'src/bundled.ts'), withGeneratedModules(program));
  }
  const configs = programs.map(({ folder }) => configOf(folder, target));
  runNode(root, ['--input-type=module', '-e', bundler, JSON.stringify(configs)]);
}

const bundler = `import { build } from 'vite';
for (const config of JSON.parse(process.argv[1])) await build(config);`;

/** Runs a tool of node_modules in a folder; throws what it wrote. */
export function runTool(folder: string, script: string, args: readonly string[] = []): void {
  runNode(folder, [join(root, 'node_modules', script), ...args]);
}

function runNode(cwd: string, args: readonly string[]): void {
  try {
    execFileSync(process.execPath, args, { cwd, encoding: 'utf8', stdio: 'pipe' });
  } catch (error) {
    const { stdout, stderr } = error as { readonly stdout: string; readonly stderr: string };
    throw new Error(`${stdout}\n${stderr}`, { cause: error });
  }
}

/** Makes the manifest as the page says, and what else its tools generate. Returns the manifest's path. */
function makeManifest(name: ClientName, folder: string): string {
  const [json = ''] = blocksOf(name, 'json');
  const manifest = join(folder, 'src/persisted-query-manifest.json');
  switch (name) {
    case 'apollo': {
      writeFileSync(join(folder, 'persisted-query-manifest.config.json'), json);
      runTool(folder, '@apollo/generate-persisted-query-manifest/cli.js');
      return manifest;
    }
    case 'relay':
      mkdirSync(join(folder, 'src/__generated__'));
      writeFileSync(join(folder, 'relay.config.json'), json);
      writeFileSync(join(folder, 'persisted_queries.json'), '{}');
      cpSync(join(root, 'schema.graphql'), join(folder, 'schema.graphql'));
      runTool(folder, 'relay-compiler/cli.js');
      return join(folder, 'persisted_queries.json');
    case 'urql':
    case 'fetch':
      writeFileSync(manifest, json);
      return manifest;
  }
}

/** Puts the generated modules in the place of `graphql` tags, as Relay's plugins for bundlers do. */
function withGeneratedModules(program: string): string {
  const imports: string[] = [];
  const replaced = program.replaceAll(
    /graphql`\s*(?:query|subscription|fragment) (\w+)[^`]*`/g,
    (...[, name]) => {
      imports.push(`import ${String(name)}_module from './__generated__/${String(name)}.graphql';\n`);
      return `${String(name)}_module`;
    },
  );
  return [...imports, replaced].join('');
}

function configOf(folder: string, target: Target): object {
  const isOfNode = target === 'node';
  return {
    root: folder,
    configFile: false,
    logLevel: 'error',
    publicDir: false,
    ...(isOfNode ? { ssr: { noExternal: true } } : {}),
    build: {
      outDir: `dist/${target}`,
      target: 'es2022',
      minify: false,
      ssr: isOfNode,
      rolldownOptions: {
        input: join(folder, 'src/bundled.ts'),
        output: { entryFileNames: 'page.js', codeSplitting: false },
      },
    },
  };
}
