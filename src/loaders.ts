/**
 * One DataLoader per kind of key and operation: the keys of one tick become one call to a list's reader. Rows joined to
 * a list's rows are read directly, without promises if they are cached. Windows need no loader, since readers share
 * their pages.
 */
import DataLoader from 'dataloader';
import { foldAddress, foldName } from './fold.ts';
import { chainAll, type MaybePromise } from './maybe-promise.ts';
import type { CustomerRecord, ProtectionStatusRecord, TenantKey, UserRecord } from './model.ts';
import type { RowReader } from './planner/list-reader.ts';
import { tenantName } from './planner/upstream-cache.ts';
import type { Planner } from './planner/planner.ts';
import {
  idJoin,
  protectionAddressJoin,
  protectionJoin,
  userAddressJoin,
  userIdJoin,
  userJoin,
  type AddressKey,
  type Join,
} from './planner/row-keys.ts';
import type { FieldPath } from './scope.ts';

/**
 * The row of a key, or null. Rejects with the UpstreamError of the failed call.
 *
 * @param cause the field that needs the row
 */
type Load<Key, Row> = (key: Key, cause: FieldPath) => Promise<Row | null>;

/**
 * The row of each key, null if there is none, or the UpstreamError of the failed call. Synchronous if all are cached.
 *
 * @param causeOf the field that needs the key at this index
 */
type LoadAll<Key, Row> = (
  keys: readonly Key[],
  causeOf: (index: number) => FieldPath,
) => MaybePromise<readonly (Row | null | Error)[]>;

interface UserKey extends TenantKey {
  readonly userId: string;
}

export interface Loaders {
  readonly customer: Load<string, CustomerRecord>;
  readonly user: Load<UserKey, UserRecord>;
  readonly userByAddress: Load<AddressKey, UserRecord>;
  readonly protectionStatusByAddress: Load<AddressKey, ProtectionStatusRecord>;
  readonly usersOfProtectionStatuses: LoadAll<ProtectionStatusRecord, UserRecord>;
  readonly protectionOfUsers: LoadAll<UserRecord, ProtectionStatusRecord>;
}

export function createLoaders(planner: Planner): Loaders {
  const usersOf = (tenant: TenantKey) => planner.tenant(tenant).users;
  const statusesOf = (tenant: TenantKey) => planner.tenant(tenant).protectionStatuses;
  return {
    customer: createLoad(planner, foldName, planner.customers, idJoin),
    user: createLoad<UserKey, UserRecord>(planner, nameOfUser, usersOf, userIdJoin),
    userByAddress: createLoad(planner, nameOfAddress, usersOf, userAddressJoin),
    protectionStatusByAddress: createLoad(planner, nameOfAddress, statusesOf, protectionAddressJoin),
    usersOfProtectionStatuses: createLoadAll(usersOf, userJoin),
    protectionOfUsers: createLoadAll(statusesOf, protectionJoin),
  };
}

function nameOfUser({ userId, ...tenant }: UserKey): string {
  return `${tenantName(tenant)} ${foldName(userId)}`;
}

function nameOfAddress({ address, ...tenant }: AddressKey): string {
  return `${tenantName(tenant)} ${foldAddress(address)}`;
}

/** A key of a batch, with the fields that need it if calls are observed. */
interface BatchKey<Key> {
  readonly key: Key;
  readonly causes: FieldPath[];
}

function createLoad<Key, Row>(
  { isObserved }: Planner,
  nameOf: (key: Key) => string,
  readerOf: (key: Key) => RowReader<Row>,
  join: Join<Key>,
): Load<Key, Row> {
  const observedKeys = new Map<string, BatchKey<Key>>();
  const loader = new DataLoader<BatchKey<Key>, Row | null, string>(
    async (batch) => {
      const found = new Map<BatchKey<Key>, Row | null | Error>();
      const byReader = new Map<RowReader<Row>, BatchKey<Key>[]>();
      for (const each of batch) {
        const reader = readerOf(each.key);
        const group = byReader.get(reader);
        if (group === undefined) byReader.set(reader, [each]);
        else group.push(each);
      }
      await Promise.all(
        [...byReader].map(async ([reader, group]) => {
          const keys = group.map(({ key }) => key);
          const rows = await reader.find(keys, join, (index) => group[index]?.causes ?? []);
          for (const [index, each] of group.entries()) found.set(each, rows[index] ?? null);
        }),
      );
      return batch.map((each) => found.get(each) ?? null);
    },
    { cacheKeyFn: ({ key }) => nameOf(key) },
  );
  return (key, cause) => {
    if (!isObserved) return loader.load({ key, causes: [] });
    const name = nameOf(key);
    let all = observedKeys.get(name);
    if (all === undefined) observedKeys.set(name, (all = { key, causes: [] }));
    all.causes.push(cause);
    return loader.load(all);
  };
}

function createLoadAll<Key extends TenantKey, Row>(
  readerOf: (tenant: TenantKey) => RowReader<Row>,
  join: Join<Key>,
): LoadAll<Key, Row> {
  return (keys, causeOf) => {
    const parts: MaybePromise<readonly (Row | null | Error)[]>[] = [];
    // Keys of one list are adjacent.
    for (let start = 0, end = 0; start < keys.length; start = end) {
      const first = keys[start];
      if (first === undefined) break;
      while (end < keys.length && isSameTenant(keys[end], first)) end += 1;
      const from = start;
      const part = end - start === keys.length ? keys : keys.slice(start, end);
      parts.push(readerOf(first).find(part, join, (index) => [causeOf(from + index)]));
    }
    const [only] = parts;
    return parts.length === 1 && only !== undefined ? only : chainAll(parts, (found) => found.flat());
  };
}

function isSameTenant(left: TenantKey | undefined, { customerId, tenantId }: TenantKey): boolean {
  return left?.tenantId === tenantId && left.customerId === customerId;
}
