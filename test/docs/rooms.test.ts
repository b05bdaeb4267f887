import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { dirname, join, relative } from 'node:path';
import { fileURLToPath } from 'node:url';
import { describe, expect, test } from '@jest/globals';

const src = fileURLToPath(new URL('../../src', import.meta.url));
const rooms = readdirSync(src, { withFileTypes: true })
  .filter((entry) => entry.isDirectory())
  .map(({ name }) => name);
const readmeOf = (folder: string) => readFileSync(join(src, folder, 'README.md'), 'utf8');

/** Files and folders that a text names in code spans; a path from the root begins with a folder of the project. */
function missingOf(folder: string, text: string): string[] {
  const named = [...text.matchAll(/`([\w./-]+(?:\.\w+|\/))`/g)].flatMap(([, path = '']) => path);
  const roots = [join(src, folder), src, join(src, '..')];
  return named.filter((path) => !roots.some((root) => existsSync(join(root, path))));
}

/** Rooms in the order in which a text names them first. */
function orderOf(text: string): string[] {
  return [...new Set([...text.matchAll(/`([\w-]+)\/`/g)].flatMap(([, room = '']) => room))];
}

/** Other rooms that files of a room import. */
function importsOf(room: string): ReadonlySet<string> {
  const files = readdirSync(join(src, room), { recursive: true, encoding: 'utf8' });
  const imports = files
    .filter((file) => file.endsWith('.ts'))
    .flatMap((file) => {
      const text = readFileSync(join(src, room, file), 'utf8');
      return [...text.matchAll(/(?:from |import\()'(\.[^']+)'/g)].flatMap(
        ([, path = '']) => relative(src, join(src, room, dirname(file), path)).split('/')[0] ?? '',
      );
    });
  return new Set(imports.filter((each) => each !== room && rooms.includes(each)));
}

describe.each(rooms)('the README of src/%s', (room) => {
  test('has at most nine lines', () => {
    expect(readmeOf(room).trimEnd().split('\n').length).toBeLessThanOrEqual(9);
  });

  test('names files that exist, and at least one', () => {
    const text = readmeOf(room);
    expect(missingOf(room, text)).toEqual([]);
    expect(text).toMatch(/`[\w/-]+\.ts`/);
  });
});

describe('the README of src', () => {
  const text = readmeOf('.');

  test('has at most thirty lines, and names files that exist', () => {
    expect(text.trimEnd().split('\n').length).toBeLessThanOrEqual(30);
    expect(missingOf('.', text)).toEqual([]);
  });

  test('has every room in its reading order', () => {
    expect(rooms.filter((room) => !orderOf(text).includes(room))).toEqual([]);
  });

  test('has each room behind those that it imports', () => {
    const order = orderOf(text);
    const backward = rooms.flatMap((room) =>
      [...importsOf(room)]
        .filter((imported) => order.indexOf(imported) > order.indexOf(room))
        .map((imported) => `${room} imports ${imported}`),
    );
    expect(backward).toEqual([]);
  });
});

test('a name of a missing file is found', () => {
  expect(missingOf('server', 'Start with `http.ts`, then `nothing.ts` and `absent/`.')).toEqual([
    'nothing.ts',
    'absent/',
  ]);
});
