/** A folder of tools for the conformance suite: those that come with the gateway, and operations by names that it calls. */
import { cpSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

const shippedFolder = fileURLToPath(new URL('../../mcp/', import.meta.url));

const report = (filter: string) =>
  `{ protectionReport(filter: ${filter}) { progress { tenantsDone tenantsTotal } totals { userCount } } }`;

const documents: Readonly<Record<string, string>> = {
  test_simple_text: 'query test_simple_text { customers { totalCount } }',
  test_error_handling: 'query test_error_handling { customers(first: 1, after: "no cursor") { totalCount } }',
  test_tool_with_progress: `subscription test_tool_with_progress ${report('{}')}`,
  test_logging_tool: 'query test_logging_tool { customers { totalCount } }',
  // The suite waits for 600 ms.
  test_streaming_elicitation: `subscription test_streaming_elicitation ${report('{ search: "no such customer" }')}`,
  test_reconnection: `subscription test_reconnection ${report('{}')}`,
};

export interface SuiteTools {
  readonly folder: string;
  readonly remove: () => void;
}

export function createSuiteTools(): SuiteTools {
  const folder = mkdtempSync(join(tmpdir(), 'tools-'));
  cpSync(shippedFolder, folder, { recursive: true });
  for (const [name, document] of Object.entries(documents))
    writeFileSync(join(folder, `${name}.graphql`), `"For the conformance suite."\n${document}\n`);
  return {
    folder,
    remove: () => {
      rmSync(folder, { recursive: true });
    },
  };
}
