/** Orders of rows: by values, then by identity, so that a row's place does not depend on other rows. */

import { createHash } from 'node:crypto';
import { streamSafe } from '../fold.ts';

/** Null is a missing value, and comes last in both directions. */
type OrderValue = string | number | null;

interface OrderKey<Row, Joined = unknown> {
  readonly valueOf: (row: Row, joined: Joined | null) => OrderValue;
  readonly isDescending: boolean;
  /** Whether the value depends on the joined row. */
  readonly needsJoin: boolean;
}

/** The most important key first. */
export type Order<Row, Joined = unknown> = readonly OrderKey<Row, Joined>[];

/** Name of a key: an enum value without its direction. */
type KeyName<Name extends string> = Name extends `${infer Key}_ASC` ? Key : never;

type KeyValue<Row, Joined> = (row: Row, joined: Joined | null) => OrderValue;

/**
 * Order from names such as `MAIL_ASC` and `MAIL_DESC`, or null.
 *
 * @param joinedKeys keys that depend on the joined row
 */
export function orderOf<Name extends string, Row, Joined>(
  names: readonly Name[] | null | undefined,
  keys: Readonly<Record<KeyName<Name>, KeyValue<Row, Joined>>>,
  joinedKeys: readonly KeyName<Name>[],
): Order<Row, Joined> | null {
  if (!names || names.length === 0) return null;
  const valuesOf = new Map<string, KeyValue<Row, Joined>>(Object.entries(keys));
  return [...new Set(names)].flatMap((name) => {
    const key = name.replace(/_(ASC|DESC)$/, '');
    const valueOf = valuesOf.get(key);
    const needsJoin = joinedKeys.some((joined) => joined === key);
    return valueOf === undefined ? [] : [{ valueOf, isDescending: name.endsWith('_DESC'), needsJoin }];
  });
}

/** A row's place: the values of the order's keys, then its identity. */
export interface SortKey {
  readonly values: readonly OrderValue[];
  readonly identity: string;
}

/** Maximum characters compared: a cursor contains them, and must be short. */
const maxComparedCharacters = 200;

/** Compares letters before case and accents, and numbers by size, regardless of the host's locale. */
const collator = new Intl.Collator('en', { numeric: true });

export function sortKeyOf<Row, Joined>(
  order: Order<Row, Joined>,
  identity: string,
  row: Row,
  joined: Joined | null,
): SortKey {
  const values = order.map(({ valueOf }) => {
    const value = valueOf(row, joined);
    // The collator normalizes its operands.
    return typeof value === 'string' ? streamSafe(value.slice(0, maxComparedCharacters)) : value;
  });
  return { values, identity: shortIdentity(identity) };
}

/** A longer identity ends with its hash, which keeps it unique. */
function shortIdentity(identity: string): string {
  if (identity.length <= maxComparedCharacters) return identity;
  const hash = createHash('sha256').update(identity).digest('base64url');
  return `${identity.slice(0, maxComparedCharacters - hash.length)}${hash}`;
}

export function compareSortKeys(order: Order<never, never>, left: SortKey, right: SortKey): number {
  let index = 0;
  for (const { isDescending } of order) {
    const compared = compareValues(left.values[index] ?? null, right.values[index] ?? null, isDescending);
    if (compared !== 0) return compared;
    index += 1;
  }
  return left.identity < right.identity ? -1 : left.identity > right.identity ? 1 : 0;
}

function compareValues(left: OrderValue, right: OrderValue, isDescending: boolean): number {
  if (left === null || right === null) return left === right ? 0 : left === null ? 1 : -1;
  const compared =
    typeof left === 'string' || typeof right === 'string'
      ? collator.compare(String(left), String(right))
      : left - right;
  return isDescending ? -compared : compared;
}

/** Sort key from parsed JSON; null if it does not fit the order. */
export function decodeSortKey(order: Order<never, never>, value: unknown): SortKey | null {
  if (!Array.isArray(value) || value.length !== order.length + 1) return null;
  const parts: readonly unknown[] = value;
  const values: OrderValue[] = [];
  for (const part of parts.slice(0, -1)) {
    if (part !== null && typeof part !== 'string' && typeof part !== 'number') return null;
    values.push(part);
  }
  const identity = parts.at(-1);
  return typeof identity === 'string' ? { values, identity } : null;
}

export function encodeSortKey({ values, identity }: SortKey): unknown {
  return [...values, identity];
}
