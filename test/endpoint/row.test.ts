/** Rows hold their JSON, and decode a field when it is read. */
import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { reviveRows } from '../../src/endpoint/collection.ts';
import { customers } from '../../src/endpoint/customers.ts';
import { DecodeError } from '../../src/endpoint/decode.ts';
import type { JsonObject } from '../../src/json.ts';
import { decodeDirectoryEntry } from '../../src/endpoint/directory.ts';
import { protectionStatuses } from '../../src/endpoint/protection-statuses.ts';
import { users } from '../../src/endpoint/users.ts';

const tenant = { customerId: 'c', tenantId: 't' };
const ofUser = (json: object) => users.decodeRow(json as JsonObject, tenant);
const ofProtection = (json: object) => protectionStatuses.decodeRow(json as JsonObject, tenant);
const ofCustomer = (json: object) => customers.decodeRow(json as JsonObject, {});

/** JSON that counts how often each of its properties is read. */
function counted(json: object): { readonly json: object; readonly reads: () => Record<string, number> } {
  const reads = new Map<string, number>();
  const proxy = new Proxy(json, {
    get: (target, name) => {
      if (Object.hasOwn(target, name)) reads.set(String(name), (reads.get(String(name)) ?? 0) + 1);
      return Reflect.get(target, name) as unknown;
    },
  });
  return { json: proxy, reads: () => Object.fromEntries(reads) };
}

describe('a row', () => {
  test('checks only its id and the lengths of its lists until a field is read', () => {
    const { json, reads } = counted({ id: 'u', mail: 'a@x', displayName: 'A', status: [1], age: 7 });
    const user = ofUser(json);
    expect(reads()).toEqual({ id: 1, status: 1 });
    expect(user.displayName).toBe('A');
    expect(reads()).toEqual({ id: 1, status: 1, displayName: 1 });
  });

  test('has the fields of its JSON and the ids of its path', () => {
    const user = ofUser({ id: 'u', mail: ' ', displayName: ' ', age: '12', status: ['3', 0, 99] });
    expect(user).toMatchObject({
      kind: 'User',
      ...tenant,
      userId: 'u',
      mail: null,
      displayName: ' ',
      passwordAge: 12,
      isTestUser: null,
      startDate: null,
      status: ['HIGH_RISK', 'MFA_DISABLED', 'UNKNOWN'],
      statusCodes: [3, 0, 99],
    });
  });

  test('reads a field in camel case or in Pascal case, the first if it has both, and no inherited one', () => {
    expect(ofUser({ Id: 'u', DisplayName: 'A' })).toMatchObject({ userId: 'u', displayName: 'A' });
    expect(ofUser({ id: 'u', Id: 'v', displayName: null, DisplayName: 'A' })).toMatchObject({
      userId: 'u',
      displayName: null,
    });
    const foreign = JSON.parse('{"id": "u", "__proto__": {"displayName": "A"}}') as object;
    expect(ofUser(foreign).displayName).toBeNull();
  });

  test('returns the same lists and parts each time', () => {
    const customer = ofCustomer({ id: 'c', tenants: [{ id: 't' }, { id: 'T', name: 'again' }] });
    expect(customer.tenants).toHaveLength(1);
    expect(customer.tenants[0]).toMatchObject({ kind: 'Tenant', ...tenant, name: null });
    expect(customer.tenants).toBe(customer.tenants);
    const user = ofUser({ id: 'u', status: ['3'] });
    expect(user.status).toBe(user.status);
    const [first, second] = [1, 2].map(() => ofProtection({ moduleStatus: [{ module: 0, isProtected: 1 }] }));
    expect(first?.modules).toBe(first?.modules);
    expect(first?.modules[0]).toBe(second?.modules[0]);
  });

  test('can’t be changed', () => {
    const user = ofUser({ id: 'u', displayName: 'A' });
    expect(() => Object.assign(user, { displayName: 'B' })).toThrow(TypeError);
    expect(user.displayName).toBe('A');
  });

  test.each([
    [users, { id: 'u', status: Array.from({ length: 10_001 }, () => 1) }, 'status'],
    [customers, { id: 'c', tenants: Array.from({ length: 10_001 }, () => ({})) }, 'tenants'],
    [protectionStatuses, { moduleStatus: Array.from({ length: 10_001 }, () => ({})) }, 'moduleStatus'],
    [users, { mail: 'a@x' }, 'id'],
    [customers, { id: 7 }, 'id'],
    [protectionStatuses, { id: 7 }, 'id'],
  ])('requires its id and lists of valid length (%#)', ({ decodeRow }, json, field) => {
    expect(() => decodeRow(json as never, tenant)).toThrow(new DecodeError(field));
  });

  test('of protection needs no id if it has an address, and none at all', () => {
    expect(ofProtection({ id: 7, email: 'a@x' })).toMatchObject({ userId: '7', email: 'a@x' });
    expect(ofProtection({ id: ' ', email: {} })).toMatchObject({ userId: null, email: null });
    expect(ofProtection({})).toMatchObject({ kind: 'ProtectionStatus', ...tenant, modules: [] });
  });
});

describe('a fault', () => {
  const of = (record: { faultOf?: (name: string) => unknown }, name: string) =>
    record.faultOf?.(name) ?? null;

  test('names the upstream’s field of an invalid value', () => {
    const endpoint = 'POST /partner/external/v3/general/customers/batch';
    const customer = ofCustomer({
      id: 'c',
      organization: {},
      jobStatus: true,
      managementMode: 'x',
      tenants: [{ id: 't', name: [] }],
    });
    const { managementMode, managementModeCode, jobStatus, jobStatusCode, jobStatusText } = customer;
    expect([managementMode, managementModeCode, jobStatus, jobStatusCode, jobStatusText]).toEqual([
      null,
      null,
      null,
      null,
      null,
    ]);
    expect(of(customer, 'organization')).toEqual({ endpoint, field: 'data[].organization' });
    expect(of(customer, 'managementMode')).toEqual({ endpoint, field: 'data[].managementMode' });
    expect(of(customer, 'managementModeCode')).toEqual({ endpoint, field: 'data[].managementMode' });
    expect(of(customer, 'jobStatusCode')).toEqual({ endpoint, field: 'data[].jobStatus' });
    expect(of(customer.tenants[0] ?? {}, 'name')).toEqual({ endpoint, field: 'data[].tenants[].name' });
    const user = ofUser({ id: 'u', age: 'old' });
    expect(of(user, 'passwordAge')).toMatchObject({ field: 'data[].age' });
    const entry = decodeDirectoryEntry({ id: 'c', organization: {} });
    expect(of(entry, 'organization')).toMatchObject({ field: 'value[].organization' });
    const { modules } = ofProtection({ moduleStatus: [{ module: 0, isProtected: 'x' }, 7] });
    expect(modules.map((module) => of(module, 'isProtected'))).toMatchObject([
      { field: 'data[].moduleStatus[].isProtected' },
      { field: 'data[].moduleStatus[]' },
    ]);
  });

  test('is in no valid, absent or unknown field', () => {
    const customer = ofCustomer({ id: 'c', organization: null, jobStatus: 'Unheard of', ownerEmail: 'N/A' });
    expect(customer).toMatchObject({
      jobStatus: 'UNKNOWN',
      jobStatusCode: null,
      jobStatusText: 'Unheard of',
    });
    for (const name of [
      'organization',
      'ownerEmail',
      'jobStatus',
      'jobStatusCode',
      'tenants',
      'toString',
      'x',
    ]) {
      expect(of(customer, name)).toBeNull();
    }
    const user = ofUser({ id: 'u', mail: ' ', startDate: '1970-01-01T00:00:00Z' });
    for (const name of ['mail', 'startDate', 'endDate', 'kind']) expect(of(user, name)).toBeNull();
  });
});

describe('rows serialized as JSON', () => {
  test('are the same rows afterwards', () => {
    const value = fc.oneof(fc.constantFrom('a', ' ', 7, true, null, {}), fc.jsonValue());
    const json = fc.record(
      { displayName: value, mail: value, age: value, status: value, startDate: value, Company: value },
      { requiredKeys: [] },
    );
    fc.assert(
      fc.property(fc.array(json), (rows) => {
        const sent = rows.map((row, index) => ofUser({ ...row, id: `u${index}` }));
        const revived = reviveRows(JSON.parse(JSON.stringify(sent)), ofUser);
        // JSON has no negative zero.
        const plain = (text: unknown) => JSON.stringify(text);
        for (const name of [
          'kind',
          'tenantId',
          'userId',
          'mail',
          'displayName',
          'passwordAge',
          'status',
        ] as const) {
          expect(revived?.map((row) => plain(row[name]))).toEqual(sent.map((row) => plain(row[name])));
        }
      }),
    );
  });

  test.each([null, 7, 'x', {}, [7], [{}], [{ id: 'u' }, { id: 3 }], [[]]])(
    'are none if they are %j',
    (rows) => {
      expect(reviveRows(rows, ofUser)).toBeNull();
    },
  );

  test('rethrow other errors', () => {
    const fail = () => {
      throw new TypeError('not a row’s fault');
    };
    expect(() => reviveRows([{}], fail)).toThrow(TypeError);
  });
});
