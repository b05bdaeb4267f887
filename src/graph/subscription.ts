import type { GraphQLResolveInfo } from 'graphql';
import { reportOn, type ReportEvent } from '../survey/report.ts';
import type { GraphContext } from './context.ts';
import { wantedCustomers } from './customer-question.ts';
import type { SubscriptionProtectionReportArgs, SubscriptionResolvers } from './generated/resolvers.ts';

export const Subscription: SubscriptionResolvers = {
  protectionReport: { subscribe: protectionReport },
};

/** Rejects before the first event where the list of customers can't be read. */
async function protectionReport(
  _root: unknown,
  { filter }: Partial<SubscriptionProtectionReportArgs>,
  { planner, scope }: GraphContext,
  { path }: GraphQLResolveInfo,
): Promise<AsyncIterable<{ readonly protectionReport: ReportEvent }>> {
  const { rows } = await wantedCustomers('filter', filter, planner, path);
  return named(reportOn(rows, { planner, scope, cause: path }));
}

async function* named(
  events: AsyncIterable<ReportEvent>,
): AsyncGenerator<{ readonly protectionReport: ReportEvent }, void, undefined> {
  for await (const event of events) yield { protectionReport: event };
}
