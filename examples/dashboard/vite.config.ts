import { defineConfig } from 'vite';

/** The page and the gateway on one origin, so that no other site's rules are in the way. */
const proxy = { '/graphql': new URL(process.env.GRAPH_URL ?? 'http://localhost:4000').origin };

export default defineConfig({
  root: import.meta.dirname,
  server: { proxy },
  preview: { proxy },
  build: { outDir: '../../dist/dashboard', emptyOutDir: true },
});
