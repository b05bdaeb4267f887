/**
 * The gateway and its terminal commands, each with all that it imports in a few files: a start from node_modules opens more
 * than a thousand, which takes half of its time.
 */
import { fileURLToPath } from 'node:url';
import { defineConfig, type Plugin, type Rolldown } from 'vite';

const programs = ['main', 'cli/report', 'cli/mcp'];
const source = (name: string) => fileURLToPath(new URL(`../src/${name}.ts`, import.meta.url));

/**
 * Escapes the characters above ASCII that the option `charset` leaves, in comments and in `String.raw`: with one of them, V8
 * decodes a source more slowly and keeps two bytes for each character. The patterns that `String.raw` is used for read the
 * escape as the character.
 */
const narrowSource: Plugin = {
  name: 'narrow-source',
  generateBundle: (_options, bundle) => {
    for (const chunk of Object.values(bundle)) {
      if (chunk.type !== 'chunk') continue;
      chunk.code = chunk.code.replace(
        /[^\0-\x7f]/g,
        (character) => `\\u${character.charCodeAt(0).toString(16).padStart(4, '0')}`,
      );
    }
  },
};

/** The files that users start. Only the gateway has compiled code: V8 uses it with the flags of `npm start` alone. */
const startFiles: Plugin = {
  name: 'start-files',
  generateBundle() {
    for (const name of programs) {
      const file = `${name.split('/').at(-1) ?? name}.cjs`;
      const launched = [
        "import { fileURLToPath } from 'node:url';",
        "import { launch } from './launch.cjs';",
        `launch(fileURLToPath(new URL('${file}', import.meta.url)));`,
      ];
      const lines = name === 'main' ? launched : [`import './${file}';`];
      this.emitFile({ type: 'asset', fileName: `${name}.js`, source: `${lines.join('\n')}\n` });
    }
  },
};

/**
 * Names the file of a module: all that only the gateway imports is one file. What the programs import themselves stays
 * outside, since most commands need no gateway.
 */
function gatewayFile(): (id: string, context: Rolldown.ChunkingContext) => string | null {
  let inGateway: ReadonlySet<string> | null = null;
  return (id, context) => {
    if (inGateway === null) {
      const outside = new Set(programs.flatMap((name) => [...importedBy(source(name), context)]));
      inGateway = new Set([...importedBy(source('gateway'), context)].filter((file) => !outside.has(file)));
    }
    return inGateway.has(id) ? 'gateway' : null;
  };
}

function importedBy(id: string, context: Rolldown.ChunkingContext, found = new Set<string>()): Set<string> {
  if (found.has(id)) return found;
  found.add(id);
  for (const imported of context.getModuleInfo(id)?.importedIds ?? []) importedBy(imported, context, found);
  return found;
}

export default defineConfig({
  plugins: [narrowSource, startFiles],
  publicDir: false,
  // In a bundle, the package would hash in JavaScript.
  resolve: { alias: { '@apollo/utils.createhash': 'node:crypto' } },
  // As Node resolves them, so that a package is never there twice, once for import and once for require.
  ssr: { noExternal: true, resolve: { conditions: ['node'], mainFields: ['main', 'module'] } },
  build: {
    ssr: true,
    target: 'node20',
    outDir: 'dist',
    emptyOutDir: false,
    minify: false,
    sourcemap: true,
    chunkSizeWarningLimit: 10_000,
    rolldownOptions: {
      // Parts of Fastify that nothing loads: no route has a schema, and no request is injected.
      external: [/^@fastify\/(ajv|fast-json-stringify)-compiler$/, 'light-my-request'],
      input: {
        ...Object.fromEntries(programs.map((name) => [name, source(name)])),
        launch: fileURLToPath(new URL('launch.ts', import.meta.url)),
      },
      output: {
        // `launch.ts` can use compiled code of these, but not of modules.
        format: 'cjs',
        entryFileNames: '[name].cjs',
        chunkFileNames: 'chunks/[name].cjs',
        charset: 'ascii',
        // A script can't import modules, and the bundle imports only Node's own.
        dynamicImportInCjs: false,
        comments: { legal: true, annotation: false, jsdoc: false },
        codeSplitting: { includeDependenciesRecursively: false, groups: [{ name: gatewayFile() }] },
      },
    },
  },
});
