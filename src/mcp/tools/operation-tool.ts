/** Tools that execute an operation. */
import { answerOf, failure, maxReadCharacters } from '../answers/answer.ts';
import { argumentsInWords } from './arguments.ts';
import type { JsonObject } from '../../json.ts';
import { envelopeSchema } from '../answers/envelope-schema.ts';
import { progressIn } from '../documents/hidden-fields.ts';
import { withRanges } from '../documents/list-ranges.ts';
import { splitOffset } from '../documents/list-offset.ts';
import { withMatched } from '../documents/matched-customers.ts';
import type { ToolCall } from '../answers/notes.ts';
import type { OperationTool } from '../documents/operation-files.ts';
import type { ToolAnswer, ToolFailure } from '../answers/tool-answer.ts';
import type { OperationCall, Tool, ToolContext } from './tool.ts';

/** @param groupingTool the tool that lists the values of departments and the like; null if there is none */
export function createOperationTool(tool: OperationTool, groupingTool: string | null): Tool {
  const { name, description, inputSchema, dataSchema, customers } = tool;
  return {
    name,
    description,
    inputSchema,
    outputSchema: envelopeSchema(dataSchema, {
      hasCursors: false,
      hasMatchedCustomers: customers.arguments.length > 0,
    }),
    call: async (given, context) => {
      const call = operationCall(tool, given);
      if ('code' in call) return explained(call, tool);
      const toolCall = { tool, given: call.variables, groupingTool };
      return explained(await runOperation(call, toolCall, context), tool);
    },
  };
}

export function operationCall(tool: OperationTool, given: JsonObject): OperationCall | ToolFailure {
  const split = tool.takesListAfter ? splitOffset(given) : { variables: given, listAfter: null };
  if ('fault' in split) return failure('BAD_USER_INPUT', split.fault);
  const { variables: own, listAfter } = split;
  const variables = withRanges(withMatched({ ...tool.defaults, ...own }, tool), tool.ranges);
  return {
    text: tool.text,
    variables,
    isProvided: true,
    listAfter,
  };
}

/**
 * Runs an operation, and reports its progress.
 *
 * @param toolCall null for a query that the caller has written
 */
export async function runOperation(
  call: OperationCall,
  toolCall: ToolCall | null,
  { operations, maxCharacters, onProgress }: ToolContext,
): Promise<ToolAnswer> {
  const text = await operations.run(call, (json) => {
    if (json.length > maxReadCharacters) return;
    const progress = progressIn((JSON.parse(json) as { data?: unknown }).data);
    if (progress === null) return;
    const { done, total, secondsLeft } = progress;
    const left = secondsLeft === null ? '' : `, about ${Math.ceil(secondsLeft)} s left`;
    onProgress(done, total, `${done} of ${total} tenants${left}`);
  });
  const { variables, listAfter } = call;
  return answerOf(text, { call: toolCall, variables, maxCharacters, listAfter });
}

/** Rephrases the error of a wrong argument in the tool's terms, with the valid arguments. */
export function explained(
  answer: ToolAnswer,
  { inputSchema }: Pick<OperationTool, 'inputSchema'>,
): ToolAnswer {
  if (!('code' in answer) || answer.code !== 'BAD_USER_INPUT') return answer;
  const text = answer.text.replaceAll('Variable "$', 'Argument "');
  return failure(answer.code, `${text} ${argumentsInWords(inputSchema)}`);
}
