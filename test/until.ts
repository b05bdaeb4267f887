import { setTimeout as sleep } from 'node:timers/promises';
import { expect } from '@jest/globals';

/**
 * Waits for what goes on elsewhere, for five minutes at least: the bound only reports what hangs. What takes long is asked
 * less and less often, since a question may take a request.
 */
export async function until(check: () => boolean | Promise<boolean>): Promise<void> {
  let isDone = await check();
  for (let round = 0; round < 3100 && !isDone; round++) {
    await sleep(Math.min(5 + round, 100));
    isDone = await check();
  }
  expect(isDone).toBe(true);
}

/**
 * Lets the event loop go round until what was sent within this process has arrived: a busy machine makes each round
 * longer, and needs no more of them.
 */
export async function letArrive(): Promise<void> {
  for (let round = 0; round < 60; round++) await sleep(1);
}
