import { pure } from '../execution/resolver-kinds.ts';
import { coverageOf } from '../survey/summarize.ts';
import type { ProtectionSummaryResolvers } from './generated/resolvers.ts';

export const ProtectionSummary = {
  coverage: pure(coverageOf),
  asOf: pure(({ asOfMs }) => (asOfMs === null ? null : new Date(asOfMs).toISOString())),
  isComplete: pure(({ missing }) => missing.length === 0),
} satisfies ProtectionSummaryResolvers;
