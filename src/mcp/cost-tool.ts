/** The tool that prices a call before it is made. */
import type { GraphQLFormattedError } from 'graphql';
import type { Cost } from '../pricing/cost.ts';
import { complete, failedBy, failure } from './answer.ts';
import { readArguments } from './arguments.ts';
import { freeCall, queryProperties, withSearchHint, type FreeQueryOptions } from './free-query.ts';
import { objectSchema } from './json-schema.ts';
import type { OperationTool } from './operation-files.ts';
import { explained, operationCall } from './operation-tool.ts';
import type { Tool } from './tool.ts';

export interface CostToolOptions extends FreeQueryOptions {
  readonly tools: readonly OperationTool[];
  readonly maxCost: Cost;
  /** Maximum calls that one operation makes, whatever it is estimated to need. */
  readonly maxCalls: number;
  /** Whether assistants may write queries. */
  readonly hasQueries: boolean;
}

const count = { type: 'integer', minimum: 0 };
const noteList = { type: 'array', items: { type: 'string' } };
const costSchema = {
  type: 'object',
  properties: {
    rows: count,
    values: count,
    calls: {
      type: ['integer', 'null'],
      description: 'Null for a report, which makes as many calls as it needs.',
    },
  },
  required: ['rows', 'values', 'calls'],
};

export function createCostTool(options: CostToolOptions): Tool {
  const { tools, maxCost, maxCalls, hasQueries } = options;
  return {
    name: 'operation_cost',
    description: `What a call of another tool${hasQueries ? ', or a query,' : ''} would cost, without calling it: rows (nested ones included) and values of its answer, and calls of the backup service if nothing is cached, an estimate where lengths of lists are not known; beside the most that is permitted. calls is null for a report, which makes as many as it needs. Use it before a call that could be large.`,
    inputSchema: objectSchema(
      {
        tool: { type: 'string', enum: tools.map(({ name }) => name) },
        arguments: { type: 'object', description: 'As for the call of the tool.' },
        ...(hasQueries ? queryProperties : {}),
      },
      hasQueries ? [] : ['tool'],
    ),
    outputSchema: objectSchema(
      { cost: costSchema, most: costSchema, isPermitted: { type: 'boolean' }, notes: noteList },
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
      const { cost, isSubscription } = priced;
      // A report is not bounded by calls.
      const isPermitted =
        cost.rows <= maxCost.rows &&
        cost.values <= maxCost.values &&
        (isSubscription || cost.calls <= maxCost.calls);
      return complete({
        cost: isSubscription ? { ...cost, calls: null } : cost,
        most: maxCost,
        isPermitted,
        notes:
          !isSubscription && isPermitted && cost.calls > maxCalls
            ? [
                `One answer makes at most ${maxCalls} calls. If less is cached than this needs, a part of it will be missing. Ask for less, call again (what is read stays cached), or use a tool that reports progress.`,
              ]
            : [],
      });
    },
  };
}

function toolCall(tool: OperationTool, { arguments: given = {} }: Readonly<Record<string, unknown>>) {
  const read = readArguments(tool.inputSchema, given as Readonly<Record<string, unknown>>);
  return 'fault' in read ? failure('BAD_USER_INPUT', read.fault) : operationCall(tool, read.values);
}
