/** The customer directory: one list without keys and windows, which memory keeps as it came. */
import { nameOf, type Call } from '../endpoint/call.ts';
import { reviveRows } from '../endpoint/collection.ts';
import {
  decodeDirectoryEntry,
  directoryRoute,
  fetchDirectoryPage,
  firstDirectoryCall,
} from '../endpoint/directory.ts';
import { UpstreamError } from '../errors.ts';
import { foldName } from '../fold.ts';
import type { DirectoryEntryRecord } from '../model.ts';
import type { FieldPath, Scope } from '../scope.ts';
import type { Occasion } from './freshness.ts';
import type { DirectoryAnswer, SharedDirectory } from './memory.ts';
import type { CallDescription, Operation } from './operation.ts';

const endpoint = nameOf(directoryRoute);

/** All rows of the directory, in the upstream's order, repeats dropped. Rejects with UpstreamError. */
export async function readDirectory(
  operation: Operation,
  directory: SharedDirectory,
  cause: FieldPath,
): Promise<readonly DirectoryEntryRecord[]> {
  const entries = new Map<string, DirectoryEntryRecord>();
  const visited = new Set<string>();
  let path: string | null = firstDirectoryCall.path;
  while (path !== null && !visited.has(path)) {
    visited.add(path);
    const page = await readPage(operation, directory, { path, body: null }, cause);
    for (const entry of page.entries) {
      const id = foldName(entry.customerId);
      if (!entries.has(id)) entries.set(id, entry);
    }
    path = page.nextPath;
  }
  await operation.nextSlice();
  return [...entries.values()];
}

async function readPage(
  operation: Operation,
  directory: SharedDirectory,
  call: Call,
  cause: FieldPath,
): Promise<DirectoryAnswer> {
  const remembered = recall(operation, directory, call, cause, 'usual');
  if (remembered !== null) return remembered;
  try {
    return await fetchPage(operation, directory, call, cause);
  } catch (error) {
    const isTransient = error instanceof UpstreamError && error.retryable;
    const lastResort = isTransient ? recall(operation, directory, call, cause, 'last-resort') : null;
    if (lastResort !== null) return lastResort;
    throw error;
  }
}

function recall(
  operation: Operation,
  directory: SharedDirectory,
  call: Call,
  cause: FieldPath,
  occasion: Occasion,
): DirectoryAnswer | null {
  const { scope, upstream } = operation;
  const answer = directory.pages.get(call.path);
  if (answer === undefined) return null;
  scope.provenance.dependOn(directory);
  const freshness = operation.freshnessOf(
    { sentAt: answer.sentAt, kind: 'present' },
    directory.lifetime,
    occasion,
  );
  if (freshness === 'expired') return null;
  upstream.memory.touch(answer.key);
  scope.counts[freshness] += 1;
  operation.observeRecall(describe(call, cause), freshness);
  if (occasion === 'last-resort' && freshness !== 'fresh') operation.useOutdated(endpoint, answer.sentAt);
  // Whoever comes next, too, is served the old page until this call is back: it is the same flight for all.
  if (freshness === 'stale' && occasion === 'usual' && !directory.renewals.has(call.path)) {
    directory.renewals.add(call.path);
    const forget = () => directory.renewals.delete(call.path);
    fetchPage(operation.inBackground(), directory, call, cause).then(forget, forget);
  }
  return answer;
}

async function fetchPage(
  operation: Operation,
  directory: SharedDirectory,
  call: Call,
  cause: FieldPath,
): Promise<DirectoryAnswer> {
  const { transport, credential, memory } = operation.upstream;
  const key = JSON.stringify([credential, endpoint, call.path]);
  const fetch = async (scope: Scope, sentAt: number): Promise<DirectoryAnswer> => {
    const { content, status, bytes } = await fetchDirectoryPage(transport, call, scope);
    const answer = { ...content, key, sentAt, status, bytes };
    memory.keepDirectory(directory, call.path, answer);
    return answer;
  };
  const page = await operation.call(directory.flights, key, describe(call, cause), fetch, {
    lifetime: directory.lifetime,
    revive: (found) => {
      const page = found as DirectoryAnswer;
      const entries = reviveRows(page.entries, decodeDirectoryEntry);
      return entries === null ? null : { ...page, entries };
    },
    onFound: (found) => {
      memory.keepDirectory(directory, call.path, found);
    },
  });
  operation.useAnswer({ sentAt: page.sentAt, kind: 'present' }, directory.lifetime);
  return page;
}

function describe({ path }: Call, cause: FieldPath): CallDescription {
  return { endpoint, path, causes: [cause], isOfAllCustomers: true };
}
