import { coverageOf } from '../survey/summarize.ts';
import type { ProtectionSummaryResolvers } from './generated/resolvers.ts';

export const ProtectionSummary: ProtectionSummaryResolvers = {
  coverage: coverageOf,
  asOf: ({ asOfMs }) => (asOfMs === null ? null : new Date(asOfMs).toISOString()),
  isComplete: ({ missing }) => missing.length === 0,
};
