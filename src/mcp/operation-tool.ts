/** Calls of tools that are operations. */
import type { CallToolResult } from '@modelcontextprotocol/server';
import { envelopeSchema, maxReadCharacters, toolError, toolResultOf } from './answer.ts';
import { argumentsInWords } from './arguments.ts';
import { progressIn } from './hidden-fields.ts';
import { withMatched } from './matched-customers.ts';
import type { ToolCall } from './notes.ts';
import type { OperationTool } from './operation-files.ts';
import type { OperationCall, Tool, ToolContext } from './tool.ts';

/** @param groupingTool the tool that lists the values of departments and the like; null if there is none */
export function createOperationTool(tool: OperationTool, groupingTool: string | null): Tool {
  const { name, description, inputSchema, dataSchema } = tool;
  return {
    name,
    description,
    inputSchema,
    outputSchema: envelopeSchema(dataSchema),
    call: async (given, context) => {
      const call = operationCall(tool, given);
      return explained(
        await runOperation(call, { tool, given: call.variables, groupingTool }, context),
        tool,
      );
    },
  };
}

export function operationCall(tool: OperationTool, given: Readonly<Record<string, unknown>>): OperationCall {
  const variables = withMatched({ ...tool.defaults, ...given }, tool);
  return { text: tool.text, variables, isProvided: true };
}

/**
 * Runs an operation to its end, and reports its progress.
 *
 * @param toolCall null for a query that the caller has written
 */
export async function runOperation(
  call: OperationCall,
  toolCall: ToolCall | null,
  { operations, maxCharacters, onProgress }: ToolContext,
): Promise<CallToolResult> {
  const text = await operations.run(call, (json) => {
    if (json.length > maxReadCharacters) return;
    const progress = progressIn((JSON.parse(json) as { data?: unknown }).data);
    if (progress === null) return;
    const { done, total, secondsLeft } = progress;
    const left = secondsLeft === null ? '' : `, about ${Math.ceil(secondsLeft)} s left`;
    onProgress(done, total, `${done} of ${total} tenants${left}`);
  });
  return toolResultOf(text, toolCall, call.variables, maxCharacters);
}

/** The error of a wrong argument in the tool's words, with the right ones. */
export function explained(
  result: CallToolResult,
  { inputSchema }: Pick<OperationTool, 'inputSchema'>,
): CallToolResult {
  const [first] = result.content;
  if (result.isError !== true || first?.type !== 'text' || !first.text.startsWith('BAD_USER_INPUT'))
    return result;
  return toolError(`${first.text.replaceAll('Variable "$', 'Argument "')} ${argumentsInWords(inputSchema)}`);
}
