/** The tools that assistants get by the operator's settings, checked when the gateway starts. */
import type { GraphQLSchema } from 'graphql';
import { GatewayError } from '../../errors.ts';
import { exportFormatNames } from '../../exports/formats.ts';
import { exportListNames, type ExportList } from '../../exports/lists.ts';
import { maxWindow } from '../../graph/connection.ts';
import type { ExportToolOptions } from '../../mcp/export-tool.ts';
import type { Tool } from '../../mcp/tool.ts';
import { createToolSet, type McpSetting } from '../../mcp/tool-set.ts';
import { parseDocument } from '../limits/document.ts';
import { ExportRequests } from './export-request.ts';
import type { ExportsSetting } from './exports.ts';
import { documentFault, type PreparationOptions } from './prepare-operation.ts';
import { RequestErrors } from './refusals.ts';

export interface McpToolsOptions extends Pick<PreparationOptions, 'schema' | 'maxCost'> {
  readonly endpoint: Pick<PreparationOptions['endpoint'], 'hasIntrospection'> & {
    readonly exports: ExportsSetting;
  };
}

/** @throws ToolError if a file of the operator's can't be used */
export function createMcpTools(
  setting: McpSetting,
  { schema, maxCost, endpoint }: McpToolsOptions,
): readonly Tool[] {
  const { hasIntrospection, exports } = endpoint;
  return createToolSet(setting, {
    schema,
    faultOf: (text) => documentFault(schema, text, endpoint),
    parse: parseDocument,
    maxWindow,
    maxCost,
    hasIntrospection,
    exports: exports === 'off' ? null : exportsOf(schema, hasIntrospection),
  });
}

/** What files there are, and how they are asked for. */
function exportsOf(schema: GraphQLSchema, hasIntrospection: boolean): ExportToolOptions {
  const requests = new ExportRequests({ schema, hasIntrospection });
  return {
    lists: Object.fromEntries(exportListNames.map((list) => [list, exportFormatNames])),
    faultOf: (list, given) => {
      try {
        requests.read(list as ExportList, given);
        return null;
      } catch (error) {
        if (error instanceof GatewayError || error instanceof RequestErrors) return error.message;
        throw error;
      }
    },
  };
}
