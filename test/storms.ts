/**
 * How large storms are, and how many random cases a property is tried with. `npm run test:storms`, which CI runs too, has
 * the full numbers of all files that import this one; `npm test` has fewer, so that it takes minutes.
 */
const isFull = process.env['STORMS'] === 'full';

export const stormSize = (full: number, usual: number): number => (isFull ? full : usual);
