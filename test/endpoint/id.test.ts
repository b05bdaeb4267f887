/** The rule for ids: whatever passes stays one segment of its path, however a server on the way reads it. */
import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { isId, maxIdLength, pathSegmentOf } from '../../src/endpoint/id.ts';

/** Texts of characters that servers decode, trim, cut and normalize. */
const oddText = fc
  .array(
    fc.oneof(
      fc.constantFrom('.', '..', '/', '\\', '%', '%2f', '%2E', '%25', '?', '#', ';', ' ', '\t', '\n', '\0'),
      fc.constantFrom(
        '\u007f',
        '\u0085',
        '\ud800',
        '\udc00',
        '\uff0f',
        '\uff3c',
        '\uff0e',
        '\u2024',
        '\u2025',
      ),
      fc.string({ maxLength: 4, unit: 'grapheme' }),
      fc.constantFrom('customers', 'tenants', '9b2c8f8e'),
    ),
    { maxLength: 5 },
  )
  .map((parts) => parts.join(''));

/** Readings of a path by servers on the way. */
const readings: readonly ((path: string) => string)[] = [
  (path) => path,
  decodeURIComponent,
  (path) => decodeURIComponent(path).normalize('NFKC'),
  (path) => decodeURIComponent(path).replaceAll('\\', '/'),
  (path) => decodeURIComponent(path).replace(/;[^/]*/g, ''),
  (path) => decodeURIComponent(path).replace(/\s+(?=\/|$)/g, ''),
];

describe('an id', () => {
  test('that is accepted stays one segment in every reading of its path', () => {
    fc.assert(
      fc.property(oddText, (id) => {
        const segment = pathSegmentOf(id);
        expect(segment !== null).toBe(isId(id));
        if (segment === null) return;
        expect(segment).toMatch(/^([\w.~-]|%[\dA-F]{2})+$/);
        for (const read of readings) {
          const { pathname, search, hash } = new URL(
            read(`/customers/c/tenants/${segment}/users`),
            'http://x',
          );
          expect(pathname.split('/')).toHaveLength(6);
          expect(pathname).toMatch(/^\/customers\/c\/tenants\/[^/]+\/users$/);
          expect(search + hash).toBe('');
        }
      }),
      { numRuns: 3000 },
    );
  });

  test('of the upstream is accepted', () => {
    fc.assert(
      fc.property(fc.uuid(), (id) => {
        expect(pathSegmentOf(id)).toBe(id);
        expect(pathSegmentOf(id.toUpperCase())).toBe(id.toUpperCase());
      }),
    );
  });

  test('has a maximum length', () => {
    expect(isId('x'.repeat(maxIdLength))).toBe(true);
    expect(isId('x'.repeat(maxIdLength + 1))).toBe(false);
  });
});
