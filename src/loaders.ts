/**
 * One DataLoader per kind of key and operation: the keys of one tick, whatever fields asked for them, become one demand
 * to the planner. Windows of lists need none: a list's reader shares its pages by itself.
 */
import DataLoader from 'dataloader';
import type { CustomerRecord, ProtectionStatusRecord, TenantKey, UserRecord } from './model.ts';
import type { ListReader } from './planner/list-reader.ts';
import type { Planner } from './planner/planner.ts';
import { byId, protectionOf, userByAddress, userOf, type Demand, type Want } from './planner/want.ts';
import type { FieldPath } from './scope.ts';

/**
 * The row of a key, null where there is none. Rejects with the UpstreamError of the call that failed.
 *
 * @param cause the field that needs it
 */
export type Load<Key, Row> = (key: Key, cause: FieldPath) => Promise<Row | null>;

export interface Loaders {
  readonly customer: Load<string, CustomerRecord>;
  readonly user: Load<TenantKey & { readonly userId: string }, UserRecord>;
  readonly userByAddress: Load<TenantKey & { readonly address: string }, UserRecord>;
  readonly userOfProtectionStatus: Load<ProtectionStatusRecord, UserRecord>;
  readonly protectionOfUser: Load<UserRecord, ProtectionStatusRecord>;
}

export function createLoaders(planner: Planner): Loaders {
  const { isObserved } = planner;
  return {
    customer: createLoad(
      isObserved,
      (customerId) => customerId,
      () => planner.customers,
      byId,
    ),
    user: createLoad(
      isObserved,
      ({ customerId, tenantId, userId }: TenantKey & { readonly userId: string }) =>
        JSON.stringify([customerId, tenantId, userId]),
      planner.users,
      ({ userId }) => byId(userId),
    ),
    userByAddress: createLoad(
      isObserved,
      ({ customerId, tenantId, address }: TenantKey & { readonly address: string }) =>
        JSON.stringify([customerId, tenantId, address]),
      planner.users,
      ({ address }) => userByAddress(address),
    ),
    userOfProtectionStatus: createLoad(isObserved, (row) => row, planner.users, userOf),
    protectionOfUser: createLoad(isObserved, (user) => user, planner.protectionStatuses, protectionOf),
  };
}

/** A key, and the fields that asked for it until its batch went out, where somebody wants to know. */
interface Asked<Key> {
  readonly key: Key;
  readonly causes: FieldPath[];
}

function createLoad<Key, Row>(
  isObserved: boolean,
  identityOf: (key: Key) => unknown,
  readerOf: (key: Key) => ListReader<Row>,
  wantOf: (key: Key) => Want,
): Load<Key, Row> {
  const asked = new Map<unknown, Asked<Key>>();
  const loader = new DataLoader<Asked<Key>, Row | null, unknown>(
    (batch) => findAll(batch, readerOf, wantOf),
    { cacheKeyFn: ({ key }) => identityOf(key) },
  );
  return (key, cause) => {
    if (!isObserved) return loader.load({ key, causes: [] });
    const identity = identityOf(key);
    let all = asked.get(identity);
    if (all === undefined) asked.set(identity, (all = { key, causes: [] }));
    all.causes.push(cause);
    return loader.load(all);
  };
}

/** Splits the keys by the list that holds them, and puts the rows back into the keys' order. */
async function findAll<Key, Row>(
  batch: readonly Asked<Key>[],
  readerOf: (key: Key) => ListReader<Row>,
  wantOf: (key: Key) => Want,
): Promise<(Row | null | Error)[]> {
  const demandsOf = new Map<ListReader<Row>, { position: number; demand: Demand }[]>();
  batch.forEach(({ key, causes }, position) => {
    const reader = readerOf(key);
    const demands = demandsOf.get(reader) ?? [];
    demands.push({ position, demand: { want: wantOf(key), causes } });
    demandsOf.set(reader, demands);
  });
  const found = new Array<Row | null | Error>(batch.length).fill(null);
  await Promise.all(
    [...demandsOf].map(async ([reader, demands]) => {
      const rows = await reader.find(demands.map(({ demand }) => demand));
      demands.forEach(({ position }, index) => (found[position] = rows[index] ?? null));
    }),
  );
  return found;
}
