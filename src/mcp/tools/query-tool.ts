/** The tool for queries that an assistant writes. */
import { envelopeSchema } from '../answers/envelope-schema.ts';
import { freeCall, queryProperties, withSearchHint, type FreeQueryOptions } from './free-query.ts';
import { argumentsSchema } from '../documents/json-schema.ts';
import { listAfterName, listAfterSchema } from '../documents/list-offset.ts';
import { runOperation } from './operation-tool.ts';
import type { Tool } from './tool.ts';

export function createQueryTool(options: FreeQueryOptions): Tool {
  const lookUp = options.hasIntrospection ? 'Look names up with search_schema first, select' : 'Select';
  return {
    name: 'query',
    description: `Executes a GraphQL query of your own, if no other tool answers the question. ${lookUp} few fields, and give lists a first.`,
    inputSchema: argumentsSchema({ ...queryProperties, [listAfterName]: listAfterSchema }, ['query']),
    outputSchema: envelopeSchema({ type: 'object' }, { hasCursors: true, hasMatchedCustomers: false }),
    call: async (given, context) => {
      const call = freeCall(options, given);
      return 'code' in call ? call : withSearchHint(await runOperation(call, null, context), options);
    },
  };
}
