/** Calls of a tool without arguments, whose answer a test gives. */
import type { ToolCall } from '../../src/mcp/notes.ts';

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
      listArguments: { after, before: new Map(), first: new Map(), last: new Map() },
      defaults: {},
      customerArguments: [],
      fieldOf: new Map(),
    },
    given: {},
    groupingTool: null,
  };
}
