/** Calls of tools that are operations. */
import type { CallToolResult } from '@modelcontextprotocol/server';
import { suggestion } from '../callers/nearest-name.ts';
import { envelopeSchema, toolError, toolResultOf } from './answer.ts';
import { progressIn } from './hidden-fields.ts';
import { argumentsInWords, type Tool, type ToolContext } from './tool.ts';
import type { OperationTool } from './operation-files.ts';

export function createOperationTool(operation: OperationTool): Tool {
  const { name, description, inputSchema, dataSchema } = operation;
  return {
    name,
    description,
    inputSchema,
    outputSchema: envelopeSchema(dataSchema),
    call: async (given, context) => {
      const unknown = Object.keys(given).find((each) => !Object.hasOwn(inputSchema.properties, each));
      if (unknown !== undefined) {
        const hint = suggestion(unknown, Object.keys(inputSchema.properties)) || '.';
        return toolError(
          `BAD_USER_INPUT: Unknown argument ${JSON.stringify(unknown.slice(0, 50))}${hint} ${argumentsInWords(inputSchema)}`,
        );
      }
      const call = { tool: name, text: operation.text, variables: given, isProvided: true };
      return explained(await runOperation(call, operation, context), operation);
    },
  };
}

/** Runs an operation to its end, and reports its progress. */
export async function runOperation(
  call: Parameters<ToolContext['operations']['run']>[0],
  { afterArguments }: Pick<OperationTool, 'afterArguments'>,
  { operations, maxCharacters, onProgress }: ToolContext,
): Promise<CallToolResult> {
  const text = await operations.run(call, (json) => {
    const progress = progressIn((JSON.parse(json) as { data?: unknown }).data);
    if (progress === null) return;
    const { done, total, secondsLeft } = progress;
    const left = secondsLeft === null ? '' : `, about ${Math.ceil(secondsLeft)} s left`;
    onProgress(done, total, `${done} of ${total} tenants${left}`);
  });
  return toolResultOf(text, { afterArguments }, maxCharacters);
}

/** A wrong argument's error in the tool's own words, with the right ones. */
function explained(result: CallToolResult, { inputSchema }: OperationTool): CallToolResult {
  const [first] = result.content;
  if (result.isError !== true || first?.type !== 'text' || !first.text.startsWith('BAD_USER_INPUT'))
    return result;
  return toolError(`${first.text.replaceAll('Variable "$', 'Argument "')} ${argumentsInWords(inputSchema)}`);
}
