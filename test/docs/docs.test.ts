/** What the pages say: every command is run here or named with the reason why not, and every link leads somewhere. */
import { execFile, spawn } from 'node:child_process';
import { cpSync, existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, symlinkSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join, relative } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { documentLimits } from '../../src/server/limits/document.ts';
import { variableLimits } from '../../src/server/limits/validation.ts';
import { createGeneratedWorld } from '../../src/simulator/generated-world.ts';
import { useGateway } from '../use-gateway.ts';

const root = fileURLToPath(new URL('../..', import.meta.url));
const pages = [
  ...[
    'README.md',
    'CHANGELOG.md',
    'src/README.md',
    'bench/README.md',
    'client/README.md',
    'examples/README.md',
  ],
  ...['docs', 'docs/clients', 'docs/decisions'].flatMap((folder) =>
    readdirSync(join(root, folder))
      .filter((file) => file.endsWith('.md'))
      .map((file) => `${folder}/${file}`),
  ),
];
const read = (page: string) => readFileSync(join(root, page), 'utf8');

interface Block {
  readonly page: string;
  readonly text: string;
  /** The text block below it, which has what it prints; null if there is none. */
  readonly printed: string | null;
}

const blocksOf = (language: string): Block[] =>
  pages.flatMap((page) =>
    [
      ...read(page).matchAll(
        new RegExp(`^\`\`\`${language}\\n([^]*?)^\`\`\`$(?:\\n\\n\`\`\`text\\n([^]*?)^\`\`\`$)?`, 'gm'),
      ),
    ].map(([, text = '', printed]) => ({ page, text, printed: printed ?? null })),
  );

/** Compares line by line; … stands for any text, and on a line of its own for any lines. */
function expectPrinted(output: string, printed: string | null): void {
  if (printed === null) return;
  const lines = printed
    .trim()
    .split('\n')
    .map((line) => line.trimEnd().replace(/[.*+?^${}()|[\]\\]/g, '\\$&'));
  const pattern = lines
    .map((line) => (/^\s*…$/.test(line) ? '[^]*' : line.replaceAll('…', '.*')))
    .join('\\s*?\\n');
  expect(output.trim()).toMatch(new RegExp(`^${pattern}$`));
}

/** What a reader would have to have beside the project. */
const notHere: readonly (readonly [RegExp, string])[] = [
  [/^npm ci && npm test$/, 'this is it'],
  [/^npm install \.\/elements-graph-client/, 'test/client/package.test.ts installs it in an empty project'],
  [/^claude /, 'an assistant; test/mcp/ has what it sends'],
  [/^docker /, 'an engine; test/deploy has what can be said without one'],
  [/^kubectl /, 'a cluster; test/deploy has what can be said without one'],
];

const { scripts } = JSON.parse(read('package.json')) as {
  readonly scripts: Readonly<Record<string, string>>;
};

/** Runs what npm would run: commands whose output a page shows have npm itself. */
const withoutNpm = (command: string): string =>
  command.replaceAll(/\bnpm run -s (report)(?: --)?(?= |$)/gm, (_whole, name: string) =>
    (scripts[name] ?? '').replace(/^exec /, ''),
  );

/** For commands whose output no page shows. */
const smallWorld = { SIMULATOR_USERS: '2' };

/** As `npm start` has it. */
const asStarted = createGeneratedWorld({
  seed: 1,
  customers: 40,
  tenantsPerCustomer: 2,
  usersPerTenant: 120,
});

describe('the commands of the pages', () => {
  let folder: string;
  const gateway = useGateway({
    world: asStarted,
    hasMetrics: true,
  });
  beforeAll(() => {
    folder = mkdtempSync(join(tmpdir(), 'commands-'));
    // What they write stays out of the project.
    for (const entry of readdirSync(root)) {
      if (entry === 'package.json') cpSync(join(root, entry), join(folder, entry));
      else symlinkSync(join(root, entry), join(folder, entry));
    }
  });
  afterAll(() => {
    rmSync(folder, { recursive: true });
  });

  /** As little as the pages know of, on any free port. */
  const environment = () => ({
    PATH: process.env['PATH'] ?? '',
    HOME: process.env['HOME'] ?? '',
    PORT: '0',
    SIMULATOR_LATENCY_MS: '0',
  });

  /** Runs one in a shell; one that starts a server, until that is ready. */
  async function run(
    command: string,
    cwd: string,
    more: Readonly<Record<string, string>> = {},
  ): Promise<string> {
    const here = command
      .replaceAll('http://localhost:4000', gateway.url)
      // Installed already.
      .replace(/^npm ci && /, '');
    const env = { ...environment(), ...more };
    if (!here.endsWith('npm start')) {
      return (
        await promisify(execFile)('bash', ['-euo', 'pipefail', '-c', here], { cwd, env, maxBuffer: 2 ** 26 })
      ).stdout;
    }
    const child = spawn('bash', ['-c', `exec env ${here.replace(/npm start$/, 'node dist/main.js')}`], {
      cwd,
      env,
      stdio: ['ignore', 'pipe', 'pipe'],
    });
    try {
      return await new Promise<string>((resolve, reject) => {
        let output = '';
        const take = (data: Buffer) => {
          output += data.toString();
          if (output.includes('is ready: ')) resolve(output);
        };
        child.stdout.on('data', take);
        child.stderr.on('data', take);
        child.once('exit', () => {
          reject(new Error(output));
        });
      });
    } finally {
      child.kill();
    }
  }

  /** A start's log as a terminal shows it, on the default port. */
  const inTerminal = (output: string) =>
    output
      .replaceAll(/^\{"level":"info","time":"(.*?)","msg":"(.*)"\}$/gm, '[$1] INFO: $2')
      .replace(/:\d+\/graphql/, ':4000/graphql');

  const commands = blocksOf('sh');
  const runnable = commands.filter(({ text }) =>
    notHere.every(([pattern]) => !text.split('\n').some((line) => pattern.test(line))),
  );

  test('are all run, but for those that need what is not here', () => {
    const left = commands.filter((block) => !runnable.includes(block));
    expect(runnable.length).toBeGreaterThan(10);
    // A block is left out as a whole: none may hide behind another one.
    for (const { text } of left) {
      for (const line of text.trim().split('\n'))
        expect([line, notHere.some(([pattern]) => pattern.test(line))]).toEqual([line, true]);
    }
  });

  test.each(
    runnable.map(
      ({ page, text, printed }) => [text.trim().split('\n')[0] ?? '', page, text, printed] as const,
    ),
  )('%s (%s)', async (_first, _page, text, printed) => {
    const isStart = text.includes('npm start');
    const isOfFiles = text.includes('keys.json') && !isStart;
    if (isOfFiles) {
      await run(text, folder);
      expect(JSON.parse(readFileSync(join(folder, 'keys.json'), 'utf8'))).toMatchObject({
        keys: [{ sha256: expect.stringMatching(/^[\da-f]{64}$/) }],
      });
      return;
    }
    if (text.includes('AVEPOINT_CLIENT_ID=…')) {
      const { apiUrl, tokenUrl, clientId, credential } = gateway.simulator.credentials;
      const filled = text
        .trim()
        .replace('CLIENT_ID=…', `CLIENT_ID=${clientId}`)
        .replace('CLIENT_SECRET=…', `CLIENT_SECRET=${credential.secret.reveal()}`)
        .replace('keys.json', join(folder, 'keys.json'));
      await run(commands.find((block) => block.text.includes('> keys.json'))?.text ?? '', folder);
      const urls = { AVEPOINT_API_URL: apiUrl.href, AVEPOINT_TOKEN_URL: tokenUrl.href };
      const output = await run(filled, folder, urls);
      expect(output).toContain(`Elements Graph over ${apiUrl.origin} is ready`);
      expectPrinted(inTerminal(output), printed);
      return;
    }
    const output =
      printed === null
        ? await run(withoutNpm(text.trim()), folder, smallWorld)
        : await run(text.trim(), folder);
    expect(output.length).toBeGreaterThan(10);
    expectPrinted(isStart ? inTerminal(output) : output, printed);
    if (/^curl .*\/graphql/.test(text)) expect(output).toMatch(/"data":\{|etag: W\//);
  });
});

describe('getting started', () => {
  const page = read('docs/getting-started.md');

  const gateway = useGateway({ world: asStarted });

  const runExample = async (file: string) => {
    const headers = { 'x-explain': 'true' };
    const answer = await gateway.queryText(read(`examples/queries/${file}`), {}, { headers });
    return { data: answer.data, upstream: answer.extensions?.upstream };
  };

  test('shows what the operations of the explorer read, and what they cost', async () => {
    const printed = /_WhoIsProtected_[^\n]*\n\n```text\n([^]*?)^```$/m.exec(page)?.[1] ?? '';
    expect(printed.length).toBeGreaterThan(100);
    const { data } = await runExample('who-is-protected.graphql');
    expectPrinted(JSON.stringify({ data }, null, 2), printed);
    expect(page).toContain('some thirty in two rounds');
    const { upstream } = await runExample('dashboard.graphql');
    expect(upstream?.roundTrips).toBe(2);
    expect(Math.round((upstream?.calls ?? 0) / 10)).toBe(3);
    expect((await runExample('dashboard.graphql')).upstream?.calls).toBe(0);
  });

  test('shows what its program prints', async () => {
    const [program] = blocksOf('js').filter((block) => block.page === 'docs/getting-started.md');
    expect(program?.printed).toContain('\n');
    const text = program?.text.replaceAll('http://localhost:4000', gateway.url) ?? '';
    const { stdout } = await promisify(execFile)(process.execPath, ['--input-type=module', '-e', text], {
      cwd: root,
    });
    expectPrinted(stdout, program?.printed ?? null);
  });

  test('has what each command prints, but for those that make a key', () => {
    const silent = blocksOf('sh').filter(
      ({ page, printed }) => page === 'docs/getting-started.md' && printed === null,
    );
    expect(silent.map(({ text }) => text.split('=')[0])).toEqual(['KEY']);
  });
});

test('scripts that the pages name are there', () => {
  const named = pages.flatMap((page) =>
    [...read(page).matchAll(/\bnpm run (?:-s )?([a-z][\w:-]*)/g)].map(([, name = '']) => name),
  );
  expect(named.length).toBeGreaterThan(10);
  expect(named.filter((name) => scripts[name] === undefined)).toEqual([]);
});

test('settings that the pages name are there', () => {
  const known = read('docs/configuration.md');
  const named = pages.flatMap((page) =>
    [
      ...read(page).matchAll(
        /`((?:CACHE|MAX|AVEPOINT|CALLERS|SIMULATOR|SHUTDOWN|OTEL|REDIS)_[A-Z_]*[A-Z])(?:=[^`]*)?`/g,
      ),
    ].map(([, name = '']) => name),
  );
  const isKnown = (name: string) =>
    known.includes(`\`${name}\``) ||
    /^AVEPOINT_(NORTH|SOUTH_WEST)_|^OTEL_|^REDIS_(SERVER_PATH|PASSWORD)$/.test(name);
  expect(named.filter((name) => !isKnown(name))).toEqual([]);
});

test('limits of documents and variables are those of the code', () => {
  const rows = read('docs/security.md').matchAll(/^- `([a-z ]+)`: ([\d,]+)/gm);
  const documented = [...rows].map(
    ([, name = '', max = '']) => [name, Number(max.replaceAll(',', ''))] as const,
  );
  expect(Object.fromEntries(documented)).toEqual({ ...documentLimits, ...variableLimits });
});

test('links lead to something', () => {
  const anchorsOf = (page: string) =>
    [...read(page).matchAll(/^#+ (.*)$/gm)].map(([, title = '']) =>
      title
        .toLowerCase()
        .replace(/[^\p{L}\d\s-]/gu, '')
        .replaceAll(' ', '-'),
    );
  const broken = pages.flatMap((page) =>
    [...read(page).matchAll(/\]\((?!https?:)([^)#\s]*)(?:#([^)\s]*))?\)/g)].flatMap(
      ([, path = '', anchor]) => {
        const target = path === '' ? page : relative(root, join(root, dirname(page), path));
        if (!existsSync(join(root, target))) return [`${page}: ${path}`];
        const isAnchored =
          anchor === undefined || !target.endsWith('.md') || anchorsOf(target).includes(anchor);
        return isAnchored ? [] : [`${page}: ${path}#${anchor}`];
      },
    ),
  );
  expect(broken).toEqual([]);
});

test('the JavaScript of the pages imports what there is', async () => {
  const client: object = await import('elements-graph-client');
  const blocks = [...blocksOf('js'), ...blocksOf('ts')].filter(({ text }) =>
    text.includes('elements-graph-client'),
  );
  expect(blocks.length).toBeGreaterThan(1);
  for (const { text } of blocks) {
    const imported = /import \{ ([^}]*) \} from 'elements-graph-client'/.exec(text)?.[1]?.split(', ') ?? [];
    expect(imported.length).toBeGreaterThan(1);
    for (const name of imported) expect(client).toHaveProperty(name);
  }
});
