import { describe, expect, test } from '@jest/globals';
import type { SimulatorAnswer, SimulatorCall, SimulatorOutcome } from '../../src/simulator/exchange.ts';
import { createFaults } from '../../src/simulator/faults.ts';

const answer: SimulatorAnswer = {
  status: 200,
  headers: { 'content-type': 'application/json' },
  body: JSON.stringify({ data: [{ id: 'a' }], metadata: { totalCount: 1 } }),
};
const callOf = (index: number): SimulatorCall => ({
  method: 'POST',
  path: `/rows/${index}`,
  query: new URLSearchParams(),
  headers: {},
  body: '{}',
});
const token: SimulatorCall = { ...callOf(0), path: '/connect/token' };
const outcomes = (seed: number, rate: number, calls: readonly SimulatorCall[]): SimulatorOutcome[] => {
  const faults = createFaults({ seed, rate });
  return calls.map((call) => faults(call, answer));
};
const many = Array.from({ length: 2000 }, (_, index) => callOf(index));

describe('simulated faults', () => {
  test('replace the configured share of responses, by every kind of fault', () => {
    const spoiled = outcomes(1, 0.2, many).filter((outcome) => outcome !== answer);
    expect(spoiled.length).toBeGreaterThan(330);
    expect(spoiled.length).toBeLessThan(470);
    const kinds = new Set(
      spoiled.map((outcome) =>
        typeof outcome === 'string'
          ? outcome
          : `${outcome.status} ${Object.hasOwn(outcome.headers ?? {}, 'retry-after')} ${outcome.breaksOff ?? false}`,
      ),
    );
    expect([...kinds].sort()).toEqual([
      '200 false false',
      '200 false true',
      '401 false false',
      '408 false false',
      '429 false false',
      '429 true false',
      '500 false false',
      '503 false false',
      '503 true false',
      'hang',
      'reset',
    ]);
    const bodies = new Set(
      spoiled.flatMap((outcome) =>
        typeof outcome === 'object' && outcome.status === 200 && !outcome.breaksOff ? [outcome.body] : [],
      ),
    );
    // Torn, HTML, empty, without metadata, and five kinds of wrong types, one of which is here like another.
    expect(bodies.size).toBeGreaterThanOrEqual(8);
    expect(bodies).not.toContain(answer.body);
  });

  test('are the same for the same seed, in whatever order the calls come', () => {
    const shown = (all: readonly SimulatorOutcome[]) =>
      all
        .map((outcome) =>
          // Retry dates depend on the clock.
          typeof outcome === 'string' ? outcome : JSON.stringify({ ...outcome, headers: {} }),
        )
        .sort();
    const twice = [...many, ...many];
    expect(shown(outcomes(1, 0.2, twice.toReversed()))).toEqual(shown(outcomes(1, 0.2, twice)));
    expect(shown(outcomes(2, 0.2, twice))).not.toEqual(shown(outcomes(1, 0.2, twice)));
  });

  test('are none at a rate of 0, and never reject the credential', () => {
    expect(outcomes(1, 0, many)).toEqual(many.map(() => answer));
    const tokens = outcomes(
      1,
      1,
      many.map(() => token),
    );
    expect(tokens.filter((outcome) => typeof outcome === 'object' && outcome.status === 401)).toEqual([]);
    expect(tokens).not.toContain(answer);
  });
});
