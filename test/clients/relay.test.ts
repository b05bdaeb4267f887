/** Relay 21 over the network layer of docs/clients/relay.md: types and errors of marked fields, and objects by their ids. */
import { execFile } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import type { GatewayUnderTest } from '../gateway-under-test.ts';
import { useGateways } from '../use-gateway.ts';
import { customerRow, protectionRow, userRow, type WorldData } from '../world-of.ts';
import {
  blocksOf,
  bundlePrograms,
  compilePrograms,
  createProgram,
  type ClientProgram,
} from './client-pages.ts';

const world: WorldData = {
  customers: [customerRow({ id: 'c', organization: 'C', tenants: [{ id: 't', name: 'T' }] })],
  directory: [],
  tenants: { 'c/t': { users: [userRow({ id: 'u' })], protection: [protectionRow('u@example.com')] } },
};

const network = blocksOf('relay', 'ts')[0] ?? '';

const selection = `customers(first: 1) {
      nodes {
        organization
        tenants {
          users(first: 1) {
            totalCount
            nodes {
              protectionState
            }
          }
        }
      }
    }`;

/** Reads users by two queries that differ in `@throwOnFieldError` alone. */
const readUsers = `${network}
import { fetchQuery, graphql } from 'relay-runtime';
import type { pageLenientQuery } from './__generated__/pageLenientQuery.graphql';
import type { pageStrictQuery } from './__generated__/pageStrictQuery.graphql';

const Lenient = graphql\`
  query pageLenientQuery {
    ${selection}
  }
\`;
const Strict = graphql\`
  query pageStrictQuery @throwOnFieldError {
    ${selection}
  }
\`;
const lenient = await fetchQuery<pageLenientQuery>(environment, Lenient, {}).toPromise();
console.log(JSON.stringify(lenient?.customers?.nodes[0]?.tenants[0]?.users ?? null));
try {
  const strict = await fetchQuery<pageStrictQuery>(environment, Strict, {}).toPromise();
  console.log(strict?.customers.nodes[0]?.tenants[0]?.users.nodes[0]?.protectionState.toLowerCase());
} catch (error) {
  console.log(String(error));
}
`;

/** Reads a row by the query that the compiler makes of its fragment. */
const refetchRow = `${network}
import { fetchQuery, getFragment, getSingularSelector, graphql } from 'relay-runtime';
import RefetchQuery from './__generated__/pageRowRefetchQuery.graphql';
import type { pageRowRefetchQuery } from './__generated__/pageRowRefetchQuery.graphql';
import type { pageRow_row$data } from './__generated__/pageRow_row.graphql';
import type { pageRowsQuery } from './__generated__/pageRowsQuery.graphql';

const Row = graphql\`
  fragment pageRow_row on ProtectionStatus @refetchable(queryName: "pageRowRefetchQuery") @throwOnFieldError {
    email
    state
    tenant {
      tenantId
    }
  }
\`;
const Rows = graphql\`
  query pageRowsQuery @throwOnFieldError {
    customers(first: 1) {
      nodes {
        tenants {
          protectionStatuses(first: 1) {
            nodes {
              id
              ...pageRow_row
            }
          }
        }
      }
    }
  }
\`;
const rows = await fetchQuery<pageRowsQuery>(environment, Rows, {}).toPromise();
const id = rows?.customers.nodes[0]?.tenants[0]?.protectionStatuses.nodes[0]?.id ?? '';
const again = await fetchQuery<pageRowRefetchQuery>(environment, RefetchQuery, { id }).toPromise();
const selector = getSingularSelector(getFragment(Row), again?.node);
if (selector == null) throw new Error('There is no row.');
const row = environment.lookup(selector).data as unknown as pageRow_row$data;
console.log(row.email, row.state.toLowerCase(), row.tenant.tenantId);
`;

let gateway: GatewayUnderTest;
const start = useGateways({ world });

/** Starts a gateway that answers documents of the program alone, and runs the program over it. Returns its lines. */
async function run(program: ClientProgram, failingPath?: string): Promise<readonly string[]> {
  gateway = await start({
    endpoint: { trustedDocumentsFile: program.manifest, requiresTrustedDocuments: true },
    intercept: ({ path }) =>
      failingPath !== undefined && path.includes(failingPath) ? { status: 403, body: '' } : undefined,
  });
  const file = program.fileFor('node', `${gateway.url}/graphql`);
  const { stdout } = await promisify(execFile)(process.execPath, [file]);
  return stdout.trim().split('\n');
}

let users: ClientProgram;
let row: ClientProgram;
beforeAll(() => {
  users = createProgram('relay', readUsers);
  row = createProgram('relay', refetchRow);
  bundlePrograms([users, row], 'node');
});
afterAll(() => {
  users.remove();
  row.remove();
});

test('both programs compile', () => {
  compilePrograms([users, row]);
});

describe('a field that is marked @semanticNonNull', () => {
  test('is never null in the types of @throwOnFieldError', async () => {
    const typesOf = (name: string) =>
      /export type \w+\$data = (\{[^]*?^\});/m.exec(
        readFileSync(join(users.folder, `src/__generated__/${name}.graphql.ts`), 'utf8'),
      )?.[1] ?? '';
    // A customer may have no organization: that is no error.
    expect(
      typesOf('pageStrictQuery')
        .match(/^.*\bnull\b.*$/gm)
        ?.map((line) => line.trim()),
    ).toEqual(['readonly organization: string | null | undefined;']);
    expect(typesOf('pageLenientQuery').match(/\bnull\b/g)?.length).toBeGreaterThan(3);
    expect(await run(users)).toEqual([
      JSON.stringify({ totalCount: 1, nodes: [{ protectionState: 'PROTECTED' }] }),
      'protected',
    ]);
  });

  test('throws if the upstream fails', async () => {
    const [lenient, strict] = await run(users, '/um/');
    expect(lenient).toBe('null');
    expect(strict).toContain('Relay: Unexpected response payload');
    expect(gateway.audit.map(({ codes }) => codes)).toEqual([['UPSTREAM_FORBIDDEN'], ['UPSTREAM_FORBIDDEN']]);
  });
});

test('a ProtectionStatus is read again by the query of its fragment', async () => {
  expect(await run(row)).toEqual(['u@example.com protected t']);
  expect(gateway.audit.map(({ operation }) => operation)).toEqual(['pageRowsQuery', 'pageRowRefetchQuery']);
});
