import { expect } from '@jest/globals';

/** Waits for what goes on elsewhere, for twenty seconds at most. */
export async function until(check: () => boolean): Promise<void> {
  for (let round = 0; round < 4000 && !check(); round++) {
    await new Promise((resolve) => setTimeout(resolve, 5));
  }
  expect(check()).toBe(true);
}
