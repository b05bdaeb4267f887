/** A gateway and the upstream behind it, both over real HTTP, and a caller that speaks to the first. */
import type { TypedDocumentString } from './generated/operations.ts';
import { createWorldOf, type WorldData } from './world-of.ts';
import { startGateway } from '../src/gateway.ts';
import {
  startSimulator,
  type SimulatorAnswer,
  type SimulatorCall,
  type SimulatorDialect,
  type Simulator,
} from '../src/simulator/simulator.ts';
import type { World } from '../src/simulator/world.ts';

export interface GraphQLAnswer<Data> {
  readonly data: Data | null;
  readonly errors?: readonly {
    readonly message: string;
    readonly path?: readonly (string | number)[];
    readonly extensions: Readonly<Record<string, unknown>>;
  }[];
}

export interface GatewayUnderTest {
  readonly url: string;
  readonly simulator: Simulator;
  /** The upstream's own record of the calls made, the token's left out. */
  readonly calls: SimulatorCall[];
  /** What the gateway reported as its own fault. */
  readonly reported: unknown[];
  readonly query: <Data, Variables>(
    document: TypedDocumentString<Data, Variables>,
    variables: Variables,
  ) => Promise<GraphQLAnswer<Data>>;
  readonly queryText: (query: string, variables?: object) => Promise<GraphQLAnswer<Record<string, unknown>>>;
  readonly stop: () => Promise<void>;
}

export interface GatewayUnderTestOptions {
  readonly world: World | WorldData;
  readonly dialect?: SimulatorDialect;
  readonly intercept?: (call: SimulatorCall) => SimulatorAnswer | undefined;
}

export async function startGatewayUnderTest(options: GatewayUnderTestOptions): Promise<GatewayUnderTest> {
  const calls: SimulatorCall[] = [];
  const reported: unknown[] = [];
  const simulator = await startSimulator({
    port: 0,
    world: 'tenant' in options.world ? options.world : createWorldOf(options.world),
    latencyMs: 0,
    dialect: options.dialect ?? 'plural',
    faultRate: 0,
    intercept: (call) => {
      if (call.path !== '/connect/token') calls.push(call);
      return options.intercept?.(call);
    },
  });
  const gateway = await startGateway(
    {
      host: '127.0.0.1',
      port: 0,
      upstreamTimeoutMs: 10_000,
      upstream: { kind: 'remote', ...simulator.credentials },
    },
    { report: (error) => reported.push(error) },
  );
  const send = async <Data>(query: string, variables: unknown): Promise<GraphQLAnswer<Data>> => {
    const response = await fetch(`${gateway.url}/graphql`, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify({ query, variables }),
    });
    return (await response.json()) as GraphQLAnswer<Data>;
  };
  return {
    url: gateway.url,
    simulator,
    calls,
    reported,
    query: (document, variables) => send(document.toString(), variables),
    queryText: (query, variables) => send(query, variables),
    stop: async () => {
      await gateway.stop();
      await simulator.stop();
    },
  };
}
