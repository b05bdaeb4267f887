/** Secrets as files: the `_FILE` form of each setting that is one. */
import { execFileSync } from 'node:child_process';
import { mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { inspect } from 'node:util';
import { afterAll, describe, expect, test } from '@jest/globals';
import { readConfig, type Config } from '../src/config/config.ts';
import { reference } from '../src/config/reference.ts';
import { mistakesOf } from './mistakes-of.ts';

const folder = mkdtempSync(join(tmpdir(), 'secrets-'));
afterAll(() => {
  rmSync(folder, { recursive: true });
});

const write = (name: string, content: string | Buffer): string => {
  writeFileSync(join(folder, name), content);
  return join(folder, name);
};

const remote = { AVEPOINT_CLIENT_ID: 'client', CALLERS: 'open' };

/** Each secret, with the settings it needs and where the configuration has it. */
const secrets: readonly (readonly [string, Record<string, string>, string, (config: Config) => unknown])[] = [
  [
    'AVEPOINT_CLIENT_SECRET',
    remote,
    'very-secret',
    ({ upstream }) =>
      upstream.kind === 'remote' && upstream.credential.kind === 'secret'
        ? upstream.credential.secret.reveal()
        : null,
  ],
  [
    'AVEPOINT_NORTH_CLIENT_SECRET',
    { AVEPOINT_PROFILES: 'north', AVEPOINT_NORTH_CLIENT_ID: 'client', CALLERS_KEYS_FILE: 'x' },
    'very-secret',
    ({ upstream }) => {
      const north = upstream.kind === 'profiles' ? upstream.profiles.get('north') : undefined;
      return north?.credential.kind === 'secret' ? north.credential.secret.reveal() : null;
    },
  ],
  [
    'OTEL_EXPORTER_OTLP_HEADERS',
    { OTEL_EXPORTER_OTLP_ENDPOINT: 'http://collector.internal:4318' },
    'authorization=Bearer%20very-secret',
    ({ traces }) => traces?.headers?.reveal(),
  ],
  [
    'OTEL_EXPORTER_OTLP_TRACES_HEADERS',
    { OTEL_EXPORTER_OTLP_ENDPOINT: 'http://collector.internal:4318' },
    'authorization=Bearer%20very-secret',
    ({ traces }) => traces?.headers?.reveal(),
  ],
  ['REDIS_URL', {}, 'redis://:very-secret@redis.internal:6379', ({ fleet }) => fleet?.redisUrl.reveal()],
];

describe.each(secrets)('%s', (name, others, value, read) => {
  const file = `${name}_FILE`;

  test.each([
    ['as it is', value],
    ['with a newline', `${value}\n`],
    ['with a newline of Windows', `${value}\r\n`],
    ['behind a byte order mark', `\uFEFF${value}`],
  ])('is read from a file, %s', (_how, content) => {
    const config = readConfig({ ...others, [file]: write('secret', content) });
    expect(read(config)).toBe(value);
    expect(inspect(config, { depth: 9, showHidden: true })).not.toContain('very-secret');
  });

  test('is read through a link, as Kubernetes mounts secrets', () => {
    const link = join(folder, `link-${name}`);
    symlinkSync(write('secret', value), link);
    expect(read(readConfig({ ...others, [file]: link }))).toBe(value);
  });

  test('is refused in both forms', () => {
    const both = { ...others, [name]: value, [file]: write('secret', value) };
    expect(mistakesOf(both)).toEqual([`${name}: it and ${file} exclude each other: set one of the two`]);
  });

  test.each([
    ['is missing', () => join(folder, 'nothing'), 'the file PATH does not exist'],
    ['is empty', () => write('empty', ''), 'the file PATH is empty'],
    ['has a newline alone', () => write('newline', '\n'), 'the file PATH is empty'],
    ['is huge', () => write('huge', 'very-secret'.repeat(2000)), 'the file PATH is longer than 16384 bytes'],
    ['is endless', () => '/dev/zero', 'PATH is not a file'],
    ['is a folder', () => folder, 'PATH is not a file'],
    ['is binary', () => write('binary', Buffer.from([0x61, 0xff])), 'the file PATH is not UTF-8'],
    [
      'is a pipe without a writer',
      () => {
        const pipe = join(folder, `pipe-${name}`);
        execFileSync('mkfifo', [pipe]);
        return pipe;
      },
      'PATH is not a file',
    ],
  ])('is refused if its file %s', (_what, make, mistake) => {
    const path = make();
    expect(mistakesOf({ ...others, [file]: path })).toEqual([
      `${file}: ${mistake.replace('PATH', JSON.stringify(path))}`,
    ]);
  });
});

describe('REDIS_PASSWORD', () => {
  const url = 'rediss://worker@redis.internal:6379/2';

  test('is a part of the URL that has none', () => {
    const { fleet } = readConfig({ REDIS_URL: url, REDIS_PASSWORD: 'p@s/w%rd' });
    const { username, password, host, pathname } = new URL(fleet?.redisUrl.reveal() ?? '');
    expect([username, decodeURIComponent(password), host, pathname]).toEqual([
      ...['worker', 'p@s/w%rd', 'redis.internal:6379', '/2'],
    ]);
  });

  test('is read from a file', () => {
    const { fleet } = readConfig({ REDIS_URL: url, REDIS_PASSWORD_FILE: write('password', 'one two\n') });
    expect(decodeURIComponent(new URL(fleet?.redisUrl.reveal() ?? '').password)).toBe('one two');
  });

  test('is refused without a URL, and beside a URL that has one', () => {
    expect(mistakesOf({ REDIS_PASSWORD: 'very-secret' })).toEqual(['REDIS_PASSWORD: it needs REDIS_URL']);
    expect(mistakesOf({ REDIS_URL: 'redis://:very@x', REDIS_PASSWORD: 'very-secret' })).toEqual([
      'REDIS_PASSWORD: REDIS_URL has a password already: set one of the two',
    ]);
  });
});

test('PEM files are bounded as well', () => {
  const named = (file: string) => ({
    ...remote,
    AVEPOINT_CLIENT_CERTIFICATE: file,
    AVEPOINT_CLIENT_KEY: file,
  });
  const huge = write('huge.pem', 'x'.repeat(300_000));
  for (const [file, mistake] of [
    ['/dev/zero', '"/dev/zero" is not a file'],
    [folder, `${JSON.stringify(folder)} is not a file`],
    [huge, `the file ${JSON.stringify(huge)} is longer than 262144 bytes`],
  ] as const) {
    expect(mistakesOf(named(file))).toEqual(
      ['AVEPOINT_CLIENT_CERTIFICATE', 'AVEPOINT_CLIENT_KEY'].map((name) => `${name}: ${mistake}`),
    );
  }
});

test('a misspelt form is refused with the nearest name', () => {
  expect(mistakesOf({ ...remote, AVEPOINT_CLIENT_SECRET: 'x', AVEPOINT_CLIENT_SECRET_FLIE: 'x' })).toEqual([
    'AVEPOINT_CLIENT_SECRET_FLIE: unknown setting; did you mean AVEPOINT_CLIENT_SECRET_FILE?',
  ]);
  expect(Object.keys(reference)).toEqual(expect.arrayContaining(['REDIS_URL_FILE', 'REDIS_PASSWORD_FILE']));
});
