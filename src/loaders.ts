/**
 * One DataLoader per kind of key and operation: the keys of one tick, whatever fields asked for them, become one demand
 * to the planner. Windows of lists need none: a list's reader shares its pages by itself.
 */
import DataLoader from 'dataloader';
import type { CustomerRecord, ProtectionStatusRecord, TenantKey, UserRecord } from './model.ts';
import type { ListReader } from './planner/list-reader.ts';
import type { Planner } from './planner/planner.ts';
import { byId, protectionOf, userByAddress, userOf, type Want } from './planner/want.ts';

/** Each answers null where there is no such row, and rejects with the UpstreamError of the call that failed. */
export interface Loaders {
  readonly customer: DataLoader<string, CustomerRecord | null>;
  readonly user: DataLoader<TenantKey & { readonly userId: string }, UserRecord | null, string>;
  readonly userByAddress: DataLoader<TenantKey & { readonly address: string }, UserRecord | null, string>;
  readonly userOfProtectionStatus: DataLoader<ProtectionStatusRecord, UserRecord | null>;
  readonly protectionOfUser: DataLoader<UserRecord, ProtectionStatusRecord | null>;
}

export function createLoaders(planner: Planner): Loaders {
  return {
    customer: new DataLoader<string, CustomerRecord | null>((ids) => planner.customers.find(ids.map(byId))),
    user: new DataLoader((keys) => findByTenant(keys, planner.users, ({ userId }) => byId(userId)), {
      cacheKeyFn: ({ customerId, tenantId, userId }) => JSON.stringify([customerId, tenantId, userId]),
    }),
    userByAddress: new DataLoader(
      (keys) => findByTenant(keys, planner.users, ({ address }) => userByAddress(address)),
      {
        cacheKeyFn: ({ customerId, tenantId, address }) => JSON.stringify([customerId, tenantId, address]),
      },
    ),
    userOfProtectionStatus: new DataLoader((rows) => findByTenant(rows, planner.users, userOf)),
    protectionOfUser: new DataLoader((users) =>
      findByTenant(users, planner.protectionStatuses, protectionOf),
    ),
  };
}

/** Splits the keys by the tenant whose list holds them, and puts the rows back into the keys' order. */
async function findByTenant<Key extends TenantKey, Row>(
  keys: readonly Key[],
  readerOf: (tenant: TenantKey) => ListReader<Row>,
  wantOf: (key: Key) => Want,
): Promise<(Row | null | Error)[]> {
  const positions = new Map<ListReader<Row>, { position: number; want: Want }[]>();
  keys.forEach((key, position) => {
    const reader = readerOf(key);
    const wants = positions.get(reader) ?? [];
    wants.push({ position, want: wantOf(key) });
    positions.set(reader, wants);
  });
  const found = new Array<Row | null | Error>(keys.length).fill(null);
  await Promise.all(
    [...positions].map(async ([reader, wants]) => {
      const rows = await reader.find(wants.map(({ want }) => want));
      wants.forEach(({ position }, index) => (found[position] = rows[index] ?? null));
    }),
  );
  return found;
}
