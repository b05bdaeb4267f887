import 'graphiql/setup-workers/vite';
import 'graphiql/style.css';
import { GraphiQL } from 'graphiql';
import { createRoot } from 'react-dom/client';
import { loadExampleTabs } from './example-tabs.ts';
import { createExplorerFetcher } from './fetcher.ts';

const endpoint = '/graphql';
const fetcher = createExplorerFetcher(endpoint);
const container = document.getElementById('explorer');
if (container === null) throw new Error('The page has no place for the explorer.');

const tabs = await loadExampleTabs(endpoint);
createRoot(container).render(
  <GraphiQL
    fetcher={fetcher}
    defaultTabs={tabs.map((tab) => ({ ...tab }))}
    defaultEditorToolsVisibility="variables"
  >
    <GraphiQL.Logo>Elements Graph</GraphiQL.Logo>
  </GraphiQL>,
);
