/**
 * What an upstream does when it misbehaves. Which answers are spoiled, and how, follows from the seed and the call: the
 * same call spoils the same way the same number of times, in whatever order the calls of a run come.
 */
import { createHash } from 'node:crypto';
import type { SimulatorAnswer, SimulatorCall, SimulatorOutcome } from './exchange.ts';

export interface FaultOptions {
  readonly seed: number;
  /** The share of answers that are spoiled, from 0 to 1. */
  readonly rate: number;
}

/** What is answered instead of a good answer; the good one where the call is spared. */
export type Faults = (call: SimulatorCall, answer: SimulatorAnswer) => SimulatorOutcome;

type Spoil = (answer: SimulatorAnswer, luck: number) => SimulatorOutcome;

const spoils: readonly Spoil[] = [
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
  (answer, luck) => changeBody(answer, wrongTypes[luck % wrongTypes.length]),
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
    const turn = (callsSoFar.get(key) ?? 0) + 1;
    callsSoFar.set(key, turn);
    const dice = createHash('sha256').update(`${seed} ${turn} ${key}`).digest();
    if (dice.readUInt32LE(0) >= rate * 2 ** 32) return answer;
    const spoil = spoils[dice.readUInt32LE(4) % spoils.length];
    const spoiled = spoil?.(answer, dice.readUInt32LE(8)) ?? answer;
    // Of an identity service it would mean that the credential is wrong, which does not pass.
    const isRefusal = isToken(call) && typeof spoiled === 'object' && spoiled.status === 401;
    return isRefusal ? 'reset' : spoiled;
  };
}

function isToken({ path }: SimulatorCall): boolean {
  return path === '/connect/token';
}

function changeBody(answer: SimulatorAnswer, change: ((body: Body) => Body) | undefined): SimulatorAnswer {
  return { ...answer, body: JSON.stringify(change?.(JSON.parse(answer.body) as Body)) };
}

/** `more` where none of the values is changed. */
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
