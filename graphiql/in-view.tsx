/** Scrolls to what the user requested: the open tab, and on a narrow page the answer. */
import { pick, useGraphiQL } from '@graphiql/react';
import { useEffect } from 'react';

/** As in page.css, which stacks the panes. */
const isNarrow = matchMedia('(max-width: 760px)');

export function InView() {
  const { tabs, activeTabIndex, isFetching } = useGraphiQL(pick('tabs', 'activeTabIndex', 'isFetching'));
  const id = tabs[activeTabIndex]?.id;
  useEffect(() => {
    show('.graphiql-tab-active');
  }, [id]);
  useEffect(() => {
    if (isFetching && isNarrow.matches) show('.graphiql-response');
  }, [isFetching]);
  return null;
}

/** Scrolls no further than needed, and leaves the focus. */
function show(selector: string): void {
  document.querySelector(selector)?.scrollIntoView({ block: 'nearest', inline: 'nearest' });
}
