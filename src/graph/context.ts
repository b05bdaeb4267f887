import { createLoaders, type Loaders } from '../loaders.ts';
import { withAuthorization } from '../planner/authorized-planner.ts';
import type { Upstream } from '../planner/operation.ts';
import { createPlanner, type Planner } from '../planner/planner.ts';
import type { OperationScope } from '../scope.ts';
import { SummaryLoader } from '../reporting/summary-loader.ts';

export interface GraphContext {
  readonly scope: OperationScope;
  readonly planner: Planner;
  readonly loaders: Loaders;
  readonly summaryLoader: SummaryLoader;
}

/** Creates the context; its planner restricts reads to the viewer's customers. */
export function createGraphContext(upstream: Upstream, scope: OperationScope): GraphContext {
  const planner = withAuthorization(createPlanner(upstream, scope), scope.viewer);
  return { scope, planner, loaders: createLoaders(planner), summaryLoader: new SummaryLoader(planner) };
}
