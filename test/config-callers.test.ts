/** Settings of tokens, and of the address to listen on, that would mean nothing or could not be used. */
import { describe, expect, test } from '@jest/globals';
import { readConfig } from '../src/config/config.ts';
import { mistakesOf } from './mistakes-of.ts';

const issuer = {
  CALLERS_JWT_ISSUER: 'https://login.example.com',
  CALLERS_JWT_AUDIENCE: 'graph',
  CALLERS_JWT_JWKS_URL: 'https://login.example.com/keys',
};

describe('a setting of tokens', () => {
  test.each([
    ['CALLERS_JWT_ALGORITHMS', 'RS256'],
    ['CALLERS_JWT_CLOCK_SKEW_SECONDS', '999'],
    ['CALLERS_JWT_CUSTOMERS_CLAIM', 'customers'],
    ['CALLERS_JWT_PROFILE_CLAIM', 'profile'],
  ])('%s=%s is refused without an issuer', (name, value) => {
    for (const others of [{}, { CALLERS: 'open' }, { CALLERS_KEYS_FILE: 'keys.json' }]) {
      expect(mistakesOf({ ...others, [name]: value })).toEqual([`${name}: it needs CALLERS_JWT_ISSUER`]);
    }
  });

  test('is accepted with an issuer, in its range', () => {
    expect(mistakesOf({ ...issuer, CALLERS_JWT_CLOCK_SKEW_SECONDS: '9' })).toEqual([]);
    expect(mistakesOf({ ...issuer, CALLERS_JWT_CLOCK_SKEW_SECONDS: '999' })).toEqual([
      'CALLERS_JWT_CLOCK_SKEW_SECONDS: expected a whole number from 0 to 300, but got "999"',
    ]);
  });
});

describe('HOST', () => {
  test.each([
    ['[::1]', '::1'],
    ['::1', '::1'],
    ['[::]', '::'],
    ['0.0.0.0', '0.0.0.0'],
    ['localhost', 'localhost'],
    ['graph_1.internal.', 'graph_1.internal.'],
  ])('%s is accepted as %s', (text, host) => {
    expect(readConfig({ HOST: text }).host).toBe(host);
  });

  test.each([
    '0.0.0.0:80',
    '[::1]:80',
    '[::1',
    '[localhost]',
    'http://localhost',
    'a b',
    'a..b',
    'a'.repeat(300),
  ])('%s is refused', (text) => {
    expect(mistakesOf({ HOST: text })).toEqual([
      `HOST: expected an address or a host name, without a port, such as "0.0.0.0", but got "${text.slice(0, 100)}"`,
    ]);
  });
});
