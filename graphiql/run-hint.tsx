/** Shown until there is an answer: how to run the operation, or that it will be run. */
import { formatShortcutForOS, KEY_MAP, pick, useGraphiQL, useGraphiQLActions } from '@graphiql/react';
import { useEffect, useState } from 'react';

export function RunHint() {
  const { tabs, activeTabIndex, isFetching, queryEditor, variableEditor, responseEditor } = useGraphiQL(
    pick('tabs', 'activeTabIndex', 'isFetching', 'queryEditor', 'variableEditor', 'responseEditor'),
  );
  const isReady = queryEditor !== undefined && variableEditor !== undefined && responseEditor !== undefined;
  const isWaiting = useEarlyRun(isReady);
  if (isFetching || (tabs[activeTabIndex]?.response ?? '') !== '') return null;
  const keys = formatShortcutForOS(KEY_MAP.runQuery.key, '-');
  return (
    <p className="run-hint" role="status">
      {isWaiting ? (
        'The editor is loading. The operation will be run when it is ready.'
      ) : (
        <>
          Press the play button or {keys} to run the operation. Its answer is shown here, and the API’s calls
          behind it in <em>Upstream calls</em>.
        </>
      )}
    </p>
  );
}

/** Remembers an early press of the play button, which GraphiQL ignores until its editors are loaded. */
function useEarlyRun(isReady: boolean): boolean {
  const actions = useGraphiQLActions();
  const [isWaiting, setWaiting] = useState(false);
  useEffect(() => {
    if (isReady) return undefined;
    const keep = ({ target }: MouseEvent) => {
      if (target instanceof Element && target.closest('.graphiql-execute-button') !== null) setWaiting(true);
    };
    document.addEventListener('click', keep);
    return () => {
      document.removeEventListener('click', keep);
    };
  }, [isReady]);
  useEffect(() => {
    if (!isReady || !isWaiting) return;
    setWaiting(false);
    actions.run();
  }, [isReady, isWaiting, actions]);
  return isWaiting;
}
