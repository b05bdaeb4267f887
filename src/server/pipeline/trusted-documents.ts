/**
 * Documents that callers may name instead of sending them: those of a manifest (Apollo's, or a map of ids as of Relay, urql
 * and graphql-codegen), and those that a client has registered by hash (Apollo's automatic persisted queries).
 */
import { LRUCache } from 'lru-cache';
import { parseJsonFile, readRegularFile, RegularFileError } from '../../regular-file.ts';
import type { OperationRequest } from './operation-request.ts';
import { RequestRefusal } from './refusals.ts';

/** The manifest can't be used; the message names the setting, the file and the fault. */
export class ManifestError extends Error {
  override readonly name = 'ManifestError';
}

/** Of the manifest. */
const maxManifestBytes = 64 * 1024 * 1024;
/** Characters of all registered documents together. */
const maxRegisteredCharacters = 4_000_000;

export class TrustedDocuments {
  readonly #byId: ReadonlyMap<string, string>;
  readonly #texts: ReadonlySet<string>;
  /** By hash; registered by callers, and thus not trusted. */
  readonly #registered = new LRUCache<string, string>({
    maxSize: maxRegisteredCharacters,
    sizeCalculation: ({ length }) => length,
  });

  /**
   * @param faultOf why a document can't be executed; null if it can
   * @throws ManifestError
   */
  constructor(file: string | null, faultOf: (text: string) => string | null) {
    this.#byId = file === null ? new Map() : readManifest(file);
    if (file !== null) checkDocuments(file, this.#byId, faultOf);
    this.#texts = new Set(this.#byId.values());
  }

  get size(): number {
    return this.#byId.size;
  }

  /** Whether the manifest has exactly this document, and all that the request names is this document. */
  allow(text: string | null, { query, documentId, sha256Hash }: OperationRequest): boolean {
    if (text === null || !this.#texts.has(text)) return false;
    const ids = [documentId, sha256Hash].filter((id) => id !== null);
    return query === null || ids.every((id) => this.#byId.get(id) === query);
  }

  find({ documentId, sha256Hash }: OperationRequest): string | null {
    const id = documentId ?? sha256Hash;
    return id === null ? null : (this.#byId.get(id) ?? this.#registered.get(id.toLowerCase()) ?? null);
  }

  /** Registers a valid document that was sent with its hash. Throws a RequestRefusal for the hash of another one. */
  register({ query, sha256Hash }: OperationRequest, hash: string): void {
    if (query === null || sha256Hash === null || this.#byId.get(sha256Hash) === query) return;
    if (sha256Hash.toLowerCase() !== hash) {
      throw new RequestRefusal('extensions.persistedQuery: sha256Hash is not the hash of the query.');
    }
    this.#registered.set(hash, query);
  }
}

const setting = 'TRUSTED_DOCUMENTS_FILE';
const maxShownId = 100;
const maxShownFaults = 5;

/** Clients can't be answered that send a document with a fault: better no start than requests that fail. */
function checkDocuments(
  file: string,
  documents: ReadonlyMap<string, string>,
  faultOf: (text: string) => string | null,
): void {
  const faults: string[] = [];
  for (const [id, text] of documents) {
    const fault = faultOf(text);
    // Messages quote the document, which may have line breaks.
    if (fault !== null)
      faults.push(`${JSON.stringify(id.slice(0, maxShownId))}: ${fault.replace(/\s+/g, ' ')}`);
  }
  if (faults.length === 0) return;
  const more = faults.length - maxShownFaults;
  throw new ManifestError(
    [
      `${setting}: the file ${JSON.stringify(file)} has documents that can't be executed:`,
      ...faults.slice(0, maxShownFaults),
      ...(more > 0 ? [`and ${more} more`] : []),
    ].join('\n      '),
  );
}

function readManifest(file: string): Map<string, string> {
  const named = `${setting}: the file ${JSON.stringify(file)}`;
  let content: unknown;
  try {
    content = parseJsonFile(readRegularFile(file, maxManifestBytes).toString());
  } catch (error) {
    throw new ManifestError(
      error instanceof RegularFileError ? `${setting}: ${error.message}.` : `${named} is not JSON.`,
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
        `${JSON.stringify(id.slice(0, maxShownId))}: expected the text of a document`,
      ]);
  return new Map(
    entries.map(([id, text, expected]) => {
      if (typeof id === 'string' && typeof text === 'string') return [id.replace(/^sha256:/, ''), text];
      throw new ManifestError(`${named} is not usable: ${expected}.`);
    }),
  );
}
