/** The check of a manifest of trusted documents: what it prints, and how its process ends. */
import { execFileSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, test } from '@jest/globals';
import { root, runToEnd } from '../ended-process.ts';
import { runCommand } from './run-command.ts';

const folder = mkdtempSync(join(tmpdir(), 'documents-'));
afterAll(() => {
  rmSync(folder, { recursive: true });
});

function write(content: unknown): string {
  const file = join(folder, 'manifest.json');
  writeFileSync(file, typeof content === 'string' ? content : JSON.stringify(content));
  return file;
}

const check = (content: unknown, settings: Readonly<Record<string, string>> = {}) =>
  runCommand(settings, ['--check-documents', write(content)]);
const checkByProcess = (content: unknown) => runToEnd({}, ['--check-documents', write(content)]);

const small = 'query Small { customers { totalCount } }';
const large =
  'query Large($first: Int = 500) { customers(first: $first) { nodes { customerId tenants { name } } } }';

describe('the check of a manifest', () => {
  test('counts the documents and prices the most expensive one', async () => {
    expect(await checkByProcess({ small, large })).toEqual({
      code: 0,
      output: [
        '2 documents of 2 can be executed.',
        'The most expensive one is "large" (Large): 1,500 of 50,000 rows, 3,001 of 2,000,000 values, 15 of 50,000 calls, with the defaults of its variables.\n',
      ].join('\n'),
      complaints: '',
    });
    const alone = await check({ operations: [{ id: 'a', name: 'Small', type: 'query', body: small }] });
    expect(alone).toMatchObject({ code: 0, complaints: '' });
    expect(alone.output).toMatch(
      /^1 document of 1 can be executed\.\nThe most expensive one is "a" \(Small\): 0 of /,
    );
  });

  test('names each document at fault, and why', async () => {
    const deep = `query Deep { ${'customers { nodes { tenants { customer { tenants { customer { '.repeat(40)}`;
    const faulty = {
      small,
      unknown: 'query Unknown { nothing }',
      syntax: '{ customers',
      mutation: 'mutation Change { a }',
      deep,
      // Beyond the first five, which a start names.
      ...Object.fromEntries(['e', 'f', 'g'].map((id) => [id, `{ ${id} }`])),
    };
    const { code, output, complaints } = await checkByProcess(faulty);
    expect(code).toBe(1);
    expect(output).toMatch(
      /^1 document of 8 can be executed\.\nThe most expensive one is "small" \(Small\): /,
    );
    expect(complaints.trimEnd().split('\n')).toEqual([
      '"unknown" (Unknown): Cannot query field "nothing" on type "Query".',
      '"syntax": Syntax Error: Expected Name, found <EOF>.',
      '"mutation" (Change): Mutations are not supported.',
      expect.stringMatching(/^"deep": /),
      ...['e', 'f', 'g'].map((id) =>
        expect.stringMatching(`^"${id}": Cannot query field "${id}" on type "Query"`),
      ),
    ]);
  });

  test('heeds the settings that bound documents, and needs no others', async () => {
    const settings = { NODE_ENV: 'production', INTROSPECTION: 'off', MAX_OPERATION_ROWS: '100' };
    const introspection = 'query Schema { __schema { description } }';
    const fixed = 'query Fixed { customers(first: 500) { nodes { customerId } } }';
    const { code, output, complaints } = await check({ small, large, introspection, fixed }, settings);
    expect(code).toBe(1);
    expect(complaints).toBe(
      [
        '"introspection" (Schema): Introspection is off: __schema is not available.',
        '"fixed" (Fixed): Too many possible rows: 500; the maximum is 100. Ask for less at once.\n',
      ].join('\n'),
    );
    expect(output).toContain('2 documents of 4 can be executed.');
    // A request may send a smaller value.
    expect(output).toContain(
      'Notice: a request must send variables that ask for less, or is refused: "large" (Large): 1,500 of 100 rows,',
    );
    expect(await check({ small }, { MAX_OPERATION_ROWS: 'many' })).toMatchObject({
      code: 1,
      output: '',
      complaints: expect.stringContaining('MAX_OPERATION_ROWS: expected a whole number') as unknown,
    });
  });

  test('prices documents whose variables each request must send', async () => {
    const ofOne =
      'query One($id: ID!, $first: Int = 5) { customer(customerId: $id) { tenants { users(first: $first) { totalCount } } } }';
    const { code, output, complaints } = await check({ ofOne });
    expect([code, complaints]).toEqual([0, '']);
    expect(output).toMatch(/\nThe most expensive one is "ofOne" \(One\): \d+ of 50,000 rows, /);
  });

  test.each([
    ['[]', 'is not usable: expected an object.'],
    ['{"a": 1}', 'is not usable: "a": expected the text of a document.'],
    ['no JSON', 'is not JSON.'],
    ['', 'is empty.'],
  ])('says in one line that %j is no manifest', async (content, fault) => {
    const file = join(folder, 'manifest.json');
    expect(await check(content)).toEqual({
      code: 1,
      output: '',
      complaints: `the file ${JSON.stringify(file)} ${fault}\n`,
    });
  });

  test('says that the file is missing', async () => {
    expect(await runToEnd({}, ['--check-documents', '/nothing'])).toEqual({
      code: 1,
      output: '',
      complaints: 'the file "/nothing" does not exist.\n',
    });
    expect(await runCommand({}, ['--check-documents'])).toMatchObject({
      code: 1,
      complaints: '--check-documents: the file of a manifest is missing. See --help.\n',
    });
  });

  test('is a script of the package', () => {
    const { scripts } = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8')) as {
      readonly scripts: Readonly<Record<string, string>>;
    };
    // As npm runs it.
    const command = `${scripts['documents'] ?? ''} "$@"`;
    const output = execFileSync('sh', ['-c', command, 'npm', write({ small })], {
      cwd: root,
      encoding: 'utf8',
    });
    expect(output).toMatch(/^1 document of 1 can be executed\.$/m);
  });
});
