import type { GraphQLResolveInfo } from 'graphql';
import { reportOn, type ReportEvent } from '../reporting/report.ts';
import type { IdentifiedSummaryRecord } from '../model.ts';
import type { CallBudget } from '../scope.ts';
import type { GraphContext } from './context.ts';
import { selectCustomers } from './customer-filter.ts';
import { summaryIdOf } from './node-id.ts';
import { selectedSummaries, selectionPurpose } from './selected-summaries.ts';
import type { SubscriptionProtectionReportArgs, SubscriptionResolvers } from './generated/resolvers.ts';

export const Subscription = {
  protectionReport: { subscribe: protectionReport },
} satisfies SubscriptionResolvers;

/** Rejects before the first event if the list of customers can't be read. */
async function protectionReport(
  _root: unknown,
  { filter, users }: Partial<SubscriptionProtectionReportArgs>,
  context: GraphContext,
  info: GraphQLResolveInfo,
): Promise<AsyncIterable<{ readonly protectionReport: IdentifiedEvent }>> {
  const { planner, scope, summaryLoader } = context;
  const { own: population, summaryOf } = selectedSummaries(users, info);
  const customers = await selectCustomers('filter', filter, context, selectionPurpose(info), users);
  const { signal, viewer } = scope;
  const budget = viewer.customerIds === null ? scope.budget : budgetFromNow(scope.budget);
  const events = reportOn(customers, {
    planner,
    scope: { signal, budget },
    cause: info.path,
    population,
    cachedSummary: async (tenant) => {
      const summaries = await summaryLoader.pendingSummaries(tenant);
      return summaries === undefined ? null : summaryOf(summaries);
    },
  });
  return withTotalsId(events, summaryIdOf([], population.name, filter));
}

/** Budget that counts from now: earlier calls would reveal the length of the customer list to a restricted viewer. */
function budgetFromNow(budget: Pick<CallBudget, 'made'>): Pick<CallBudget, 'made'> {
  const before = budget.made;
  return {
    get made() {
      return budget.made - before;
    },
  };
}

type IdentifiedEvent = Omit<ReportEvent, 'totals'> & { readonly totals: IdentifiedSummaryRecord | null };

/** @param id of the totals */
async function* withTotalsId(
  events: AsyncIterable<ReportEvent>,
  id: string,
): AsyncGenerator<{ readonly protectionReport: IdentifiedEvent }, void, undefined> {
  for await (const { totals, ...event } of events)
    yield { protectionReport: { ...event, totals: totals && { ...totals, id } } };
}
