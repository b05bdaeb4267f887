import 'graphiql/setup-workers/vite';
import 'graphiql/style.css';
import { GraphiQL, HISTORY_PLUGIN } from 'graphiql';
import { createRoot } from 'react-dom/client';
import { asksForCredential, CredentialForm, readCredential } from './credential.tsx';
import { loadExampleTabs } from './example-tabs.ts';
import { createExplorerFetcher } from './fetcher.ts';
import { upstreamPanel } from './upstream-panel.tsx';

const endpoint = '/graphql';
const fetcher = createExplorerFetcher(endpoint);
const container = document.getElementById('explorer');
if (container === null) throw new Error('The page has no place for the explorer.');

const needsCredential = readCredential() !== null || (await asksForCredential(endpoint));
const tabs = await loadExampleTabs(endpoint);
createRoot(container).render(
  <GraphiQL
    fetcher={fetcher}
    plugins={[HISTORY_PLUGIN, upstreamPanel]}
    defaultTabs={tabs.map((tab) => ({ ...tab }))}
    defaultEditorToolsVisibility="variables"
  >
    <GraphiQL.Logo>
      <div className="logo">
        {needsCredential && <CredentialForm />}
        <span>Elements Graph</span>
      </div>
    </GraphiQL.Logo>
  </GraphiQL>,
);
