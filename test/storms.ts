/**
 * How large the storms and how many the random worlds are. `npm run test:storms`, which CI runs too, has their full
 * numbers; `npm test` has fewer, so that it takes minutes.
 */
const isFull = process.env['STORMS'] === 'full';

export const stormSize = (full: number, usual: number): number => (isFull ? full : usual);
