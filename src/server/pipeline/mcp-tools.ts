/** Creates the tools for assistants, and checks the operator's files. */
import { Kind, type GraphQLSchema } from 'graphql';
import { GatewayError } from '../../errors.ts';
import { changesFormatNames } from '../../exports/change-formats.ts';
import { exportFormatNames } from '../../exports/formats.ts';
import { exportListNames } from '../../exports/lists.ts';
import { maxWindow } from '../../graph/connection.ts';
import type { ExportToolOptions } from '../../mcp/tools/export-tool.ts';
import { inputSchemaOf } from '../../mcp/documents/json-schema.ts';
import { createToolSet, type McpSetting } from '../../mcp/tools/tool-set.ts';
import { parseDocument } from '../limits/document.ts';
import { exportDefinitionOf, ExportRequests } from './export-request.ts';
import type { ExportsSetting } from './file-responses.ts';
import { documentFault, type PreparationOptions } from './prepare-operation.ts';
import { RequestErrors } from './refusals.ts';
import type { RequestStateOptions } from './request-state.ts';

export interface McpToolsOptions
  extends Pick<PreparationOptions, 'schema' | 'maxCost'>, Pick<RequestStateOptions, 'maxCalls'> {
  readonly endpoint: Pick<PreparationOptions['endpoint'], 'hasIntrospection'> & {
    readonly exports: ExportsSetting;
  };
}

/** @throws ToolError if one of the operator's files can't be used */
export function createMcpTools(
  setting: McpSetting,
  { schema, maxCost, maxCalls, endpoint }: McpToolsOptions,
): ReturnType<typeof createToolSet> {
  const { hasIntrospection, exports } = endpoint;
  return createToolSet(setting, {
    schema,
    faultOf: (text) => documentFault(schema, text, endpoint),
    parse: parseDocument,
    maxWindow,
    maxCost,
    maxCalls,
    hasIntrospection,
    exports: exports === 'off' ? null : exportsOf(schema, hasIntrospection),
    exportsForAll: exports === 'all',
  });
}

/** The files that can be exported, and their parameters. */
function exportsOf(schema: GraphQLSchema, hasIntrospection: boolean): ExportToolOptions {
  const requests = new ExportRequests({ schema, hasIntrospection });
  const lists = exportListNames.map((list) => {
    const faultOf = (given: Readonly<Record<string, unknown>>) => {
      try {
        requests.read(list, given);
        return null;
      } catch (error) {
        if (error instanceof GatewayError || error instanceof RequestErrors) return error.message;
        throw error;
      }
    };
    const document = exportDefinitionOf(list);
    const parameters = inputSchemaOf(schema, { kind: Kind.DOCUMENT, definitions: [document] }, document, {
      maxWindow,
    });
    return [
      list,
      { formats: exportFormatNames, schema: hasIntrospection ? parameters : null, faultOf },
    ] as const;
  });
  return { lists: Object.fromEntries(lists), changesFormats: changesFormatNames };
}
