/**
 * Generates docs/configuration.md from the settings' readers; with --check, only checks whether the page is up to date.
 */
import { readFileSync, writeFileSync } from 'node:fs';
import { format } from 'prettier';
import { ConfigError, readConfig } from '../../src/config/config.ts';
import { reference } from '../../src/config/reference.ts';
import { Settings, type Expectation } from '../../src/config/settings.ts';

const template = 'docs/generators/configuration.md';
const page = 'docs/configuration.md';

/** Environments with the values without which some settings are not read. */
const environments = [
  {},
  { AVEPOINT_CLIENT_ID: 'x' },
  { AVEPOINT_CLIENT_KEY: 'x' },
  { CALLERS_JWT_ISSUER: 'x' },
  { OTEL_EXPORTER_OTLP_ENDPOINT: 'http://x' },
];

function expectations(): Map<string, Expectation> {
  const all = new Map<string, Expectation>();
  for (const environment of environments) {
    const settings = new Settings(environment);
    try {
      readConfig(environment, false, settings);
    } catch (error) {
      if (!(error instanceof ConfigError)) throw error;
    }
    for (const [name, expectation] of settings.expectations) {
      // A setting that is only inspected has a less complete description than one that is read.
      if (expectation.values + expectation.otherwise !== '' || !all.has(name)) all.set(name, expectation);
    }
  }
  return all;
}

const known = expectations();

function table(names: readonly string[]): string {
  const rows = names.map((name) => {
    const { values, otherwise } = known.get(name) ?? { values: '', otherwise: '' };
    const meaning = (reference[name] ?? '').replaceAll('|', '\\|');
    return `| \`${name}\` | ${otherwise === '' ? '' : `\`${otherwise}\``} | ${values} | ${meaning} |`;
  });
  return ['| Setting | Default | Values | Meaning |', '| --- | --- | --- | --- |', ...rows].join('\n');
}

const source = readFileSync(template, 'utf8');
const named = new Set([...source.matchAll(/\b[A-Z][A-Z_]+\b(?!\*)/g)].map(([name]) => name));

/** `CACHE_TTL_*` stands for each setting with this prefix that the template does not name. */
function namesOf(entry: string): readonly string[] {
  if (!entry.endsWith('*')) return [entry];
  const beginning = entry.slice(0, -1);
  return Object.keys(reference).filter((name) => name.startsWith(beginning) && !named.has(name));
}

const text = source.replace(/\{\{ (.*?) \}\}/g, (_match, entries: string) =>
  table(entries.split(' ').flatMap(namesOf)),
);
const made = await format(text, { parser: 'markdown', printWidth: 110 });
if (!process.argv.includes('--check')) writeFileSync(page, made);
else if (readFileSync(page, 'utf8') !== made) {
  process.stderr.write(`${page} is not up to date: run npm run generate.\n`);
  process.exitCode = 1;
}
