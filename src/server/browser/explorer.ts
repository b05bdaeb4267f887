/** GraphiQL as it was built into dist/graphiql/: its page and its assets, from this server alone. */
import { existsSync, readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { packageFolder } from '../../package-folder.ts';

const folder = fileURLToPath(new URL('dist/graphiql/', packageFolder));

export const explorerAssets = { folder: `${folder}assets/`, prefix: '/graphiql/assets/' };

export function readExplorerPage(): string {
  const page = `${folder}index.html`;
  if (existsSync(page)) return readFileSync(page, 'utf8');
  return '<!doctype html><title>Elements Graph</title><p>GraphiQL is not built yet: run <code>npm run build</code>.';
}
