import { spawnSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';

const script = fileURLToPath(new URL('../../docs/words/check-words.js', import.meta.url));
/** From the list itself, since this file is checked as well. */
const words = readFileSync(new URL('../../docs/words/words.txt', import.meta.url), 'utf8')
  .split('\n')
  .filter((line) => line !== '' && !line.startsWith('#'))
  .flatMap((line) => line.replace(/:.*/, '').split(', '))
  .map((word) => word.replace('*', 'Calls'));
const [word = ''] = words;
const phrase = words.find((each) => each.includes(' ')) ?? '';

describe('the check of words', () => {
  let root: string;
  beforeEach(() => {
    root = mkdtempSync(join(tmpdir(), 'words-'));
  });
  afterEach(() => {
    rmSync(root, { recursive: true });
  });

  function check(files: Readonly<Record<string, string>>): { status: number | null; lines: string[] } {
    for (const [file, text] of Object.entries(files)) {
      mkdirSync(dirname(join(root, file)), { recursive: true });
      writeFileSync(join(root, file), text);
    }
    const { status, stderr } = spawnSync(process.execPath, [script, root], { encoding: 'utf8' });
    return { status, lines: stderr.trim().split('\n') };
  }

  test.each([
    ['src/server/http.ts', `/** Serves requests. */\n// Notes ${word}.\n`],
    ['src/new-room/nested/deep.ts', `\nthrow new Error('Nothing to ${word}.');\n`],
    ['docs/operating.md', `# Operating\nThe log ${word}.\n`],
    ['docs/clients/fetch.md', `# Fetch\n${word}.\n`],
    ['schema/user.graphql', `"""\nAs ${word.toUpperCase()}.\n"""\n`],
    ['mcp/list_users.graphql', `# Lists users.\n# ${word}\n`],
    ['test/server/http.test.ts', `\ntest('answers ${word}', () => undefined);\n`],
    ['CONTRIBUTING.md', `# Contributing\nYou ${word}.\n`],
    ['README.md', `# Elements Graph\nIt ${word}s; ${word}.\n`],
  ])('finds a word in %s', (file, text) => {
    const { status, lines } = check({ [file]: text });
    expect(status).toBe(1);
    expect(lines[0]).toMatch(new RegExp(`^${file}:2: "${word}s?"; write report`, 'i'));
  });

  test('finds each word of the list', () => {
    expect(words.length).toBeGreaterThan(40);
    const { status, lines } = check({ 'src/words.ts': words.join('\n') });
    expect(status).toBe(1);
    const found = lines.flatMap((line) => /^src\/words\.ts:\d+: "(.*)";/.exec(line)?.[1] ?? []);
    expect(found.sort()).toEqual([...words].sort());
  });

  test('finds a phrase that two lines of a comment share', () => {
    const { lines } = check({ 'src/a.ts': `/**\n * Null ${phrase.replace(' ', '\n * ')} is.\n */\n` });
    expect(lines[0]).toMatch(new RegExp(`^src/a\\.ts:2: "${phrase}"`));
  });

  test('passes other words, parts of words, and files that name the words', () => {
    const { status, lines } = check({
      'src/a.ts': `// Fore${word}, ${word}er; almost, mostly; somewhere it is.\nconst schedule = mostly;\n`,
      'docs/glossary.md': word,
      'docs/decisions/0001.md': word,
      'docs/words/words.txt': word,
      'CHANGELOG.md': word,
    });
    expect(lines).toEqual(['']);
    expect(status).toBe(0);
  });

  test('passes the project', () => {
    expect(spawnSync(process.execPath, [script], { encoding: 'utf8' }).stderr).toBe('');
  });
});
