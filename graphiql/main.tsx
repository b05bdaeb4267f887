import 'graphiql/setup-workers/vite';
import 'graphiql/style.css';
import { createGraphiQLFetcher } from '@graphiql/toolkit';
import { GraphiQL } from 'graphiql';
import { createRoot } from 'react-dom/client';
import { loadExampleTabs } from './example-tabs.ts';

const fetcher = createGraphiQLFetcher({ url: '/graphql' });
const container = document.getElementById('explorer');
if (container === null) throw new Error('The page has no place for the explorer.');

const tabs = await loadExampleTabs(fetcher);
createRoot(container).render(
  <GraphiQL fetcher={fetcher} defaultTabs={tabs.map((tab) => ({ ...tab }))} defaultEditorToolsVisibility="variables">
    <GraphiQL.Logo>Elements Graph</GraphiQL.Logo>
  </GraphiQL>,
);
