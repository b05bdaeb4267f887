/** Documents that callers may send by id: those of a manifest, and automatic persisted queries, registered by hash. */
import { LRUCache } from 'lru-cache';
import { bareId, faultyDocuments, ManifestError, readManifest, shownId } from './manifest.ts';
import type { OperationRequest } from './operation-request.ts';
import { RequestRefusal } from './refusals.ts';

/** Total characters of registered documents. */
const maxRegisteredCharacters = 4_000_000;

export class TrustedDocuments {
  readonly #byId: ReadonlyMap<string, string>;
  readonly #texts: ReadonlySet<string>;
  /** Documents by hash; registered by callers, and thus not trusted. */
  readonly #registered = new LRUCache<string, string>({
    maxSize: maxRegisteredCharacters,
    sizeCalculation: ({ length }) => length,
  });

  /**
   * @param faultOf returns why a document can't be executed; null if it can
   * @throws ManifestError
   */
  constructor(file: string | null, faultOf: (text: string) => string | null) {
    this.#byId = file === null ? new Map() : readManifest(file, setting);
    if (file !== null) checkDocuments(file, this.#byId, faultOf);
    this.#texts = new Set(this.#byId.values());
  }

  get size(): number {
    return this.#byId.size;
  }

  /** Whether the manifest has exactly this document, and all ids of the request refer to it. */
  allow(text: string | null, { query, documentId, sha256Hash }: OperationRequest): boolean {
    if (text === null || !this.#texts.has(text)) return false;
    const ids = [documentId, sha256Hash].filter((id) => id !== null);
    return query === null || ids.every((id) => this.#byId.get(bareId(id)) === query);
  }

  find({ documentId, sha256Hash }: OperationRequest): string | null {
    const given = documentId ?? sha256Hash;
    const id = given === null ? null : bareId(given);
    return id === null ? null : (this.#byId.get(id) ?? this.#registered.get(id.toLowerCase()) ?? null);
  }

  /** Registers a valid document that was sent with its hash. Throws a RequestRefusal if the hash is wrong. */
  register({ query, sha256Hash }: OperationRequest, hash: string): void {
    if (query === null || sha256Hash === null || this.#byId.get(bareId(sha256Hash)) === query) return;
    if (sha256Hash.toLowerCase() !== hash) {
      throw new RequestRefusal('extensions.persistedQuery: sha256Hash is not the hash of the query.');
    }
    this.#registered.set(hash, query);
  }
}

const setting = 'TRUSTED_DOCUMENTS_FILE';
const maxShownFaults = 5;

/** Prevents the start with an invalid document: every request for it would fail. */
function checkDocuments(
  file: string,
  documents: ReadonlyMap<string, string>,
  faultOf: (text: string) => string | null,
): void {
  const faults = faultyDocuments(documents, faultOf);
  if (faults.length === 0) return;
  const more = faults.length - maxShownFaults;
  throw new ManifestError(
    [
      `${setting}: the file ${JSON.stringify(file)} has documents that can't be executed:`,
      ...faults.slice(0, maxShownFaults).map(({ id, reason }) => `${shownId(id)}: ${reason}`),
      ...(more > 0 ? [`and ${more} more`] : []),
    ].join('\n      '),
  );
}
