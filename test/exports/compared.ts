import type { ChangeCounts, Change } from '../../src/exports/changes.ts';
import type { ComparisonEnd } from '../../src/exports/compare.ts';
import type { NotCompared } from '../../src/exports/classify-tenants.ts';
import type { GatewayUnderTest } from '../gateway-under-test.ts';
import { exchange, type Exchange, type ExchangeAnswer } from '../http-exchange.ts';
import { getOf } from './exported.ts';

interface ComparedTenant extends ChangeCounts {
  readonly customerId: string;
  readonly organization: string | null;
  readonly tenantId: string;
  readonly name: string | null;
  readonly isGone: boolean;
  readonly changes: readonly Change[];
}

export interface Compared extends ComparisonEnd {
  readonly tenants: readonly ComparedTenant[];
  readonly notCompared: readonly NotCompared[];
}

export const ndjsonHeaders = { 'content-type': 'application/x-ndjson' };

export function compareOf(
  file: string | Buffer,
  format = 'json',
  headers: Exchange['headers'] = {},
): Exchange {
  return { target: `/export/changes.${format}`, headers: { ...ndjsonHeaders, ...headers }, body: file };
}

/** @throws Error for another status than 200 */
export async function compared(
  { url }: Pick<GatewayUnderTest, 'url'>,
  file: string,
  headers: Exchange['headers'] = {},
): Promise<Compared> {
  return comparedOf(await exchange(url, compareOf(file, 'json', headers)));
}

export function comparedOf({ status, text }: ExchangeAnswer): Compared {
  if (status !== 200) throw new Error(`Status ${status}: ${text}`);
  return JSON.parse(text) as Compared;
}

export async function exported(
  { url }: Pick<GatewayUnderTest, 'url'>,
  query = '',
  headers: Exchange['headers'] = {},
): Promise<string> {
  const { status, text } = await exchange(url, getOf(`/export/users.ndjson${query}`, headers));
  if (status !== 200) throw new Error(`Status ${status}: ${text}`);
  return text;
}

/** A line of an earlier export, as by its simplest columns. */
export const row = (more: object = {}) =>
  JSON.stringify({
    ...{ customerId: 'c', tenantId: 't', userId: 'ann', protectionState: 'PROTECTED', status: [] },
    ...more,
  });
const columns = ['customerId', 'tenantId', 'userId', 'protectionState', 'status'];
export const end = (more: object = {}) =>
  JSON.stringify({
    end: {
      of: 'users',
      filter: null,
      customers: null,
      columns,
      rows: 1,
      isComplete: true,
      missing: [],
      ...more,
    },
  });
export const fileOf = (...lines: string[]) => `${lines.join('\n')}\n`;
