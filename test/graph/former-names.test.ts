/** Deprecated names have the values of their replacements. */
import { describe, expect, test } from '@jest/globals';
import { useGateway } from '../use-gateway.ts';
import { customerRow, protectionRow, userRow } from '../world-of.ts';

const modules = { moduleStatus: [{ module: 0, isProtected: true }] };

let fails = false;
const gateway = useGateway({
  world: {
    customers: [customerRow({ id: 'c', organization: 'Org', tenants: [{ id: 't', name: 'Tenant' }] })],
    directory: [],
    tenants: {
      'c/t': {
        users: ['protected', 'unprotected', 'unknown'].map((id) =>
          userRow({ id, mail: `${id}@example.com` }),
        ),
        protection: [
          protectionRow('protected@example.com', modules),
          protectionRow('unprotected@example.com', { moduleStatus: [] }),
          protectionRow('shared@example.com', modules),
          protectionRow('room@example.com', modules),
        ],
      },
    },
  },
  intercept: ({ path }) => (fails && path.includes('/um/') ? { status: 403, body: '' } : undefined),
});

const fresh = { headers: { 'cache-control': 'no-cache' } };

test('a user has a state, whether there is a protection row or not', async () => {
  const { data } = await gateway.queryText(
    '{ users { nodes { userId protectionState protection { state } } } }',
    {},
    fresh,
  );
  expect(data?.['users']).toEqual({
    nodes: [
      { userId: 'protected', protectionState: 'PROTECTED', protection: { state: 'PROTECTED' } },
      { userId: 'unprotected', protectionState: 'UNPROTECTED', protection: { state: 'UNPROTECTED' } },
      { userId: 'unknown', protectionState: 'NOT_IN_BACKUP', protection: null },
    ],
  });
});

test.each(['NO_ROW', 'NOT_IN_BACKUP'])('a filter takes %s', async (state) => {
  const { data } = await gateway.queryText(
    `{ users(filter: { protection: { state: ${state} } }) { nodes { userId protectionState } } }`,
  );
  expect(data?.['users']).toEqual({ nodes: [{ userId: 'unknown', protectionState: 'NOT_IN_BACKUP' }] });
});

test('a summary has its numbers by both names', async () => {
  const { data } = await gateway.queryText(
    '{ protectionSummary { notInBackupCount noRowCount unmatchedStatusCount statusesWithoutUser } }',
  );
  expect(data?.['protectionSummary']).toEqual({
    notInBackupCount: 1,
    noRowCount: 1,
    unmatchedStatusCount: 2,
    statusesWithoutUser: 2,
  });
});

describe('a tenant that could not be read', () => {
  test('has its names and a reason', async () => {
    fails = true;
    try {
      const { data } = await gateway.queryText(
        '{ protectionSummary { missing { customerId organization tenantId name reason code } } }',
        {},
        fresh,
      );
      expect(data?.['protectionSummary']).toEqual({
        missing: [
          {
            customerId: 'c',
            organization: 'Org',
            tenantId: 't',
            name: 'Tenant',
            reason: 'UPSTREAM_FORBIDDEN',
            code: 'UPSTREAM_FORBIDDEN',
          },
        ],
      });
    } finally {
      fails = false;
    }
  });
});
