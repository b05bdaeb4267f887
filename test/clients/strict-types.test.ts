/** Types of front ends that throw on errors: fields that are null only with an error need no check. */
import { execFileSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { buildSchema, printSchema } from 'graphql';
import { semanticToStrict } from 'graphql-sock';

const root = fileURLToPath(new URL('../..', import.meta.url));
let folder: string;
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'strict-types-'));
  symlinkSync(join(root, 'node_modules'), join(folder, 'node_modules'));
  writeFileSync(join(folder, 'package.json'), '{ "type": "module" }');
});
afterAll(() => {
  rmSync(folder, { recursive: true });
});

const run = (script: string, ...args: readonly string[]) => {
  try {
    return execFileSync(process.execPath, [join(root, 'node_modules', script), ...args], {
      cwd: folder,
      encoding: 'utf8',
      stdio: 'pipe',
    });
  } catch (error) {
    const { stdout, stderr } = error as { readonly stdout: string; readonly stderr: string };
    throw new Error(`${stdout}\n${stderr}`, { cause: error });
  }
};

const operation = `query Coverage {
  customers(first: 5) { nodes { organization protectionSummary { coverage }
    tenants { users(first: 5) { nodes { mail protectionState tenant { tenantId } } } } } }
}`;

/** Compiles where no value of a marked field is taken for null, and only there. */
const use = (data: string) => `
export const states = (${data}) =>
  data.customers.nodes.flatMap(({ protectionSummary, tenants }) => [
    protectionSummary.coverage?.toFixed(2),
    ...tenants.flatMap((tenant) => tenant.users.nodes.map((user) => user.protectionState.toLowerCase() + user.tenant.tenantId)),
  ]);
`;

/** Reads a schema's types with gql.tada, from the file that it has generated of the schema. */
const useTada = (name: string) => `import { initGraphQLTada, type ResultOf } from 'gql.tada';
import type { introspection } from './${name}';
const graphql = initGraphQLTada<{ introspection: introspection }>();
const document = graphql(\`${operation}\`);
${use('data: ResultOf<typeof document>')}`;

/** What the compiler says of the files: of all at once, since most of its time goes to the libraries. */
let complaints: string;
const complaintsOf = (file: string) => complaints.split('\n').filter((line) => line.startsWith(file));

beforeAll(() => {
  writeFileSync(
    join(folder, 'codegen.json'),
    JSON.stringify({
      schema: join(root, 'schema.graphql'),
      documents: 'codegen.ts',
      generates: {
        './gql/': { preset: 'client', config: { nullability: { errorHandlingClient: true } } },
      },
    }),
  );
  writeFileSync(
    join(folder, 'codegen.ts'),
    `import { graphql } from './gql';\nexport const document = graphql(\`${operation}\`);\n`,
  );
  run('@graphql-codegen/cli/cjs/bin.js', '--config', 'codegen.json', '--silent');
  const schema = buildSchema(readFileSync(join(root, 'schema.graphql'), 'utf8'));
  writeFileSync(join(folder, 'schema.strict.graphql'), printSchema(semanticToStrict(schema)));
  const schemas = [
    { name: 'strict', schema: './schema.strict.graphql', tadaOutputLocation: './strict.d.ts' },
    { name: 'plain', schema: join(root, 'schema.graphql'), tadaOutputLocation: './plain.d.ts' },
  ];
  writeFileSync(
    join(folder, 'tsconfig.json'),
    JSON.stringify({ compilerOptions: { plugins: [{ name: 'gql.tada/ts-plugin', schemas }] } }),
  );
  run('gql.tada/bin/cli.js', 'generate-output');
  const programs = {
    'codegen-use.ts': `import type { CoverageQuery } from './gql/graphql';${use('data: CoverageQuery')}`,
    'strict-use.ts': useTada('strict'),
    'plain-use.ts': useTada('plain'),
  };
  for (const [file, text] of Object.entries(programs)) writeFileSync(join(folder, file), text);
  complaints = compile(Object.keys(programs));
});

/** Returns what the compiler says. */
function compile(files: readonly string[]): string {
  try {
    return run(
      'typescript/bin/tsc',
      ...['--ignoreConfig', '--noEmit', '--strict', '--skipLibCheck', '--target', 'es2023'],
      ...['--module', 'esnext', '--moduleResolution', 'bundler', ...files],
    );
  } catch (error) {
    return error instanceof Error ? error.message : String(error);
  }
}

test('graphql-codegen’s client preset', () => {
  expect(complaintsOf('codegen')).toEqual([]);
  expect(complaintsOf('gql/')).toEqual([]);
  expect(readFileSync(join(folder, 'gql/graphql.ts'), 'utf8')).toContain('coverage: number | null');
});

test('gql.tada', () => {
  expect(complaintsOf('strict')).toEqual([]);
  // The schema as it is asks for checks.
  expect(complaintsOf('plain-use.ts').join('\n')).toContain("'data.customers' is possibly 'null'");
  // The compiler complains of nothing else, so that it has read all files.
  expect(complaints.split('\n').filter((line) => line.includes('error TS'))).toEqual(
    complaintsOf('plain-use.ts'),
  );
});
