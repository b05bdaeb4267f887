/**
 * Simulated faults of the upstream. They depend on the seed, the call and its repetitions, but not on the order of
 * different calls.
 */
import { createHash } from 'node:crypto';
import type { SimulatorAnswer, SimulatorCall, SimulatorOutcome } from './exchange.ts';

export interface FaultOptions {
  readonly seed: number;
  /** Share of responses that fail, 0 to 1. */
  readonly rate: number;
}

/** Returns a fault instead of the response, or the response itself. */
export type Faults = (call: SimulatorCall, answer: SimulatorAnswer) => SimulatorOutcome;

type FaultKind = (answer: SimulatorAnswer, random: number) => SimulatorOutcome;

const faultKinds: readonly FaultKind[] = [
  () => failure(429, { 'retry-after': '1' }),
  () => failure(429, { 'retry-after': new Date(Date.now() + 1000).toUTCString() }),
  () => failure(429),
  () => failure(408),
  () => failure(500),
  () => failure(503),
  () => failure(503, { 'retry-after': '1' }),
  () => 'reset',
  () => 'hang',
  (answer) => ({ ...answer, breaksOff: true }),
  (answer) => ({ ...answer, body: answer.body.slice(0, Math.floor(answer.body.length * 0.7)) }),
  () => ({
    status: 200,
    headers: { 'content-type': 'text/html' },
    body: '<html><h1>Bad gateway</h1></html>',
  }),
  (answer) => ({ ...answer, body: '' }),
  (answer, random) => changeBody(answer, wrongTypes[random % wrongTypes.length]),
  (answer) => changeBody(answer, (body) => ({ ...body, metadata: undefined })),
  () => failure(401),
];

type Body = Record<string, unknown>;

const wrongTypes: readonly ((body: Body) => Body)[] = [
  (body) =>
    mapValues(body, (value) => (Array.isArray(value) ? { rows: value } : value), { access_token: 17 }),
  (body) =>
    mapValues(body, (value) => (Array.isArray(value) ? [...(value as unknown[]), 'row'] : value), {
      access_token: null,
    }),
  (body) =>
    mapValues(body, (value) => (Array.isArray(value) ? [...(value as unknown[]), { id: 17 }] : value), {
      expires_in: {},
    }),
  (body) => ('metadata' in body ? { ...body, metadata: [] } : { unknown: body }),
  (body) => ('metadata' in body ? { ...body, metadata: { totalCount: 'many' } } : {}),
];

export function createFaults({ seed, rate }: FaultOptions): Faults {
  if (rate === 0) return (_call, answer) => answer;
  const callsSoFar = new Map<string, number>();
  return (call, answer) => {
    const key = `${call.method} ${call.path}?${call.query.toString()} ${isToken(call) ? '' : call.body}`;
    const repetition = (callsSoFar.get(key) ?? 0) + 1;
    callsSoFar.set(key, repetition);
    const dice = createHash('sha256').update(`${seed} ${repetition} ${key}`).digest();
    if (dice.readUInt32LE(0) >= rate * 2 ** 32) return answer;
    const makeFault = faultKinds[dice.readUInt32LE(4) % faultKinds.length];
    const outcome = makeFault?.(answer, dice.readUInt32LE(8)) ?? answer;
    // A 401 from the identity service would mean a wrong credential, which is not transient.
    const isRefusal = isToken(call) && typeof outcome === 'object' && outcome.status === 401;
    return isRefusal ? 'reset' : outcome;
  };
}

function isToken({ path }: SimulatorCall): boolean {
  return path === '/connect/token';
}

function changeBody(answer: SimulatorAnswer, change: ((body: Body) => Body) | undefined): SimulatorAnswer {
  return { ...answer, body: JSON.stringify(change?.(JSON.parse(answer.body) as Body)) };
}

/** Adds `more` if no value was changed. */
function mapValues(body: Body, change: (value: unknown) => unknown, more: Body): Body {
  const changed = Object.fromEntries(Object.entries(body).map(([name, value]) => [name, change(value)]));
  return Object.keys(body).every((name) => changed[name] === body[name]) ? { ...body, ...more } : changed;
}

function failure(status: number, headers: Readonly<Record<string, string>> = {}): SimulatorAnswer {
  return {
    status,
    headers: { 'content-type': 'application/json', ...headers },
    body: JSON.stringify({ message: 'A simulated fault.' }),
  };
}
