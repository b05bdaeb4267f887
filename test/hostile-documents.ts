/** Documents that are made to be much work for little text: deep, wide, aliased, laughing, cyclic, torn. */
import fc from 'fast-check';

export const times = (count: number, text: (index: number) => string): string =>
  Array.from({ length: count }, (_, index) => text(index)).join(' ');

export const nested = (depth: number): string =>
  `{ ${'tenant { users { nodes { '.repeat(depth)} userId ${'} } }'.repeat(depth)} }`;

/** Each fragment spreads the next one twice: 2 to the power of `count` fields. */
export const laughs = (count: number): string =>
  `{ ...f0 } ${times(count, (index) => `fragment f${index} on Query { a${index}: __typename ...f${index + 1} ... on Query { ...f${index + 1} } }`)} fragment f${count} on Query { __typename }`;

/** Fragments without a field of their own, each of which spreads the next one twice. */
export const spreads = (count: number): string =>
  `{ ...f0 } ${times(count, (index) => `fragment f${index} on Query { ...f${index + 1} ... on Query { ...f${index + 1} } }`)} fragment f${count} on Query { __typename }`;

/** Selections that merge below the object they share: as many fields of one key as the product. */
export const merging = (outer: number, inner: number): string =>
  `{ ${times(outer, () => `customers { ${'totalCount '.repeat(inner)} }`)} }`;

const words = fc.constantFrom(
  'customers',
  'nodes',
  'tenants',
  'users',
  'userId',
  '__typename',
  'x',
  '...f',
  '... on User',
  '@skip(if: true)',
);
export const hostileDocument: fc.Arbitrary<string> = fc.oneof(
  fc
    .integer({ min: 21, max: 2000 })
    .map((depth) => `${'{ customers { nodes '.repeat(depth)}${'} }'.repeat(depth)}`),
  fc.integer({ min: 7, max: 1000 }).map(nested),
  fc
    .integer({ min: 400, max: 9000 })
    .map((count) => `{ ${times(count, (index) => `a${index}: __typename`)} }`),
  fc
    .integer({ min: 100, max: 9000 })
    .map((count) => `{ customers { nodes { ${'customerId '.repeat(count)} } } }`),
  fc.integer({ min: 14, max: 400 }).map(laughs),
  fc.integer({ min: 17, max: 400 }).map(spreads),
  fc.integer({ min: 8, max: 50 }).map((count) => merging(count, count)),
  fc.integer({ min: 1000, max: 199_000 }).map((count) => `{ a(b: ${'"'.repeat(count)}`),
  fc.integer({ min: 1000, max: 60_000 }).map((count) => `{ a(b: ${'"""'.repeat(2 * count + 1)}`),
  fc
    .integer({ min: 101, max: 2000 })
    .map((count) => times(count, (index) => `query q${index} { __typename }`)),
  fc.integer({ min: 5001, max: 190_000 }).map((count) => `${'\n'.repeat(count)} { __typename }`),
  fc
    .integer({ min: 2, max: 300 })
    .map(
      (count) =>
        `{ ...f0 } ${times(count, (index) => `fragment f${index} on Query { ...f${(index + 1) % count} }`)}`,
    ),
  fc.integer({ min: 300, max: 5000 }).map((count) => `{ __typename ${'@include(if: true) '.repeat(count)} }`),
  fc.integer({ min: 1000, max: 100_000 }).map((count) => '{'.repeat(count)),
  fc
    .integer({ min: 1000, max: 90_000 })
    .map((count) => `query (${times(Math.min(count, 3000), (index) => `$v${index}: Int`)}) { nope }`),
  fc
    .integer({ min: 1000, max: 50_000 })
    .map(
      (count) => `{ customers(filter: ${'{ not: '.repeat(count)} {} ${'}'.repeat(count)}) { totalCount } }`,
    ),
  fc
    .array(words, { minLength: 5, maxLength: 400 })
    .map((all) => `{ ${all.join(' { ')} ${'}'.repeat(all.length)} }`),
  fc.string({ maxLength: 2000, unit: 'binary' }).map((text) => `{ ${text} }`),
);
