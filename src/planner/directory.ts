/** The customer directory: one list without keys and windows, cached by page. */
import { nameOf, type Call } from '../endpoint/call.ts';
import { reviveRows } from '../endpoint/collection.ts';
import {
  decodeDirectoryEntry,
  directoryRoute,
  fetchDirectoryPage,
  firstDirectoryCall,
} from '../endpoint/directory.ts';
import { foldName } from '../fold.ts';
import type { DirectoryEntryRecord } from '../model.ts';
import type { FieldPath, Scope } from '../scope.ts';
import type { ReadMode } from './freshness.ts';
import { orCached } from './list-source.ts';
import type { DirectoryAnswer, CachedDirectory } from './upstream-cache.ts';
import type { CallDescription, Operation } from './operation.ts';
import { withoutPosition } from './own-customers.ts';

const endpoint = nameOf(directoryRoute);

/** Directory entries that the viewer may see, in the upstream's order, without repeats. Rejects with UpstreamError. */
export async function readDirectory(
  operation: Operation,
  directory: CachedDirectory,
  cause: FieldPath,
): Promise<readonly DirectoryEntryRecord[]> {
  const { customersRead, viewer } = operation.scope;
  // The viewer may see nothing of the directory, not even its age.
  if (viewer.customerIds?.size === 0) return [];
  const entries = new Map<string, DirectoryEntryRecord>();
  const visited = new Set<string>();
  let path: string | null = firstDirectoryCall.path;
  while (path !== null && !visited.has(path)) {
    visited.add(path);
    const page: DirectoryAnswer = await readPage(operation, directory, { path, body: null }, cause).catch(
      (error: unknown) => {
        throw viewer.customerIds === null ? error : withoutPosition(error);
      },
    );
    for (const entry of page.entries) {
      const id = foldName(entry.customerId);
      if (!entries.has(id) && viewer.customerIds?.has(id) !== false) entries.set(id, entry);
    }
    path = page.nextPath;
  }
  await operation.nextSlice();
  for (const id of entries.keys()) customersRead?.add(id);
  return [...entries.values()];
}

async function readPage(
  operation: Operation,
  directory: CachedDirectory,
  call: Call,
  cause: FieldPath,
): Promise<DirectoryAnswer> {
  const cached = (readMode: ReadMode) => useCachedPage(operation, directory, call, cause, readMode);
  return cached('normal') ?? orCached(fetchPage(operation, directory, call, cause), () => cached('if-error'));
}

function useCachedPage(
  operation: Operation,
  directory: CachedDirectory,
  call: Call,
  cause: FieldPath,
  readMode: ReadMode,
): DirectoryAnswer | null {
  const answer = directory.pages.get(call.path);
  if (answer === undefined) return null;
  const { lifetime } = directory;
  const { key, sentAt } = answer;
  operation.scope.dependencies.addDependency(directory);
  const freshness = operation.freshnessOf({ sentAt, kind: 'present' }, lifetime, readMode);
  if (freshness === 'expired') return null;
  operation.useCached({ sentAt, kind: 'present', freshness, readMode, count: 1 }, key, {
    lifetime,
    endpoint,
    describe: () => describe(call, cause),
  });
  // Concurrent operations share this call; the stale page serves them until it returns.
  if (freshness === 'stale' && readMode === 'normal')
    directory.revalidations.start(call.path, () =>
      fetchPage(operation.inBackground(), directory, call, cause),
    );
  return answer;
}

function fetchPage(
  operation: Operation,
  directory: CachedDirectory,
  call: Call,
  cause: FieldPath,
): Promise<DirectoryAnswer> {
  const { transport, credential, cache } = operation.upstream;
  const key = JSON.stringify([credential, endpoint, call.path]);
  const fetch = async (scope: Scope, sentAt: number): Promise<DirectoryAnswer> => {
    const { content, status, bytes } = await fetchDirectoryPage(transport, call, scope);
    const answer = { ...content, key, sentAt, status, bytes };
    cache.cacheDirectoryPage(directory, call.path, answer);
    return answer;
  };
  return operation.call(directory.singleFlight, key, describe(call, cause), fetch, {
    lifetime: directory.lifetime,
    revive: (found) => {
      const page = found as DirectoryAnswer;
      const entries = reviveRows(page.entries, decodeDirectoryEntry);
      return entries === null ? null : { ...page, entries };
    },
    onFound: (found) => {
      cache.cacheDirectoryPage(directory, call.path, found);
    },
  });
}

function describe({ path }: Call, cause: FieldPath): CallDescription {
  return { endpoint, path, causes: [cause], isOfAllCustomers: true };
}
