/**
 * Scenarios: an operation in NAME.graphql, its answers in NAME.json, and what was sent upstream for it in NAME.calls.
 * The comments at the head of NAME.graphql say what it shows, and set `key: value`:
 *
 * - `operation`: a file with the operation, in place of the scenario's own text
 * - `world`: one of `worlds` (by default `estate`)
 * - `variables`: JSON, in which `$customer`, `$tenant`, `$user`, `$mail` and `$node` (a global id) stand for those of
 *   the world's first user
 * - `before`: scenarios that are run first, whose answers and calls are not looked at
 */
import { readFileSync } from 'node:fs';
import { basename, resolve } from 'node:path';
import type { SimulatorCall } from '../../src/simulator/exchange.ts';
import { createGeneratedWorld } from '../../src/simulator/generated-world.ts';
import type { World } from '../../src/simulator/world.ts';
import { startGatewayUnderTest, type GatewayUnderTestOptions } from '../gateway-under-test.ts';

export type Dialect = NonNullable<GatewayUnderTestOptions['dialect']>;

export interface Scenario {
  readonly text: string;
  readonly world: World;
  readonly variables: object;
  readonly before: readonly string[];
}

export interface Outcome {
  readonly answer: unknown;
  /** Round by round. */
  readonly calls: readonly (readonly string[])[];
}

const worlds = {
  small: () => createGeneratedWorld({ seed: 7, customers: 2, tenantsPerCustomer: 1, usersPerTenant: 3 }),
  estate: () => createGeneratedWorld({ seed: 7, customers: 4, tenantsPerCustomer: 1, usersPerTenant: 130 }),
  tenant: () => createGeneratedWorld({ seed: 3, customers: 1, tenantsPerCustomer: 1, usersPerTenant: 600 }),
};

export function readScenario(file: string): Scenario {
  const own = readFileSync(file, 'utf8');
  const setting = (name: string) => new RegExp(`^# ${name}: (.*)$`, 'm').exec(own)?.[1];
  const operation = setting('operation');
  const text = operation === undefined ? own : readFileSync(resolve(file, '..', operation), 'utf8');
  const name = setting('world') ?? 'estate';
  if (!(name in worlds)) throw new Error(`${basename(file)}: there is no world ${name}.`);
  const world = worlds[name as keyof typeof worlds]();
  return {
    text,
    world,
    variables: JSON.parse(namesIn(world, setting('variables') ?? '{}')) as object,
    before: (setting('before') ?? '').split(' ').filter((each) => each !== ''),
  };
}

/** @param before scenarios of the same world, run first */
export async function runScenario(
  { text, variables, world }: Scenario,
  before: readonly Scenario[],
  dialect: Dialect,
): Promise<Outcome> {
  const rounds = new Rounds();
  const gateway = await startGatewayUnderTest({
    world,
    dialect,
    clock: () => Date.UTC(2026, 0, 1),
    intercept: (call) => (call.path === '/connect/token' ? undefined : rounds.wait(call)),
  });
  try {
    for (const each of before) await gateway.queryText(each.text, each.variables);
    rounds.calls.length = 0;
    const answer = await gateway.queryText(text, variables);
    return { answer, calls: rounds.calls.map((round) => round.map(textOf).sort()) };
  } finally {
    await gateway.stop();
  }
}

export function printCalls(calls: Outcome['calls']): string {
  const count = calls.flat().length;
  const head = `${count} ${count === 1 ? 'call' : 'calls'} in ${calls.length} ${calls.length === 1 ? 'round trip' : 'round trips'}`;
  return [head, ...calls.flatMap((round, index) => round.map((call) => `  ${index + 1}. ${call}`))].join(
    '\n',
  );
}

/** Rounds of the event loop without a new call, after which all calls of a round trip are there. */
const quietRounds = 100;

/**
 * Answers calls round by round: those of a round trip are held until no more of them come, and answered one after the
 * other in the order of their texts. What one answer teaches about the upstream is thus known to the same calls in
 * every run.
 */
class Rounds {
  readonly calls: SimulatorCall[][] = [];
  #held: { readonly call: SimulatorCall; readonly answer: (value: undefined) => void }[] = [];
  #isAnswering = false;
  #count = 0;

  async wait(call: SimulatorCall): Promise<undefined> {
    this.#count += 1;
    return new Promise<undefined>((answer) => {
      this.#held.push({ call, answer });
      if (!this.#isAnswering) void this.#answerAll();
    });
  }

  async #answerAll(): Promise<void> {
    this.#isAnswering = true;
    while (this.#held.length > 0) {
      await this.#quiet();
      const round = this.#held.toSorted((left, right) => (textOf(left.call) < textOf(right.call) ? -1 : 1));
      this.#held = [];
      this.calls.push(round.map(({ call }) => call));
      for (const { answer } of round) {
        answer(undefined);
        await this.#quiet();
      }
    }
    this.#isAnswering = false;
  }

  async #quiet(): Promise<void> {
    for (let quiet = 0, seen = this.#count; quiet < quietRounds; quiet++) {
      await new Promise<void>((done) => {
        setImmediate(done);
      });
      if (seen !== this.#count) [quiet, seen] = [0, this.#count];
    }
  }
}

function namesIn(world: World, text: string): string {
  const { id: customer, tenants } = world.customers.at(0);
  const tenant = tenants?.[0]?.id ?? '';
  const user = world.tenant(customer, tenant)?.users.at(0);
  const { id: userId = '', mail = '' } = user ?? {};
  const node = Buffer.from(JSON.stringify(['User', customer, tenant, userId])).toString('base64url');
  const names = { customer, tenant, user: userId, mail, node };
  return text.replaceAll(
    /\$(customer|tenant|user|mail|node)\b/g,
    (_all, name: keyof typeof names) => names[name] ?? '',
  );
}

const maxKeys = 3;

function textOf({ method, path, query, body }: SimulatorCall): string {
  const short = path.replaceAll(/[0-9a-f]{8}-[0-9a-f-]{27}/g, (id) => `${id.slice(0, 8)}…`);
  const sent = body === '' || body === '{}' ? '' : ` ${shortened(JSON.parse(body) as object)}`;
  return `${method} ${short}${query.size === 0 ? '' : `?${query.toString()}`}${sent}`;
}

function shortened(filter: object): string {
  return JSON.stringify(filter, (_name, value: unknown) =>
    Array.isArray(value) && value.length > maxKeys
      ? [...(value as readonly unknown[]).slice(0, maxKeys), `and ${value.length - maxKeys} more`]
      : value,
  );
}
