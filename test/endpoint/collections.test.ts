import { describe, expect, test } from '@jest/globals';
import { checkCollections, collections } from '../../src/endpoint/collections.ts';

const { users, customers } = collections;

describe('the registry of collections', () => {
  test('has unique entries', () => {
    checkCollections();
  });

  test.each([
    ['route', { ...customers, route: users.route }],
    ['kind', { ...customers, kind: users.kind }],
    ['setting of its lifetime', { ...customers, lifetime: users.lifetime }],
  ])('is refused if two have the same %s', (what, copied) => {
    expect(() => {
      checkCollections({ users, copied });
    }).toThrow(`The collections users and copied have the same ${what}, `);
  });
});
