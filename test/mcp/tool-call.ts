/** Calls of a tool without arguments, whose answer a test gives. */
import { answerOf, resultOf } from '../../src/mcp/answers/answer.ts';
import type { ToolCall } from '../../src/mcp/answers/notes.ts';

/** @param after the argument that continues a connection, by its path */
export function toolCallOf(after: ReadonlyMap<string, string> = new Map()): ToolCall {
  return {
    tool: {
      name: 'tool',
      description: 'A tool.',
      inputSchema: { type: 'object', properties: {} },
      dataSchema: {},
      text: '',
      isSubscription: false,
      takesListAfter: false,
      ranges: [],
      listArguments: { after, before: new Map(), first: new Map(), last: new Map() },
      switches: new Map(),
      defaults: {},
      customers: { arguments: [], listsCustomers: false },
      fieldOf: new Map(),
    },
    given: {},
    groupingTool: null,
  };
}

/** The result that is sent for that of an operation. */
export function toolResultOf(
  text: string,
  call: ToolCall,
  maxCharacters: number,
): ReturnType<typeof resultOf> {
  return resultOf(answerOf(text, { call, variables: {}, maxCharacters, listAfter: null }));
}
