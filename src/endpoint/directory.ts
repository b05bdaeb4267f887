/** GET /partner/customers (reference page "Retrieve All Customers"): one OData list, with links to go on if it is cut. */
import { UpstreamError } from '../errors.ts';
import type { DirectoryEntryRecord } from '../model.ts';
import type { Scope } from '../scope.ts';
import type { Transport } from '../transport/transport.ts';
import { call, nameOf, type Route } from './call.ts';
import { decodeId, decodeList, decodeObject, decodeText, type JsonObject } from './decode.ts';
import { decodeJobStatus } from './job-status.ts';

const route: Route = {
  method: 'GET',
  template: '/partner/customers',
  permission: 'partner.customers.read.all',
};

/** All rows of the directory, in the upstream's order, repeats dropped. */
export async function fetchDirectory(transport: Transport, scope: Scope): Promise<DirectoryEntryRecord[]> {
  const entries = new Map<string, DirectoryEntryRecord>();
  const visited = new Set<string>();
  let path: string | null = route.template;
  while (path !== null && !visited.has(path)) {
    visited.add(path);
    const page: DirectoryPage = await call(transport, route, { path }, decodePage, scope);
    for (const entry of page.entries)
      if (!entries.has(entry.customerId)) entries.set(entry.customerId, entry);
    path = page.nextLink === null ? null : pathOfLink(page.nextLink);
  }
  return [...entries.values()];
}

interface DirectoryPage {
  readonly entries: readonly DirectoryEntryRecord[];
  readonly nextLink: string | null;
}

function decodePage(body: JsonObject): DirectoryPage {
  return {
    entries: decodeList(body, 'value', (row, place) => decodeDirectoryEntry(decodeObject(row, place))),
    nextLink: decodeText(body, '@odata.nextLink'),
  };
}

function decodeDirectoryEntry(row: JsonObject): DirectoryEntryRecord {
  return {
    kind: 'DirectoryEntry',
    customerId: decodeId(row, 'id'),
    organization: decodeText(row, 'organization'),
    ownerEmail: decodeText(row, 'ownerEmail'),
    ...decodeJobStatus(row),
    countryOrRegion: decodeText(row, 'countryOrRegion'),
  };
}

/**
 * Only the query of a link is followed, on the route's own path: a link is the upstream's text, and the token must go
 * nowhere else because of it.
 */
function pathOfLink(nextLink: string): string {
  const query = nextLink.indexOf('?');
  if (query < 0 || !/(^|(^|\/)customers)$/.test(nextLink.slice(0, query)) || /[^!-~]/.test(nextLink)) {
    throw new UpstreamError(
      'UPSTREAM_INVALID_RESPONSE',
      "The upstream's answer can't be understood at @odata.nextLink.",
      {
        endpoint: nameOf(route),
        field: '@odata.nextLink',
      },
    );
  }
  return route.template + nextLink.slice(query).replace(/#.*$/, '');
}
