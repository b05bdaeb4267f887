/** A gateway process whose time of day can be set while it runs, as an operator or NTP sets that of its machine. */
import { startGatewayProcess, type GatewayProcess } from './gateway-process.ts';
import type { Simulator } from '../src/simulator/simulator.ts';

/**
 * Loaded before the gateway. JavaScript has the time of day by `Date` alone: timers and `performance` go by the
 * machine's monotonic clock, which is never set.
 */
const settableClock = `
  const Machine = Date;
  let aheadMs = 0;
  const now = () => Machine.now() + aheadMs;
  globalThis.setClock = (milliseconds) => { aheadMs = milliseconds; };
  globalThis.Date = new Proxy(Machine, {
    apply: () => new Machine(now()).toString(),
    construct: (target, values, made) => Reflect.construct(target, values.length === 0 ? [now()] : values, made),
    get: (target, name) => name === 'now' ? now : Reflect.get(target, name),
  });`;

export interface GatewayWithClock extends GatewayProcess {
  /** Sets the clock so much ahead of that of the machine; behind it if negative. */
  readonly setClock: (aheadMs: number) => Promise<void>;
}

export async function startGatewayWithClock(
  upstream: Simulator | null,
  settings: Readonly<Record<string, string>> = {},
): Promise<GatewayWithClock> {
  const gateway = await startGatewayProcess(upstream, {
    NODE_OPTIONS: `--import=data:text/javascript,${encodeURIComponent(settableClock)}`,
    ...settings,
  });
  return {
    ...gateway,
    setClock: async (aheadMs) => {
      await gateway.evaluate(`setClock(${aheadMs})`);
    },
  };
}
