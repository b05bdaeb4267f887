import 'graphiql/setup-workers/vite';
import 'graphiql/style.css';
import './page.css';
import { pick, useGraphiQL, useGraphiQLActions } from '@graphiql/react';
import { GraphiQL, HISTORY_PLUGIN } from 'graphiql';
import { useEffect } from 'react';
import { createRoot } from 'react-dom/client';
import { checkCredential } from './check-credential.ts';
import { CredentialForm } from './credential-form.tsx';
import { ExampleFiller } from './example-filler.tsx';
import { exampleIds } from './example-ids.ts';
import { ExampleMenu } from './example-menu.tsx';
import { createExamples, openedExamples } from './examples.ts';
import { fetcher } from './fetcher.ts';
import { InView } from './in-view.tsx';
import { lastOperation } from './last-operation.ts';
import { readLink } from './link.ts';
import { RunHint } from './run-hint.tsx';
import { upstreamPanel } from './upstream-panel.tsx';

const link = readLink(location.search);
const examples = createExamples(exampleIds.get()).slice(0, openedExamples);
const plugins = [HISTORY_PLUGIN, upstreamPanel];

/** Makes the keyboard run the operation that a link names, if its document has several. */
function LinkedOperationName() {
  const actions = useGraphiQLActions();
  const { operations } = useGraphiQL(pick('operations'));
  const name = link?.operationName ?? null;
  const isKnown = operations?.some((operation) => operation.name?.value === name) ?? false;
  useEffect(() => {
    if (isKnown && name !== null) actions.setOperationName(name);
  }, [isKnown, name, actions]);
  return null;
}

const container = document.getElementById('explorer');
if (container === null) throw new Error('The page has no place for the explorer.');
createRoot(container).render(
  <GraphiQL
    fetcher={fetcher}
    plugins={plugins}
    {...(link === null ? {} : { initialQuery: link.query, initialVariables: link.variables })}
    defaultTabs={[...(link === null ? [] : [link]), ...examples].map(({ query, variables }) => ({
      query,
      variables,
    }))}
    defaultEditorToolsVisibility="variables"
  >
    <GraphiQL.Logo>
      <h1>Elements Graph</h1>
      <ExampleMenu />
      <CredentialForm />
    </GraphiQL.Logo>
    <GraphiQL.Footer>
      <RunHint />
    </GraphiQL.Footer>
    <ExampleFiller />
    <LinkedOperationName />
    <InView />
  </GraphiQL>,
);

// The page is shown meanwhile: the upstream may be slow, or not answer at all. A page of another site may have opened a
// link: nothing is requested of the upstream before the user acts.
void checkCredential().then((isAccepted) => (isAccepted && link === null ? exampleIds.load() : undefined));
lastOperation.subscribe(() => {
  if (lastOperation.get()?.explanation) void exampleIds.load();
});
