import type { Loaders } from '../loaders.ts';
import type { Planner } from '../planner/planner.ts';

/** What one operation's resolvers share. */
export interface GraphContext {
  readonly planner: Planner;
  readonly loaders: Loaders;
}
