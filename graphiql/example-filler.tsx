/** Writes the ids found into the variables of examples that the user has not changed. */
import { pick, useGraphiQL, useGraphiQLActions } from '@graphiql/react';
import { useEffect, useRef } from 'react';
import { exampleIds } from './example-ids.ts';
import { createExamples, type OperationTab } from './examples.ts';
import { useValue } from './store.ts';

const placeholders = createExamples(exampleIds.get());
const storageName = 'elements-graph.examples';

export function ExampleFiller() {
  const ids = useValue(exampleIds);
  const actions = useGraphiQLActions();
  const { tabs, activeTabIndex, queryEditor, variableEditor } = useGraphiQL(
    pick('tabs', 'activeTabIndex', 'queryEditor', 'variableEditor'),
  );
  const openedIndex = useRef(activeTabIndex);
  useEffect(() => {
    if (activeTabIndex !== openedIndex.current) void exampleIds.load();
  }, [activeTabIndex]);
  useEffect(() => {
    if (ids.customerId === '' || queryEditor === undefined || variableEditor === undefined) return;
    const written = readWritten();
    const examples = createExamples(ids);
    const filled = (query: string, variables: string): string => {
      const variablesIn = (tabs: readonly OperationTab[]) =>
        tabs.find((each) => each.query === query)?.variables;
      const known = [variablesIn(placeholders), variablesIn(written)];
      return (known.includes(variables) ? variablesIn(examples) : undefined) ?? variables;
    };
    // In place: GraphiQL has no action for inactive tabs, and does not show their variables.
    for (const [index, tab] of tabs.entries()) {
      if (index !== activeTabIndex) tab.variables = filled(tab.query ?? '', tab.variables ?? '');
    }
    actions.storeTabs({ tabs, activeTabIndex });
    const variables = variableEditor.getValue();
    const shown = filled(queryEditor.getValue(), variables);
    if (shown !== variables) variableEditor.setValue(shown);
    localStorage.setItem(storageName, JSON.stringify(examples));
    // Runs once for the ids, not whenever a tab changes.
  }, [ids, queryEditor, variableEditor]);
  return null;
}

/** The examples as last written, in this or an earlier visit. */
function readWritten(): readonly OperationTab[] {
  try {
    return JSON.parse(localStorage.getItem(storageName) ?? '[]') as OperationTab[];
  } catch {
    return [];
  }
}
