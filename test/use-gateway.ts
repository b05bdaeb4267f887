/** Gateways that start and stop with the tests. */
import { afterAll, afterEach, beforeAll, expect } from '@jest/globals';
import {
  startGatewayUnderTest,
  type GatewayUnderTest,
  type GatewayUnderTestOptions,
} from './gateway-under-test.ts';

type Options = GatewayUnderTestOptions;

/** One gateway for all tests of the file or the describe; a function makes options that need other hooks' work. */
export function useGateway(options: Options | (() => Options | Promise<Options>)): GatewayUnderTest {
  let gateway: GatewayUnderTest | undefined;
  beforeAll(async () => {
    gateway = await startGatewayUnderTest(typeof options === 'function' ? await options() : options);
  });
  afterAll(() => gateway?.stop());
  return new Proxy({} as GatewayUnderTest, {
    get: (_target, member) => {
      if (gateway === undefined)
        throw new Error('The gateway starts in beforeAll; use it in a test or a later hook.');
      return Reflect.get(gateway, member) as unknown;
    },
  });
}

/** Starts gateways in tests and stops them after each test. Options add to the defaults and replace them. */
export function useGateways(): (options: Options) => Promise<GatewayUnderTest>;
export function useGateways(defaults: Options): (options?: Partial<Options>) => Promise<GatewayUnderTest>;
export function useGateways(defaults?: Options) {
  const running: GatewayUnderTest[] = [];
  afterEach(() => Promise.all(running.splice(0).map(({ stop }) => stop())));
  return async (options: Options) => {
    const gateway = await startGatewayUnderTest({ ...defaults, ...options });
    running.push(gateway);
    return gateway;
  };
}

/** Runs a check, in a property for example, with a gateway of its own, which must report nothing. */
export async function withGateway(
  options: Options,
  check: (gateway: GatewayUnderTest) => Promise<void>,
): Promise<void> {
  const gateway = await startGatewayUnderTest(options);
  try {
    await check(gateway);
    expect(gateway.reported).toEqual([]);
  } finally {
    await gateway.stop();
  }
}
