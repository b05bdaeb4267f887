/**
 * Documents that callers may name instead of sending them: those of a manifest (Apollo's, or a map of ids as of Relay, urql
 * and graphql-codegen), and those that a client has registered by hash (Apollo's automatic persisted queries).
 */
import { LRUCache } from 'lru-cache';
import { readRegularFile } from '../../regular-file.ts';
import type { OperationRequest } from './operation-request.ts';
import { RequestRefusal } from './refusals.ts';

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

  /** @throws ManifestError */
  constructor(file: string | null) {
    this.#byId = file === null ? new Map() : readManifest(file);
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
    return id === null ? null : (this.#byId.get(id) ?? this.#registered.get(id) ?? null);
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

function readManifest(file: string): Map<string, string> {
  const quoted = JSON.stringify(file);
  let content: unknown;
  try {
    content = JSON.parse(readRegularFile(file, maxManifestBytes).toString());
  } catch {
    throw new ManifestError(`The manifest ${quoted} can't be read, or is not JSON.`);
  }
  if (typeof content !== 'object' || content === null || Array.isArray(content)) {
    throw new ManifestError(`The manifest ${quoted}: expected an object.`);
  }
  const { operations } = content as { readonly operations?: unknown };
  const entries: (readonly [unknown, unknown])[] = Array.isArray(operations)
    ? operations.map((each: { id?: unknown; body?: unknown } | null) => [each?.id, each?.body])
    : Object.entries(content);
  return new Map(
    entries.map(([id, text]) => {
      if (typeof id === 'string' && typeof text === 'string') return [id.replace(/^sha256:/, ''), text];
      throw new ManifestError(
        `The manifest ${quoted}: expected ids with the texts of documents, or Apollo's "operations" with "id" and "body".`,
      );
    }),
  );
}
