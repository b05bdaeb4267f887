/** GET /partner/customers (reference page "Retrieve All Customers"): one OData list, with a link to the next part. */
import { UpstreamError } from '../errors.ts';
import type { DirectoryEntryRecord } from '../model.ts';
import type { Scope } from '../scope.ts';
import type { Transport } from '../transport/transport.ts';
import { call, nameOf, type Answer, type Call, type Route } from './call.ts';
import type { LifetimeSetting } from './collection.ts';
import { customerFieldNames, customerFields } from './customer-fields.ts';
import type { JsonObject } from '../json.ts';
import { checkId, DecodeError, decodeRows } from './decode.ts';
import { rowClass } from './row.ts';
import { textOf } from './values.ts';

export const directoryRoute: Route = {
  method: 'GET',
  template: '/partner/customers',
  permission: 'partner.customers.read.all',
};

export const directoryLifetime: LifetimeSetting = {
  name: 'CACHE_TTL_DIRECTORY_SECONDS',
  defaultSeconds: 300,
  meaning: 'How long the customer directory is fresh.',
};

export interface DirectoryPage {
  readonly entries: readonly DirectoryEntryRecord[];
  /** Path of the next part; null at the end. */
  readonly nextPath: string | null;
}

export const firstDirectoryCall: Call = { path: directoryRoute.template, body: null };

/** One page of the directory, or all of it if the upstream does not split it. */
export function fetchDirectoryPage(
  transport: Transport,
  page: Call,
  scope: Scope,
): Promise<Answer<DirectoryPage>> {
  return call(transport, directoryRoute, page, decodePage, scope);
}

function decodePage(body: JsonObject | null): DirectoryPage {
  if (body === null) return { entries: [], nextPath: null };
  const { Value, value = Value } = body;
  const nextLink = textOf(body[nextLinkName]);
  // With an invalid link, a part must not look like the whole directory.
  if (nextLink === undefined) throw new DecodeError(nextLinkName);
  return {
    entries: decodeRows(value, 'value', decodeDirectoryEntry, maxEntries),
    nextPath: nextLink === null ? null : pathOfLink(nextLink),
  };
}

/** The directory has all customers in one list; responses are also bounded in bytes. */
const maxEntries = 200_000;

const nextLinkName = '@odata.nextLink';

/** @throws DecodeError for a row without an id */
export function decodeDirectoryEntry(json: JsonObject): DirectoryEntryRecord {
  checkId(json);
  return new DirectoryEntryRow(json, null);
}

const DirectoryEntryRow = rowClass<Omit<DirectoryEntryRecord, 'faultOf'>, null>(
  { endpoint: nameOf(directoryRoute), place: 'value[]', names: customerFieldNames },
  { kind: () => 'DirectoryEntry', ...customerFields },
);

/** Uses only the query of a link, on the route's own path: no link can direct the token elsewhere. */
function pathOfLink(nextLink: string): string {
  const query = nextLink.indexOf('?');
  if (query < 0 || !/(^|(^|\/)customers)$/.test(nextLink.slice(0, query)) || /[^!-~]/.test(nextLink)) {
    throw new UpstreamError(
      'UPSTREAM_INVALID_RESPONSE',
      `The upstream's answer can't be understood at ${nextLinkName}.`,
      { endpoint: nameOf(directoryRoute), field: nextLinkName },
    );
  }
  return directoryRoute.template + nextLink.slice(query).replace(/#.*$/, '');
}
