import { defineConfig } from 'vite';

const graphUrl = process.env.GRAPH_URL ?? 'http://localhost:4000';
if (!URL.canParse(graphUrl)) {
  process.stderr.write('GRAPH_URL: expected the URL of a gateway, such as http://localhost:4000\n');
  process.exit(1);
}

/** The page and the gateway on one origin, so that no other site's rules are in the way. */
const { origin } = new URL(graphUrl);
const key = process.env.GRAPH_KEY;
const target = { target: origin, ...(key ? { headers: { 'x-api-key': key } } : {}) };
const proxy = { '/graphql': target, '/export': target };

export default defineConfig({
  root: import.meta.dirname,
  server: { proxy },
  preview: { proxy },
  build: {
    outDir: '../../dist/dashboard',
    emptyOutDir: true,
    chunkSizeWarningLimit: 700,
    rolldownOptions: {
      // The component kit marks each file for servers that render; there is none here.
      onLog: (level, log, handle) => {
        if (log.code !== 'MODULE_LEVEL_DIRECTIVE') handle(level, log);
      },
    },
  },
});
