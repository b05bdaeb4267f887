/** Fails with a line for each word of words.txt that the project has. `node check-words.js [root]` */
import { readFileSync, readdirSync, statSync } from 'node:fs';
import { join, relative, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';

const places = ['src', 'docs', 'schema', 'mcp', 'test', 'README.md', 'CONTRIBUTING.md'];
/** They name the words, or are a record of what was once written. */
const permitted = [
  'docs/words/words.txt',
  'docs/glossary.md',
  'CHANGELOG.md',
  'docs/decisions',
  'schema/released',
];
const isText = /\.(?:ts|js|mjs|cjs|md|graphql|edit|txt|json|html|css|yml|yaml|conf|sh)$/;

const root = resolve(process.argv[2] ?? fileURLToPath(new URL('../..', import.meta.url)));

const families = readFileSync(new URL('words.txt', import.meta.url), 'utf8')
  .split('\n')
  .filter((line) => line !== '' && !line.startsWith('#'))
  .map((line) => {
    const [words, instead] = line.split(': ');
    const patterns = words.split(', ').map(patternOf);
    return { instead, patterns };
  });

/** A comment or a paragraph may go on in the next line between two words. */
function patternOf(word) {
  const source = word.replace('*', '[A-Z]\\w*').replaceAll(' ', '[\\s*/#>|]+');
  return new RegExp(`\\b${source}\\b`, /[A-Z*]/.test(word) ? 'g' : 'gi');
}

function filesOf(place) {
  const path = join(root, place);
  const stat = statSync(path, { throwIfNoEntry: false });
  if (stat === undefined) return [];
  if (stat.isFile()) return [place];
  return readdirSync(path, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => relative(root, join(entry.parentPath, entry.name)));
}

const isWithin = (file, folder) => file === folder || file.startsWith(`${folder}/`);

const found = places
  .flatMap(filesOf)
  .filter((file) => isText.test(file) && !permitted.some((place) => isWithin(file, place)))
  .flatMap((file) => {
    const text = readFileSync(join(root, file), 'utf8');
    return families.flatMap(({ patterns, instead }) =>
      patterns
        .flatMap((pattern) => [...text.matchAll(pattern)])
        .map(({ index, 0: word }) => {
          const line = text.slice(0, index).split('\n').length;
          return `${file}:${line}: "${word.replace(/\s+[\s*/#>|]*/g, ' ')}"; write ${instead}`;
        }),
    );
  });

if (found.length > 0) {
  process.stderr.write(`${found.join('\n')}\n${found.length} banned words (docs/words/words.txt).\n`);
  process.exitCode = 1;
}
