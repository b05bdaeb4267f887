import { expect } from '@jest/globals';

/** Waits for what goes on elsewhere, for two minutes at most. */
export async function until(check: () => boolean): Promise<void> {
  for (let round = 0; round < 24_000 && !check(); round++) {
    await new Promise((resolve) => setTimeout(resolve, 5));
  }
  expect(check()).toBe(true);
}
