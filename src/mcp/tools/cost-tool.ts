/** Tool that prices a call without making it. */
import type { GraphQLFormattedError } from 'graphql';
import type { CallEstimate, Cost } from '../../pricing/cost.ts';
import { complete, failedBy, failure } from '../answers/answer.ts';
import { readArguments } from './arguments.ts';
import { freeCall, queryProperties, withSearchHint, type FreeQueryOptions } from './free-query.ts';
import { argumentsSchema, objectSchema } from '../documents/json-schema.ts';
import type { OperationTool } from '../documents/operation-files.ts';
import { explained, operationCall } from './operation-tool.ts';
import type { Tool } from './tool.ts';

export interface CostToolOptions extends FreeQueryOptions {
  readonly tools: readonly OperationTool[];
  readonly maxCost: Cost;
  /** Maximum calls of one operation, whatever the estimate. */
  readonly maxCalls: number;
  /** Whether assistants may write queries. */
  readonly hasQueries: boolean;
}

const count = { type: 'integer', minimum: 0 };
const noteList = { type: 'array', items: { type: 'string' } };
const sizes = { rows: count, values: count };
const costSchema = {
  type: 'object',
  properties: {
    ...sizes,
    calls: {
      type: ['integer', 'null'],
      description: 'Null for a report, which makes as many calls as it needs.',
    },
  },
  required: ['rows', 'values', 'calls'],
};
const limitSchema = {
  type: 'object',
  properties: {
    ...sizes,
    calls: { ...count, description: 'Maximum per answer; parts that need more calls are missing.' },
  },
  required: ['rows', 'values', 'calls'],
};

export function createCostTool(options: CostToolOptions): Tool {
  const { tools, maxCost, maxCalls, hasQueries } = options;
  return {
    name: 'operation_cost',
    description: `What a call of another tool${hasQueries ? ', or a query,' : ''} would cost, without calling it: rows (nested ones included) and values of its answer, with what the gateway adds to it, and an estimate of the calls of the backup service if nothing is cached; beside the most that is permitted. Use it before a call that could be large.`,
    inputSchema: argumentsSchema(
      {
        tool: { type: 'string', enum: tools.map(({ name }) => name) },
        arguments: { type: 'object', description: 'As for the call of the tool.' },
        ...(hasQueries ? queryProperties : {}),
      },
      hasQueries ? [] : ['tool'],
    ),
    outputSchema: objectSchema(
      { cost: costSchema, most: limitSchema, isPermitted: { type: 'boolean' }, notes: noteList },
      ['cost', 'most', 'isPermitted', 'notes'],
    ),
    call: async (given, { operations }) => {
      const tool = tools.find(({ name }) => name === given['tool']) ?? null;
      if ((tool === null) === (given['query'] === undefined))
        return failure(
          'BAD_USER_INPUT',
          'Give either tool, with its arguments, or query, with its variables.',
        );
      const call = tool === null ? freeCall(options, given) : toolCall(tool, given);
      if ('code' in call) return call;
      const priced = await operations.cost(call);
      if ('failure' in priced) {
        const { errors = [] } = JSON.parse(priced.failure) as { errors?: GraphQLFormattedError[] };
        const wrong = failedBy(errors);
        return tool === null ? withSearchHint(wrong, options) : explained(wrong, tool);
      }
      const { cost, estimate, isSubscription } = priced;
      // Reports have no limit of calls.
      const hasFewCalls = isSubscription || cost.calls <= maxCost.calls;
      const isPermitted = cost.rows <= maxCost.rows && cost.values <= maxCost.values && hasFewCalls;
      return complete({
        cost: { ...cost, calls: isSubscription ? null : estimate.calls },
        most: { ...maxCost, calls: maxCalls },
        isPermitted,
        notes: [
          ...(isSubscription || estimate.calls === 0 ? [] : assumedIn(estimate)),
          ...(hasFewCalls
            ? []
            : [
                `With lists as long as assumed, its fields could need ${cost.calls} calls, more than the ${maxCost.calls} that are permitted.`,
              ]),
          ...(isSubscription || estimate.calls <= maxCalls
            ? []
            : [
                `One answer makes at most ${maxCalls} calls. If it needs as many as estimated, a part of it will be missing. Ask for less, call again (what is read stays cached), or use a tool that reports progress.`,
              ]),
        ],
      });
    },
  };
}

function assumedIn({ assumed }: CallEstimate): readonly string[] {
  const lengths = Object.entries(assumed).map(([list, length]) => `${list} ${length}`);
  return lengths.length === 0
    ? []
    : [
        `The estimate assumes lengths of lists that were not read yet: ${lengths.join(', ')}. It may be far from what is needed.`,
      ];
}

function toolCall(tool: OperationTool, { arguments: given = {} }: Readonly<Record<string, unknown>>) {
  const read = readArguments(tool.inputSchema, given as Readonly<Record<string, unknown>>);
  return 'fault' in read ? failure('BAD_USER_INPUT', read.fault) : operationCall(tool, read.values);
}
