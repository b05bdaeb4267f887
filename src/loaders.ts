/**
 * One DataLoader per kind of key and operation: the keys of one tick, whatever fields asked for them, become one demand
 * to the planner. The rows of a whole list's rows are one key, and cost no promise where they are at hand. Windows of
 * lists need none: a list's reader shares its pages by itself.
 */
import DataLoader from 'dataloader';
import type { MaybePromise } from './execution/maybe-promise.ts';
import { foldAddress, foldName } from './fold.ts';
import type { CustomerRecord, ProtectionStatusRecord, TenantKey, UserRecord } from './model.ts';
import type { RowReader } from './planner/list-reader.ts';
import { tenantName } from './planner/memory.ts';
import type { Planner } from './planner/planner.ts';
import {
  byId,
  JoinDemand,
  protectionByAddress,
  protectionJoin,
  userByAddress,
  userJoin,
  type Demand,
  type Join,
  type Want,
} from './planner/want.ts';
import type { FieldPath } from './scope.ts';
import { yieldIfDue } from './scheduler.ts';

/**
 * The row of a key, null where there is none. Rejects with the UpstreamError of the call that failed.
 *
 * @param cause the field that needs it
 */
export type Load<Key, Row> = (key: Key, cause: FieldPath) => Promise<Row | null>;

/**
 * For each key its row, null where there is none, or the UpstreamError of the call that failed: a promise of them where
 * they are not all at hand.
 *
 * @param causeOf the field that needs the key of this index
 */
export type LoadAll<Key, Row> = (
  keys: readonly Key[],
  causeOf: (index: number) => FieldPath,
) => MaybePromise<readonly (Row | null | Error)[]>;

export interface Loaders {
  readonly customer: Load<string, CustomerRecord>;
  readonly user: Load<TenantKey & { readonly userId: string }, UserRecord>;
  readonly userByAddress: Load<TenantKey & { readonly address: string }, UserRecord>;
  readonly protectionStatusByAddress: Load<TenantKey & { readonly address: string }, ProtectionStatusRecord>;
  readonly usersOfProtectionStatuses: LoadAll<ProtectionStatusRecord, UserRecord>;
  readonly protectionOfUsers: LoadAll<UserRecord, ProtectionStatusRecord>;
}

export function createLoaders(planner: Planner): Loaders {
  const { isObserved } = planner;
  return {
    customer: createLoad(isObserved, foldName, () => planner.customers, byId),
    user: createLoad(
      isObserved,
      ({ customerId, tenantId, userId }: TenantKey & { readonly userId: string }) =>
        `${tenantName({ customerId, tenantId })} ${foldName(userId)}`,
      planner.users,
      ({ userId }) => byId(userId),
    ),
    userByAddress: createLoad(isObserved, identityOfAddress, planner.users, ({ address }) =>
      userByAddress(address),
    ),
    protectionStatusByAddress: createLoad(
      isObserved,
      identityOfAddress,
      planner.protectionStatuses,
      ({ address }) => protectionByAddress(address),
    ),
    usersOfProtectionStatuses: createLoadAll(isObserved, planner.users, userJoin),
    protectionOfUsers: createLoadAll(isObserved, planner.protectionStatuses, protectionJoin),
  };
}

function identityOfAddress({ customerId, tenantId, address }: TenantKey & { readonly address: string }) {
  return `${tenantName({ customerId, tenantId })} ${foldAddress(address)}`;
}

/** A key, and the fields that asked for it until its batch went out, where somebody wants to know. */
interface Asked<Key> {
  readonly key: Key;
  readonly causes: readonly FieldPath[];
}

const nobody: readonly FieldPath[] = [];

function createLoad<Key, Row>(
  isObserved: boolean,
  identityOf: (key: Key) => unknown,
  readerOf: (key: Key) => RowReader<Row>,
  wantOf: (key: Key) => Want,
): Load<Key, Row> {
  const asked = new Map<unknown, Asked<Key> & { readonly causes: FieldPath[] }>();
  const loader = new DataLoader<Asked<Key>, Row | null, unknown>(
    (batch) => findAll(batch, readerOf, (key, causes) => ({ want: wantOf(key), causes })),
    { cacheKeyFn: ({ key }) => identityOf(key) },
  );
  return (key, cause) => {
    if (!isObserved) return loader.load({ key, causes: nobody });
    const identity = identityOf(key);
    let all = asked.get(identity);
    if (all === undefined) asked.set(identity, (all = { key, causes: [] }));
    all.causes.push(cause);
    return loader.load(all);
  };
}

function createLoadAll<Key extends TenantKey, Row>(
  isObserved: boolean,
  readerOf: (tenant: TenantKey) => RowReader<Row>,
  join: Join<Key>,
): LoadAll<Key, Row> {
  const loader = new DataLoader<readonly Asked<Key>[], readonly (Row | null | Error)[]>(
    async (batches) => {
      const found = await findAll(
        batches.flat(),
        readerOf,
        (key, causes) => new JoinDemand(key, join, causes),
      );
      let start = 0;
      return batches.map(({ length }) => found.slice(start, (start += length)));
    },
    { cache: false },
  );
  const load = (keys: readonly Key[], causeOf: (index: number) => FieldPath) =>
    loader.load(keys.map((key, index) => ({ key, causes: isObserved ? [causeOf(index)] : nobody })));
  /** Too many for one turn, where they are of one list: its reader takes more of them. */
  const loadMany = async (keys: readonly Key[], causeOf: (index: number) => FieldPath) => {
    await yieldIfDue();
    const [first] = keys;
    const isOfOneList = first !== undefined && keys.every((key) => isSameTenant(key, first));
    return isOfOneList ? readerOf(first).findAll(keys, join, causeOf(0)) : load(keys, causeOf);
  };
  return (keys, causeOf) => {
    if (keys.length > longestPart) return loadMany(keys, causeOf);
    const atHand = findAllNow(keys, readerOf, join);
    if (atHand !== null) return atHand;
    return load(keys, causeOf);
  };
}

/** The executor asks for so many at once, at most. */
const longestPart = 1000;

/** Null where not all of them are at hand. */
function findAllNow<Key extends TenantKey, Row>(
  keys: readonly Key[],
  readerOf: (tenant: TenantKey) => RowReader<Row>,
  join: Join<Key>,
): readonly (Row | null)[] | null {
  const found: (Row | null)[] = [];
  // Rows of one list stand together.
  for (let start = 0; start < keys.length;) {
    const first = keys[start];
    if (first === undefined) break;
    let end = start + 1;
    while (end < keys.length && isSameTenant(keys[end], first)) end += 1;
    const rows = readerOf(first).findNow(
      start === 0 && end === keys.length ? keys : keys.slice(start, end),
      join,
    );
    if (rows === null) return null;
    for (const row of rows) found.push(row);
    start = end;
  }
  return found;
}

function isSameTenant(left: TenantKey | undefined, { customerId, tenantId }: TenantKey): boolean {
  return left?.tenantId === tenantId && left.customerId === customerId;
}

/** Splits the keys by the list that holds them, and puts the rows back into the keys' order. */
async function findAll<Key, Row>(
  batch: readonly Asked<Key>[],
  readerOf: (key: Key) => RowReader<Row>,
  demandOf: (key: Key, causes: readonly FieldPath[]) => Demand,
): Promise<(Row | null | Error)[]> {
  const demandsOf = new Map<RowReader<Row>, { position: number; demand: Demand }[]>();
  batch.forEach(({ key, causes }, position) => {
    const reader = readerOf(key);
    const demands = demandsOf.get(reader) ?? [];
    demands.push({ position, demand: demandOf(key, causes) });
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
