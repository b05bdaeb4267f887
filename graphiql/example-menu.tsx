/** Menu of the worked examples: opens each as a tab, or shows its open tab. */
import { DropdownMenu, pick, useGraphiQL, useGraphiQLActions } from '@graphiql/react';
import { exampleIds } from './example-ids.ts';
import { createExamples, questionOf, type OperationTab } from './examples.ts';
import { useValue } from './store.ts';

export function ExampleMenu() {
  const ids = useValue(exampleIds);
  const actions = useGraphiQLActions();
  const { tabs, queryEditor, variableEditor } = useGraphiQL(pick('tabs', 'queryEditor', 'variableEditor'));
  const open = ({ query, variables }: OperationTab) => {
    const index = tabs.findIndex((each) => each.query === query);
    if (index !== -1) {
      actions.changeTab(index);
      return;
    }
    actions.addTab();
    actions.updateActiveTabValues({ query, variables });
    queryEditor?.setValue(query);
    variableEditor?.setValue(variables);
  };
  return (
    <DropdownMenu>
      <DropdownMenu.Button
        type="button"
        className="examples"
        disabled={queryEditor === undefined || variableEditor === undefined}
      >
        Examples
      </DropdownMenu.Button>
      <DropdownMenu.Content className="example-list" align="start" collisionPadding={8}>
        {createExamples(ids).map((example) => (
          <DropdownMenu.Item
            key={example.query}
            onSelect={() => {
              open(example);
            }}
          >
            {questionOf(example)}
          </DropdownMenu.Item>
        ))}
      </DropdownMenu.Content>
    </DropdownMenu>
  );
}
