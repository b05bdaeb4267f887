/**
 * Documents that callers may name instead of sending them: those of a manifest, which were known when the clients were
 * built (Apollo's manifest of operations, or a map of ids to documents as of Relay, urql and graphql-codegen), and those
 * that a client has registered by their hash (Apollo's automatic persisted queries).
 */
import { LRUCache } from 'lru-cache';
import { readRegularFile, RegularFileError } from '../../regular-file.ts';
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
   * @param file the manifest; null if there is none
   * @throws ManifestError
   */
  constructor(file: string | null) {
    this.#byId = file === null ? new Map() : readManifest(file);
    this.#texts = new Set(this.#byId.values());
  }

  /** Number of documents in the manifest. */
  get size(): number {
    return this.#byId.size;
  }

  /** Whether the manifest has exactly this document, and all that the request names is this document. */
  allow(text: string | null, { query, documentId, sha256Hash }: OperationRequest): boolean {
    if (text === null || !this.#texts.has(text)) return false;
    const ids = [documentId, sha256Hash].filter((id) => id !== null);
    return query === null || ids.every((id) => this.#byId.get(id) === query);
  }

  /** The document that a request names; null if it is not known. */
  find({ documentId, sha256Hash }: OperationRequest): string | null {
    const id = documentId ?? sha256Hash;
    return id === null ? null : (this.#byId.get(id) ?? this.#registered.get(id) ?? null);
  }

  /**
   * Registers a valid document that was sent with its hash.
   *
   * @throws RequestRefusal if the hash is that of another document
   */
  register({ query, sha256Hash }: OperationRequest, hash: string): void {
    if (query === null || sha256Hash === null || this.#byId.get(sha256Hash) === query) return;
    if (sha256Hash.toLowerCase() !== hash) {
      throw new RequestRefusal('extensions.persistedQuery: sha256Hash is not the hash of the query.');
    }
    this.#registered.set(hash, query);
  }
}

const setting = 'TRUSTED_DOCUMENTS_FILE';

function readManifest(file: string): Map<string, string> {
  let text: string;
  try {
    text = readRegularFile(file, maxManifestBytes).toString();
  } catch (error) {
    if (error instanceof RegularFileError) throw new ManifestError(`${setting}: ${error.message}.`);
    throw error;
  }
  const named = `${setting}: the file ${JSON.stringify(file)}`;
  let content: unknown;
  try {
    content = JSON.parse(text);
  } catch {
    throw new ManifestError(`${named} is not JSON.`);
  }
  if (typeof content !== 'object' || content === null || Array.isArray(content)) {
    throw new ManifestError(`${named} is not usable: expected an object.`);
  }
  const { operations } = content as { readonly operations?: unknown };
  const entries: (readonly [id: unknown, text: unknown, fault: () => string])[] = Array.isArray(operations)
    ? (operations as readonly (Readonly<Record<string, unknown>> | null)[]).map((each, index) => [
        each?.['id'],
        each?.['body'],
        () => `operations[${index}]: expected "id" and "body", the text of a document`,
      ])
    : Object.entries(content).map(([id, document]) => [
        id,
        document,
        () => `${JSON.stringify(id.slice(0, maxShownId))}: expected the text of a document`,
      ]);
  return new Map(
    entries.map(([id, document, fault]) => {
      if (typeof id === 'string' && typeof document === 'string')
        return [id.replace(/^sha256:/, ''), document];
      throw new ManifestError(`${named} is not usable: ${fault()}.`);
    }),
  );
}

const maxShownId = 100;
