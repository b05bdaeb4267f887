/** All tools that a gateway offers: the operations of a folder, and its own. */
import { fileURLToPath } from 'node:url';
import { packageFolder } from '../package-folder.ts';
import { createGatewayTools, gatewayToolNames, type GatewayToolOptions } from './gateway-tools.ts';
import { createOperationTool } from './operation-tool.ts';
import { readTools, type OperationFileOptions } from './operation-files.ts';
import type { Tool } from './tool.ts';

/** The operator's settings of the endpoint for assistants. */
export interface McpSetting {
  /** Where the documents of tools are; null for those that come with the gateway. */
  readonly toolsFolder: string | null;
  /** Whether assistants may write queries of their own. */
  readonly hasQueries: boolean;
  /** Of the text of an answer. */
  readonly maxCharacters: number;
  /** The endpoint as clients know it, by which tokens may be meant for it; null if it is not known. */
  readonly url: URL | null;
  /** Issuer of the tokens that callers may send; null if they may send none. */
  readonly authorizationServer: string | null;
}

export type ToolSetOptions = OperationFileOptions & Omit<GatewayToolOptions, 'tools' | 'hasQueries'>;

const shippedFolder = fileURLToPath(new URL('mcp/', packageFolder));

/** @throws ToolError if a file can't be used */
export function createToolSet(
  { toolsFolder, hasQueries }: Pick<McpSetting, 'toolsFolder' | 'hasQueries'>,
  options: ToolSetOptions,
): readonly Tool[] {
  const operations = readTools(toolsFolder ?? shippedFolder, options, gatewayToolNames);
  return [
    ...operations.map(createOperationTool),
    ...createGatewayTools({ ...options, tools: operations, hasQueries }),
  ];
}
