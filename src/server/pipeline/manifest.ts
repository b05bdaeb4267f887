/**
 * Reads manifests of trusted documents: the `operations` of Apollo's generate-persisted-query-manifest, or a map of ids to
 * documents, as graphql-codegen's client preset and Relay's compiler write it.
 */
import { parseJsonFile, readRegularFile, RegularFileError } from '../../regular-file.ts';

/** Unusable manifest; the message names the file, the fault, and the setting if one names the file. */
export class ManifestError extends Error {
  override readonly name = 'ManifestError';
}

export interface DocumentFault {
  readonly id: string;
  /** A single line. */
  readonly reason: string;
}

const maxManifestBytes = 64 * 1024 * 1024;
const maxShownId = 100;

/** Removes the prefix `sha256:`, which only some tools and clients write. */
export function bareId(id: string): string {
  return id.replace(/^sha256:/, '');
}

export function shownId(id: string): string {
  return JSON.stringify(id.slice(0, maxShownId));
}

/**
 * Reads the documents by their bare ids.
 *
 * @param setting name of the setting that names the file; null if none does
 * @throws ManifestError
 */
export function readManifest(file: string, setting: string | null): ReadonlyMap<string, string> {
  const prefix = setting === null ? '' : `${setting}: `;
  const named = `${prefix}the file ${JSON.stringify(file)}`;
  let content: unknown;
  try {
    content = parseJsonFile(readRegularFile(file, maxManifestBytes).toString());
  } catch (error) {
    throw new ManifestError(
      error instanceof RegularFileError ? `${prefix}${error.message}.` : `${named} is not JSON.`,
    );
  }
  if (typeof content !== 'object' || content === null || Array.isArray(content)) {
    throw new ManifestError(`${named} is not usable: expected an object.`);
  }
  const { operations } = content as { readonly operations?: unknown };
  const entries: (readonly [id: unknown, text: unknown, expected: string])[] = Array.isArray(operations)
    ? operations.map((each: { id?: unknown; body?: unknown } | null, index) => [
        each?.id,
        each?.body,
        `operations[${index}]: expected "id" and "body", the text of a document`,
      ])
    : Object.entries(content).map(([id, text]) => [
        id,
        text,
        `${shownId(id)}: expected the text of a document`,
      ]);
  const documents = new Map<string, string>();
  for (const [id, text, expected] of entries) {
    if (typeof id !== 'string' || typeof text !== 'string' || id === '')
      throw new ManifestError(`${named} is not usable: ${expected}.`);
    const known = documents.get(bareId(id));
    if (known !== undefined && known !== text)
      throw new ManifestError(`${named} is not usable: ${shownId(id)}: two documents have this id.`);
    documents.set(bareId(id), text);
  }
  return documents;
}

/** @param faultOf returns why a document can't be executed; null if it can */
export function faultyDocuments(
  documents: ReadonlyMap<string, string>,
  faultOf: (text: string) => string | null,
): readonly DocumentFault[] {
  const faults: DocumentFault[] = [];
  for (const [id, text] of documents) {
    const fault = faultOf(text);
    // Messages quote the document, which may have line breaks.
    if (fault !== null) faults.push({ id, reason: fault.replace(/\s+/g, ' ') });
  }
  return faults;
}
