/** All tools of a gateway: the operations of a folder, and built-in ones. */
import { fileURLToPath } from 'node:url';
import { packageFolder } from '../../package-folder.ts';
import { createCostTool, type CostToolOptions } from './cost-tool.ts';
import { createExportTool, type ExportToolOptions } from './export-tool.ts';
import type { JsonSchema } from '../documents/json-schema.ts';
import { readTools, type OperationFileOptions } from '../documents/operation-files.ts';
import { createOperationTool } from './operation-tool.ts';
import { createQueryTool } from './query-tool.ts';
import { createSearchTool } from './search-tool.ts';
import type { Tool } from './tool.ts';

/** The operator's settings of the endpoint for assistants. */
export interface McpSetting {
  /** Folder of the tools' documents; null for the gateway's own. */
  readonly toolsFolder: string | null;
  /** Whether assistants may write queries. */
  readonly hasQueries: boolean;
  /** Maximum characters of an answer. */
  readonly maxCharacters: number;
  /** The endpoint's public URL, a permitted audience of tokens; null if unknown. */
  readonly url: URL | null;
  /** Issuer of the callers' tokens; null if tokens are not accepted. */
  readonly authorizationServer: string | null;
}

export interface ToolSetOptions
  extends OperationFileOptions, Omit<CostToolOptions, 'tools' | 'hasQueries' | 'schema'> {
  /** Null if exports are off. */
  readonly exports: ExportToolOptions | null;
  /** Whether callers who may send only trusted documents may export. */
  readonly exportsForAll: boolean;
}

interface ToolSet {
  /** Tools for callers who may send any document. */
  readonly all: readonly Tool[];
  /** Tools for callers who may send only trusted documents. */
  readonly restricted: readonly Tool[];
}

const shippedFolder = fileURLToPath(new URL('mcp/', packageFolder));

/** Names that no file of tools may use. */
const ownNames = ['operation_cost', 'export_command', 'query', 'search_schema'];

/** Skips validation of the gateway's own documents, most of the time to read them; a test validates them. */
const noFault = () => null;

/** @throws ToolError if a file can't be used */
export function createToolSet(
  { toolsFolder, hasQueries }: Pick<McpSetting, 'toolsFolder' | 'hasQueries'>,
  options: ToolSetOptions,
): ToolSet {
  const { exports, exportsForAll, schema, hasIntrospection } = options;
  const tools =
    toolsFolder === null
      ? readTools(shippedFolder, { ...options, faultOf: noFault }, ownNames)
      : readTools(toolsFolder, options, ownNames);
  const grouping =
    tools.find(({ inputSchema: { properties } }) => isGrouping(properties['by']))?.name ?? null;
  const operations = tools.map((tool) => createOperationTool(tool, grouping));
  const exportTools = exports === null ? [] : [createExportTool(exports)];
  return {
    all: [
      ...operations,
      createCostTool({ ...options, tools, hasQueries }),
      ...exportTools,
      ...(hasQueries ? [createQueryTool(options)] : []),
      ...(hasQueries && hasIntrospection ? [createSearchTool(schema)] : []),
    ],
    restricted: [
      ...operations,
      createCostTool({ ...options, tools, hasQueries: false }),
      ...(exportsForAll ? exportTools : []),
    ],
  };
}

/** Whether an argument chooses how users are grouped. */
function isGrouping(argument: JsonSchema = {}): boolean {
  const { enum: values } = argument;
  return Array.isArray(values) && values.includes('DEPARTMENT');
}
