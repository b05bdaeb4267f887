/**
 * One DataLoader per kind of key and operation: the keys of one tick, whatever fields asked for them, become one call of
 * a list's reader. The rows that belong to the rows of a list go to the reader at once, and cost no promise if they are at
 * hand. Windows of lists need no loader: a reader shares its pages by itself.
 */
import DataLoader from 'dataloader';
import { foldAddress, foldName } from './fold.ts';
import { chainAll, type MaybePromise } from './maybe-promise.ts';
import type { CustomerRecord, ProtectionStatusRecord, TenantKey, UserRecord } from './model.ts';
import type { RowReader } from './planner/list-reader.ts';
import { tenantName } from './planner/shared-cache.ts';
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
 * The row of a key, null if there is none. Rejects with the UpstreamError of the call that failed.
 *
 * @param cause the field that needs it
 */
type Load<Key, Row> = (key: Key, cause: FieldPath) => Promise<Row | null>;

/**
 * For each key its row, null if there is none, or the UpstreamError of the call that failed: a promise of them if they
 * are not all at hand.
 *
 * @param causeOf the field that needs the key of this index
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

/** A key, and the fields that asked for it until its batch went out, if they are of interest. */
interface Asked<Key> {
  readonly key: Key;
  readonly causes: FieldPath[];
}

function createLoad<Key, Row>(
  { isObserved }: Planner,
  nameOf: (key: Key) => string,
  readerOf: (key: Key) => RowReader<Row>,
  join: Join<Key>,
): Load<Key, Row> {
  const asked = new Map<string, Asked<Key>>();
  const loader = new DataLoader<Asked<Key>, Row | null, string>(
    async (batch) => {
      const found = new Map<Asked<Key>, Row | null | Error>();
      const byReader = new Map<RowReader<Row>, Asked<Key>[]>();
      for (const each of batch) {
        const reader = readerOf(each.key);
        const some = byReader.get(reader);
        if (some === undefined) byReader.set(reader, [each]);
        else some.push(each);
      }
      await Promise.all(
        [...byReader].map(async ([reader, some]) => {
          const keys = some.map(({ key }) => key);
          const rows = await reader.find(keys, join, (index) => some[index]?.causes ?? []);
          for (const [index, each] of some.entries()) found.set(each, rows[index] ?? null);
        }),
      );
      return batch.map((each) => found.get(each) ?? null);
    },
    { cacheKeyFn: ({ key }) => nameOf(key) },
  );
  return (key, cause) => {
    if (!isObserved) return loader.load({ key, causes: [] });
    const name = nameOf(key);
    let all = asked.get(name);
    if (all === undefined) asked.set(name, (all = { key, causes: [] }));
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
    // Rows of one list stand together.
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
