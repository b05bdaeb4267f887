/** The protocol's own conformance suite, against each revision that it knows: what fails is listed here, with its reason. */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { createGeneratedWorld } from '../../src/simulator/generated-world.ts';
import { startGatewayUnderTest } from '../gateway-under-test.ts';
import { mcpSetting } from './official-client.ts';
import { createSuiteTools, type SuiteTools } from './suite-tools.ts';

interface Check {
  readonly id: string;
  readonly status: string;
  readonly errorMessage?: string;
}

const root = fileURLToPath(new URL('../..', import.meta.url));
const passed = new Set(['SUCCESS', 'INFO', 'SKIPPED']);

const resources = 'there are no resources';
const prompts = 'there are no prompts';
const completions = 'there are no completions';
const logging = 'there is no logging to clients';
const input = 'the gateway asks nothing of the client: no elicitation, no sampling, no roots';
const otherContent = 'answers are JSON: no images, sound or embedded resources';
const resumption = 'streams are not resumed: a call that was cut off is sent again, and finds the cache';
const headers = 'no argument is also sent as a header';
const schemas = 'it asks for a tool with a schema of its own; those of tools follow from their operations';

/** Checks that do not apply, by their scenarios. */
const inapplicable: Readonly<Record<string, Readonly<Record<string, string>>>> = {
  '2026-07-28': {
    'caching: sep-2549-prompts-list-caching-hints': prompts,
    'caching: sep-2549-resources-list-caching-hints': resources,
    'caching: sep-2549-resources-templates-list-caching-hints': resources,
    'completion-complete: completion-complete': completions,
    'http-custom-header-server-validation: sep-2243-server-no-xmcp-tool': headers,
    'http-custom-header-server-validation: sep-2243-server-decode-base64': headers,
    'http-custom-header-server-validation: sep-2243-server-validate-param-match': headers,
    'http-custom-header-server-validation: sep-2243-server-reject-invalid-param-chars': headers,
    'http-custom-header-server-validation: sep-2243-server-reject-param-mismatch': headers,
    'input-required-result-basic-elicitation: sep-2322-elicitation-incomplete': input,
    'input-required-result-basic-list-roots: sep-2322-list-roots-incomplete': input,
    'input-required-result-basic-sampling: sep-2322-sampling-incomplete': input,
    'input-required-result-capability-check: sep-2322-respect-client-capabilities': input,
    'input-required-result-ignore-extra-params: sep-2322-ignore-unexpected-params': input,
    'input-required-result-missing-input-response: sep-2322-missing-response-rerequests': input,
    'input-required-result-multi-round: sep-2322-multi-round-r1': input,
    'input-required-result-multiple-input-requests: sep-2322-multiple-inputs-incomplete': input,
    'input-required-result-non-tool-request: sep-2322-non-tool-incomplete': input,
    'input-required-result-request-state: sep-2322-request-state-incomplete': input,
    'input-required-result-result-type: sep-2322-result-type-included': input,
    'input-required-result-tampered-state: sep-2322-reject-tampered-state': input,
    'json-schema-2020-12: json-schema-2020-12-tool-found': schemas,
    'prompts-get-embedded-resource: prompts-get-embedded-resource': prompts,
    'prompts-get-simple: prompts-get-simple': prompts,
    'prompts-get-with-args: prompts-get-with-args': prompts,
    'prompts-get-with-image: prompts-get-with-image': prompts,
    'prompts-list: prompts-list': prompts,
    'resources-list: resources-list': resources,
    'resources-read-binary: resources-read-binary': resources,
    'resources-read-text: resources-read-text': resources,
    'resources-templates-read: resources-templates-read': resources,
    'sep-2164-resource-not-found: sep-2164-data-uri': resources,
    'sep-2164-resource-not-found: sep-2164-error-code': resources,
    'server-stateless: sep-2575-missing-capability-http-400': input,
    'server-stateless: sep-2575-server-rejects-undeclared-capability': input,
    'tools-call-audio: tools-call-audio': otherContent,
    'tools-call-embedded-resource: tools-call-embedded-resource': otherContent,
    'tools-call-image: tools-call-image': otherContent,
    'tools-call-mixed-content: tools-call-mixed-content': otherContent,
  },
  '2025-11-25': {
    'completion-complete: completion-complete': completions,
    'elicitation-sep1034-defaults: elicitation-sep1034-general': input,
    'elicitation-sep1330-enums: elicitation-sep1330-general': input,
    'json-schema-2020-12: json-schema-2020-12-tool-found': schemas,
    'logging-set-level: logging-set-level': logging,
    'prompts-get-embedded-resource: prompts-get-embedded-resource': prompts,
    'prompts-get-simple: prompts-get-simple': prompts,
    'prompts-get-with-args: prompts-get-with-args': prompts,
    'prompts-get-with-image: prompts-get-with-image': prompts,
    'prompts-list: prompts-list': prompts,
    'resources-list: resources-list': resources,
    'resources-read-binary: resources-read-binary': resources,
    'resources-read-text: resources-read-text': resources,
    'resources-subscribe: resources-subscribe': resources,
    'resources-templates-read: resources-templates-read': resources,
    'resources-unsubscribe: resources-unsubscribe': resources,
    'server-sse-polling: server-sse-priming-event': resumption,
    'server-sse-polling: server-sse-retry-field': resumption,
    'tools-call-audio: tools-call-audio': otherContent,
    'tools-call-elicitation: tools-call-elicitation': input,
    'tools-call-embedded-resource: tools-call-embedded-resource': otherContent,
    'tools-call-image: tools-call-image': otherContent,
    'tools-call-mixed-content: tools-call-mixed-content': otherContent,
    'tools-call-sampling: tools-call-sampling': input,
    'tools-call-with-logging: tools-call-with-logging': logging,
  },
};

/** Checks that passed at the time of writing; fewer say that a scenario gave up. */
const minPassed: Readonly<Record<string, number>> = { '2026-07-28': 92, '2025-11-25': 42 };

let tools: SuiteTools;
beforeAll(() => {
  tools = createSuiteTools();
});
afterAll(() => {
  tools.remove();
});

/** Runs the suite, and reads its checks by their scenarios. */
async function checksOf(url: string, revision: string): Promise<Map<string, readonly Check[]>> {
  const folder = mkdtempSync(join(tmpdir(), 'conformance-'));
  const suite = spawn(
    process.execPath,
    [
      ...['--import', './test/mcp/with-glob-sync.js'],
      ...['node_modules/@modelcontextprotocol/conformance/dist/index.js', 'server', '--url', url],
      ...['--suite', 'all', '--spec-version', revision, '-o', folder],
    ],
    { cwd: root, env: { PATH: process.env['PATH'] ?? '' }, stdio: ['ignore', 'ignore', 'pipe'] },
  );
  const [complaints] = await Promise.all([text(suite.stderr), once(suite, 'exit')]);
  const found = new Map(
    readdirSync(folder).map((name) => [
      name.replace(/^server-/, '').replace(/-\d{4}-\d\d-\d\dT.*$/, ''),
      JSON.parse(readFileSync(join(folder, name, 'checks.json'), 'utf8')) as readonly Check[],
    ]),
  );
  rmSync(folder, { recursive: true });
  if (found.size === 0) throw new Error(`The suite did not run: ${complaints}`);
  return found;
}

test.each(Object.keys(inapplicable))('%s: nothing fails but what does not apply', async (revision) => {
  // Slow enough for three reports of progress, which the gateway sends 250 ms apart.
  const world = createGeneratedWorld({ seed: 1, customers: 4, tenantsPerCustomer: 2, usersPerTenant: 120 });
  const gateway = await startGatewayUnderTest({
    world,
    latencyMs: 100,
    maxConcurrentCalls: 1,
    endpoint: { mcp: { ...mcpSetting, toolsFolder: tools.folder } },
  });
  const scenarios = await checksOf(`${gateway.url}/mcp`, revision);
  await gateway.stop();
  const failures: Record<string, string> = {};
  let count = 0;
  for (const [scenario, checks] of scenarios)
    for (const { id, status, errorMessage = '' } of checks) {
      if (status === 'SUCCESS') count += 1;
      const name = `${scenario}: ${id}`;
      if (!passed.has(status)) failures[name] = inapplicable[revision]?.[name] ?? errorMessage;
    }
  expect(failures).toEqual(inapplicable[revision]);
  expect(count).toBeGreaterThanOrEqual(minPassed[revision] ?? Infinity);
  expect(gateway.reported).toEqual([]);
});
