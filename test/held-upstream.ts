/** A gateway whose calls wait for their turn, since its upstream takes one at a time and holds that one. */
import {
  startGatewayUnderTest,
  type GatewayUnderTest,
  type GatewayUnderTestOptions,
} from './gateway-under-test.ts';
import { letArrive, until } from './until.ts';

export interface HeldUpstream {
  readonly gateway: GatewayUnderTest;
  /** Resolves when this many more requests wait. */
  readonly arrived: (count: number) => Promise<void>;
  /** Answers the call that is held, and every later one. */
  readonly release: () => void;
}

/**
 * @param options whose intercept is asked for all other calls
 * @param start starts the gateway, and has it stopped
 */
export async function holdUpstream(
  options: GatewayUnderTestOptions,
  start: (options: GatewayUnderTestOptions) => Promise<GatewayUnderTest> = startGatewayUnderTest,
): Promise<HeldUpstream> {
  let release: () => void = () => undefined;
  const released = new Promise<undefined>((resolve) => {
    release = () => {
      resolve(undefined);
    };
  });
  const gateway = await start({
    ...options,
    hasMetrics: true,
    maxConcurrentCalls: 1,
    intercept: (call) => (call.path === '/partner/customers' ? released : options.intercept?.(call)),
  });
  void gateway.queryText('{ directory { customerId } }');
  await until(() => gateway.calls.length === 1);
  gateway.calls.length = 0;
  return {
    gateway,
    release,
    arrived: async (count) => {
      await until(async () => (await requestsInFlight(gateway)) >= count + 1);
      await letArrive();
    },
  };
}

/** Of a gateway that has metrics. */
export async function requestsInFlight({ url }: GatewayUnderTest): Promise<number> {
  const text = await (await fetch(`${url}/metrics`)).text();
  return Number(/^elements_graph_requests_in_flight (\d+)$/m.exec(text)?.[1]);
}
