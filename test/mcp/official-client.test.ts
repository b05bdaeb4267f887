/** The official client's answers are those of the graph, at the same price, in both revisions, over HTTP and over stdio. */
import { Ajv2020, type ValidateFunction } from 'ajv/dist/2020.js';
import type { CallToolResult, Client } from '@modelcontextprotocol/client';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { startGatewayUnderTest, type GatewayUnderTest } from '../gateway-under-test.ts';
import { connectOverHttp, connectOverStdio, mcpSetting, ownSettings, revisions } from './official-client.ts';
import { shippedTools, shippedWorld, withoutTimes } from './shipped-tools.ts';

const ajv = new Ajv2020({ strict: true, allowUnionTypes: true, allErrors: true });
const endpoint = { mcp: { ...mcpSetting, maxCharacters: 1_000_000 } };
const world = shippedWorld();
/** Of all gateways in this process. */
let now = Date.now();
const clock = () => now;
const dayMs = 86_400_000;
const start = () => startGatewayUnderTest({ world, endpoint, clock });
/** For questions to the graph alone: to read the tools takes most of a start. */
const startReference = () => startGatewayUnderTest({ world, clock });

/** One for each schema, by its text: a compilation takes longer than all checks by it. */
const validators = new Map<string, ValidateFunction>();

function validatorOf(schema: object): ValidateFunction {
  const text = JSON.stringify(schema);
  let validate = validators.get(text);
  if (validate === undefined) validators.set(text, (validate = ajv.compile(schema)));
  return validate;
}

interface Connection {
  readonly client: Client;
  readonly calls: GatewayUnderTest['calls'];
  readonly close: () => Promise<void>;
}

/** Each way in, with a gateway that nothing was asked of. */
const connections: Readonly<Record<string, (revision: string) => Promise<Connection>>> = {
  http: async (revision) => {
    const gateway = await start();
    const client = await connectOverHttp(gateway.url, revision);
    return connectionOf(gateway, client);
  },
  'stdio with --url': async (revision) => {
    const gateway = await start();
    const client = await connectOverStdio(['--url', `${gateway.url}/mcp`], {}, revision);
    return connectionOf(gateway, client);
  },
  stdio: async (revision) => {
    const upstream = await startReference();
    const client = await connectOverStdio([], ownSettings(upstream.simulator), revision);
    return connectionOf(upstream, client);
  },
};

function connectionOf(gateway: GatewayUnderTest, client: Client): Connection {
  return {
    client,
    calls: gateway.calls,
    close: async () => {
      await client.close();
      await gateway.stop();
    },
  };
}

/** The last result of the document itself, as any other client asks for it. */
async function askGraph(url: string, query: string, variables: object): Promise<unknown> {
  const response = await fetch(`${url}/graphql`, {
    method: 'POST',
    headers: { 'content-type': 'application/json', accept: 'text/event-stream, application/json' },
    body: JSON.stringify({ query, variables }),
  });
  const text = await response.text();
  const results = text.startsWith('{')
    ? [text]
    : [...text.matchAll(/^data: (\{.*)$/gm)].map(([, data]) => data);
  const { data, errors } = JSON.parse(results.at(-1) ?? '') as { data: unknown; errors?: unknown };
  expect(errors).toBeUndefined();
  return data;
}

/** Takes the calls made so far, so that the next ones are of the next question. */
function takeCalls(calls: GatewayUnderTest['calls']): readonly string[] {
  return calls
    .splice(0)
    .map(({ method, path, query }) => `${method} ${path}?${query.toString()}`)
    .sort();
}

function schemaOf(tools: Awaited<ReturnType<Client['listTools']>>['tools'], name: string): object {
  return tools.find((tool) => tool.name === name)?.outputSchema ?? { not: {} };
}

function contentOf({ content, structuredContent, isError }: CallToolResult): Record<string, unknown> {
  const [first] = content;
  if (first?.type !== 'text') throw new Error('The content is no text.');
  expect({ isError: isError ?? false, text: isError === true ? first.text : '' }).toEqual({
    isError: false,
    text: '',
  });
  expect(JSON.parse(first.text)).toEqual(structuredContent);
  return structuredContent as Record<string, unknown>;
}

describe.each(revisions)('%s', (revision) => {
  describe.each(Object.keys(connections))('%s', (way) => {
    let connection: Connection;
    let reference: GatewayUnderTest;
    beforeAll(async () => {
      const open = connections[way];
      if (open === undefined) throw new Error(way);
      [connection, reference] = await Promise.all([open(revision), startReference()]);
    });
    afterAll(() => Promise.all([connection.close(), reference.stop()]));

    test('tools are listed, and answer as the graph does, with the same calls', async () => {
      const { tools } = await connection.client.listTools();
      expect(tools.map(({ name }) => name)).toEqual([
        ...shippedTools.map(({ name }) => name),
        ...['operation_cost', ...(way === 'stdio' ? [] : ['export_command']), 'query', 'search_schema'],
      ]);
      for (const { inputSchema, outputSchema = {} } of tools)
        for (const schema of [inputSchema, outputSchema])
          expect(ajv.validateSchema(schema as object)).toBe(true);
      for (const { name, document, given } of shippedTools) {
        const result = await connection.client.callTool({ name, arguments: given });
        const content = contentOf(result);
        const validate = validatorOf(schemaOf(tools, name));
        expect({ name, isValid: validate(content), errors: validate.errors }).toMatchObject({
          isValid: true,
        });
        const data = await askGraph(reference.url, document, given);
        expect({ name, data: withoutTimes(content['data']) }).toEqual({ name, data: withoutTimes(data) });
        expect(content).toMatchObject({ isComplete: true, missing: [] });
        expect({ name, calls: takeCalls(connection.calls) }).toEqual({
          name,
          calls: takeCalls(reference.calls),
        });
        // Over HTTP, each tool reads all anew; over stdio, from what those before it have read.
        if (way === 'http') now += dayMs;
      }
    });

    test('tools of the gateway itself answer as their schemas say', async () => {
      const { client } = connection;
      const { tools } = await client.listTools();
      const given: Readonly<Record<string, Record<string, unknown>>> = {
        operation_cost: { tool: 'unprotected_users', arguments: { first: 7 } },
        export_command: { list: 'users', format: 'csv', customers: { search: 'a' } },
        query: { query: '{ customers(first: 2) { totalCount nodes { organization } } }' },
        search_schema: { search: 'UserFilter' },
      };
      for (const { name } of tools) {
        if (given[name] === undefined) continue;
        const content = contentOf(await client.callTool({ name, arguments: given[name] }));
        const validate = validatorOf(schemaOf(tools, name));
        expect({ name, isValid: validate(content), errors: validate.errors }).toMatchObject({
          isValid: true,
        });
      }
    });

    test('wrong arguments are errors that list the right ones', async () => {
      const { client } = connection;
      for (const { name } of shippedTools)
        for (const wrong of [
          { nonsense: 1 },
          name === 'protection_report' ? { customer: 5 } : { first: 'x' },
        ]) {
          const { content, isError } = await client.callTool({ name, arguments: wrong });
          expect(isError).toBe(true);
          expect(content).toEqual([
            { type: 'text', text: expect.stringMatching(/^BAD_USER_INPUT: [^]* This tool takes/) },
          ]);
        }
      await expect(client.callTool({ name: 'find_user', arguments: {} })).rejects.toThrow(/find_users/);
    });
  });
});
