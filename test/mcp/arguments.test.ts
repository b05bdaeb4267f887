/** Each shipped tool takes what its schema accepts, and refuses the rest in words that name the argument. */
import { beforeAll, expect, test } from '@jest/globals';
import { Ajv2020, type ErrorObject } from 'ajv/dist/2020.js';
import fc, { type Arbitrary } from 'fast-check';
import { createGeneratedWorld } from '../../src/simulator/generated-world.ts';
import { useGateway } from '../use-gateway.ts';
import { answerOf, callTool, sendMessage } from './message-sender.ts';
import { mcpSetting } from './official-client.ts';
import { shippedTools } from './shipped-tools.ts';

type Schema = Readonly<Record<string, unknown>>;

interface ListedTool {
  readonly name: string;
  readonly inputSchema: Schema & { readonly properties: Readonly<Record<string, Schema>> };
}

const world = createGeneratedWorld({ seed: 1, customers: 2, tenantsPerCustomer: 1, usersPerTenant: 3 });

let tools: ReadonlyMap<string, ListedTool>;
const gateway = useGateway({ world, endpoint: { mcp: mcpSetting } });
beforeAll(async () => {
  const { result } = answerOf(
    await sendMessage(gateway.url, '{"jsonrpc":"2.0","id":1,"method":"tools/list"}'),
  );
  const listed = (result as { readonly tools: readonly ListedTool[] }).tools;
  tools = new Map(listed.map((tool) => [tool.name, tool]));
});

const isDay = (text: string) => {
  const start = new Date(`${text}T00:00:00Z`);
  return /^\d{4}-\d\d-\d\d$/.test(text) && !Number.isNaN(start.getTime()) && start.toJSON().startsWith(text);
};
const isInstant = (text: string) =>
  /^.{10}T\d\d:\d\d:\d\d(?:\.\d+)?(?:Z|[+-]\d\d:\d\d)$/.test(text) &&
  isDay(text.slice(0, 10)) &&
  !Number.isNaN(Date.parse(text));

const ajv = new Ajv2020({ strict: true, allowUnionTypes: true, allErrors: true });
ajv.addFormat('date', isDay);
ajv.addFormat('date-time', isInstant);

const oddDates = ['2026-02-30', '2026-1-1', '2026-01-01T00:00:00', '2026-01-31T25:00:00Z', 'May'];
const instants = fc
  .tuple(
    fc.date({ min: new Date('1000-01-02'), max: new Date('9999-12-30'), noInvalidDate: true }),
    fc.constantFrom('day', 'Z', '+05:30', '-11:00'),
  )
  .map(([date, form]) => {
    const text = date.toISOString();
    return form === 'day' ? text.slice(0, 10) : text.replace('Z', form);
  });

/** Values that a schema accepts, but for some dates. */
function valuesOf(schema: Schema, defs: Readonly<Record<string, Schema>>): Arbitrary<unknown> {
  const { anyOf, $ref, enum: values, type, items, properties, required = [] } = schema;
  if (typeof $ref === 'string') return valuesOf(defs[$ref.replace('#/$defs/', '')] ?? {}, defs);
  const types = Array.isArray(type) ? (type as readonly unknown[]) : [type];
  if (types.includes('null')) {
    const { enum: listed, ...rest } = schema;
    const other = types.find((each) => each !== 'null');
    const names = Array.isArray(listed) ? { enum: listed.filter((each) => each !== null) } : {};
    if (other === undefined) return fc.constant(null);
    return fc.oneof(
      { weight: 1, arbitrary: fc.constant(null) },
      { weight: 5, arbitrary: valuesOf({ ...rest, ...names, type: other }, defs) },
    );
  }
  if (Array.isArray(values)) return fc.constantFrom(...(values as readonly unknown[]));
  const choices = Array.isArray(anyOf) ? (anyOf as readonly Schema[]) : [];
  if (choices.some(({ format }) => format !== undefined))
    return fc.oneof(
      { weight: 5, arbitrary: instants },
      { weight: 1, arbitrary: fc.constantFrom(...oddDates) },
    );
  if (choices.length > 0) return fc.oneof(...choices.map((choice) => valuesOf(choice, defs)));
  switch (type) {
    case 'integer':
      return fc.integer({ min: Number(schema['minimum']), max: Number(schema['maximum']) });
    case 'number':
      return fc.double({ min: Number(schema['minimum']), max: Number(schema['maximum']), noNaN: true });
    case 'boolean':
      return fc.boolean();
    case 'array':
      return fc.array(valuesOf(items as Schema, defs), { maxLength: 4 });
    case 'object': {
      const fields = Object.entries(properties as Readonly<Record<string, Schema>>)
        // Cursors and ids are those of an earlier answer.
        .filter(([name]) => !['after', 'listAfter', 'customerIds'].includes(name))
        .map(([name, field]) => [name, valuesOf(field, defs)] as const);
      return fc.record(Object.fromEntries(fields), { requiredKeys: required as never[] });
    }
    default:
      return fc.string({ maxLength: 12 });
  }
}

const odd = fc.constantFrom<unknown[]>(
  ...[null, true, -1, 1.5, 1001, 2 ** 31, 'x', '7', '', 'INACTIVE', 'PROTECTED'],
  ...['2026-01-31', 'yesterday'],
  ...[
    [],
    [null],
    ['INACTIVE'],
    [['INACTIVE']],
    {},
    { nothing: 1 },
    { min: '1' },
    { from: 5 },
    { state: 'X' },
  ],
);

/** The same value with another one, or one more, at a place within it. */
function changed(value: unknown, [place, other]: readonly [number, unknown]): unknown {
  if (typeof value !== 'object' || value === null) return other;
  const keys = [...Object.keys(value), 'another'];
  const key = keys[place % keys.length] ?? '';
  const below = Math.floor(place / keys.length);
  if (Array.isArray(value)) {
    const items: readonly unknown[] = value;
    return key === 'another'
      ? [...items, other]
      : items.map((each, index) => (String(index) === key ? changed(each, [below, other]) : each));
  }
  const fields = value as Readonly<Record<string, unknown>>;
  return {
    ...fields,
    [key]: key in fields && below % 2 === 1 ? changed(fields[key], [below >> 1, other]) : other,
  };
}

/** Both ends of a range may be given, in the order that no schema can ask for. */
function withOrderedRanges(value: unknown): unknown {
  return JSON.parse(JSON.stringify(value), (_key, each: unknown) => {
    const { min, max, from, to } = (each ?? {}) as Readonly<Record<string, unknown>>;
    if (typeof min === 'number' && typeof max === 'number')
      return { ...(each as object), min: Math.min(min, max), max: Math.max(min, max) };
    if (typeof from === 'string' && typeof to === 'string' && Date.parse(from) > Date.parse(to))
      return { ...(each as object), from: to, to: from };
    return each;
  }) as unknown;
}

/** The arguments that a refusal has to name, one of which it does. */
function namesIn(errors: readonly ErrorObject[]): readonly string[] {
  return errors.map(({ instancePath, params }) => {
    const [, name] = instancePath.split('/');
    const { missingProperty, additionalProperty } = params as Readonly<Record<string, string | undefined>>;
    return name ?? missingProperty ?? additionalProperty ?? '';
  });
}

test.each(shippedTools)('$name takes the filters of what it selects', ({ name, document }) => {
  const ofCustomers = ['customer', 'customerIds', 'tenantName', 'customerCountry'];
  const hasUsers = /\busers\b|userCount/.test(document.replace(/"""[^]*?"""/, ''));
  const wanted = hasUsers ? [...ofCustomers, 'userCountry', 'exclude'] : ofCustomers;
  const { properties = {} } = tools.get(name)?.inputSchema ?? {};
  expect(Object.keys(properties)).toEqual(expect.arrayContaining(wanted));
});

test.each(shippedTools.map(({ name }) => name))('%s', async (name) => {
  const tool = tools.get(name);
  if (tool === undefined) throw new Error(name);
  const { inputSchema } = tool;
  const validate = ajv.compile(inputSchema);
  const defs = (inputSchema['$defs'] ?? {}) as Readonly<Record<string, Schema>>;
  const changes = fc.array(fc.tuple(fc.nat(5000), odd), { maxLength: 2 });
  let [accepted, refused] = [0, 0];
  await fc.assert(
    fc.asyncProperty(valuesOf(inputSchema, defs), changes, async (values, several) => {
      const given = withOrderedRanges(several.reduce<unknown>(changed, values)) as object;
      const { after, listAfter } = given as { after?: unknown; listAfter?: unknown };
      fc.pre(typeof after !== 'string' && typeof listAfter !== 'string');
      const isValid = validate(given);
      const { isError = false, content } = await callTool(gateway.url, name, given);
      const text = content[0]?.text ?? '';
      if (isValid) {
        accepted += 1;
        expect([isError, isError ? text : '']).toEqual([false, '']);
        return;
      }
      refused += 1;
      expect(isError).toBe(true);
      const named = namesIn(validate.errors ?? []);
      expect(
        named.some((each) => new RegExp(`rgument "${each}["\\.\\[]`).test(text)) ? '' : [named, text],
      ).toBe('');
      expect(text).toMatch(/^BAD_USER_INPUT: .*This tool takes/);
    }),
    { numRuns: 60 },
  );
  expect(Math.min(accepted, refused)).toBeGreaterThan(5);
  expect(gateway.reported).toEqual([]);
});

test.each([
  ['export_command', { list: 'users' }],
  ['operation_cost', { tool: 'find_users' }],
  ['query', { query: '{ customers { totalCount } }' }],
  ['search_schema', { search: 'UserFilter' }],
])('a null to %s is an absent argument, by its schema as well', async (name, required) => {
  const { properties = {}, ...rest } = tools.get(name)?.inputSchema ?? {};
  const nulls = Object.fromEntries(Object.keys(properties).map((argument) => [argument, null]));
  const given = { ...nulls, ...required };
  expect([ajv.validate({ properties, ...rest }, given), ajv.errors]).toEqual([true, null]);
  expect(await callTool(gateway.url, name, given)).toEqual(await callTool(gateway.url, name, required));
});
