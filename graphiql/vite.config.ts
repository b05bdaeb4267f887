import { join } from 'node:path';
import { defineConfig } from 'vite';
import { compressFiles } from './compress.ts';

const outDir = '../dist/graphiql';

export default defineConfig({
  root: import.meta.dirname,
  build: { outDir, emptyOutDir: true, chunkSizeWarningLimit: 10_000 },
  worker: { format: 'es' },
  experimental: {
    // The page is served at /graphql, its assets below /graphiql/; a proxy's prefix precedes both.
    renderBuiltUrl: (file, { hostType }) => (hostType === 'html' ? `graphiql/${file}` : { relative: true }),
  },
  plugins: [
    {
      name: 'compress',
      apply: 'build',
      closeBundle: () => compressFiles(join(import.meta.dirname, outDir, 'assets')),
    },
  ],
});
