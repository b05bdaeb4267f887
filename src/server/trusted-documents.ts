/**
 * Documents that were known when the clients were built, by their ids, as the clients' build tools write them down:
 * Apollo's manifest of operations, or a map of ids to documents as of Relay, urql and graphql-codegen. A request may
 * name one instead of sending it, and who is held to them may ask nothing else.
 */
import { readFileSync } from 'node:fs';
import type { FastifyInstance, FastifyRequest } from 'fastify';
import { Refusal } from '../errors.ts';

/** The manifest can't be used; the message names the fault. */
export class ManifestError extends Error {
  override readonly name = 'ManifestError';
}

/** Whoever asks is held to documents that are known, and this is none of them. */
export class UntrustedDocumentError extends Refusal {
  override readonly name = 'UntrustedDocumentError';
  readonly status = 403;
  readonly code = 'DOCUMENT_NOT_TRUSTED';

  constructor() {
    super(
      'You may ask only what the manifest of trusted documents has. Send the id of one of them, or its very text.',
    );
  }
}

export class TrustedDocuments {
  readonly #byId: ReadonlyMap<string, string>;
  readonly #texts: ReadonlySet<string>;

  /** @throws ManifestError */
  constructor(file: string | null) {
    this.#byId = file === null ? new Map() : readManifest(file);
    this.#texts = new Set(this.#byId.values());
  }

  /**
   * Guards the routes of a Fastify scope: puts the text in the place of an id that is known.
   *
   * @param isHeldToThem whether a request's caller may ask nothing else
   */
  guard(scope: FastifyInstance, isHeldToThem: (request: FastifyRequest) => boolean): void {
    scope.addHook('preHandler', (request, _reply, done) => {
      const asked = askedOf(request);
      const id = asked === null ? null : idOf(asked);
      const known = id === null ? undefined : this.#byId.get(id);
      if (asked !== null && known !== undefined && typeof asked.query !== 'string') asked.query = known;
      const isAsked = asked !== null && (id !== null || asked.query !== undefined);
      const isTrusted = typeof asked?.query === 'string' && this.#texts.has(asked.query);
      done(isAsked && !isTrusted && isHeldToThem(request) ? new UntrustedDocumentError() : undefined);
    });
  }
}

interface AskedDocument {
  query?: unknown;
  readonly extensions?: unknown;
  readonly documentId?: unknown;
  readonly id?: unknown;
  readonly doc_id?: unknown;
}

function askedOf({ method, query, body }: FastifyRequest): AskedDocument | null {
  const asked = method === 'GET' ? query : body;
  return typeof asked === 'object' && asked !== null && !Array.isArray(asked) ? asked : null;
}

/** By the names that the common clients use. */
function idOf({ extensions, documentId, id, doc_id: docId }: AskedDocument): string | null {
  const fromExtensions = hashOf(typeof extensions === 'string' ? parse(extensions) : extensions);
  return [documentId, id, docId, fromExtensions].find((each) => typeof each === 'string') ?? null;
}

function hashOf(extensions: unknown): unknown {
  if (typeof extensions !== 'object' || extensions === null || !('persistedQuery' in extensions)) return null;
  const { persistedQuery } = extensions;
  if (typeof persistedQuery !== 'object' || persistedQuery === null) return null;
  return 'sha256Hash' in persistedQuery ? persistedQuery.sha256Hash : null;
}

function parse(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return null;
  }
}

function readManifest(file: string): Map<string, string> {
  const quoted = JSON.stringify(file);
  let content: unknown;
  try {
    content = JSON.parse(readFileSync(file, 'utf8'));
  } catch {
    throw new ManifestError(`The manifest ${quoted} can't be read, or is no JSON.`);
  }
  if (typeof content !== 'object' || content === null || Array.isArray(content)) {
    throw new ManifestError(`The manifest ${quoted}: expected an object.`);
  }
  const operations = 'operations' in content && Array.isArray(content.operations) ? content.operations : null;
  const entries: (readonly [unknown, unknown])[] =
    operations === null
      ? Object.entries(content)
      : (operations as readonly { readonly id?: unknown; readonly body?: unknown }[]).map(
          (operation) => [operation.id, operation.body] as const,
        );
  return new Map(
    entries.map(([id, text]) => {
      if (typeof id === 'string' && typeof text === 'string') return [id.replace(/^sha256:/, ''), text];
      throw new ManifestError(
        `The manifest ${quoted}: expected ids with the texts of documents, or Apollo's "operations" with "id" and "body".`,
      );
    }),
  );
}
