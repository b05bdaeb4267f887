/** Lets in whom the callers' settings know, and remembers who it is. Nothing of a request is looked at before. */
import type { FastifyInstance, FastifyRequest } from 'fastify';
import type { Caller, Callers } from '../callers/callers.ts';
import { invariant } from '../errors.ts';
import type { Viewer } from '../scope.ts';

export class Identification {
  readonly #callers: Callers;
  readonly #known = new WeakMap<FastifyRequest, Caller>();
  readonly #rights = new WeakMap<Caller, string>();

  constructor(callers: Callers) {
    this.#callers = callers;
  }

  /** Guards the routes of a Fastify scope. */
  guard(scope: FastifyInstance): void {
    scope.addHook('onRequest', (request, _reply, done) => {
      if (isPage(request)) {
        done();
        return;
      }
      // Who may not ask so often is known all the same: the audit tells who was refused.
      const know = (caller: Caller) => {
        this.#known.set(request, caller);
        return this.#callers.admit(caller);
      };
      const letIn = () => {
        done();
      };
      try {
        const caller = this.#callers.identify(request.headers);
        const admitted = caller instanceof Promise ? caller.then(know) : know(caller);
        if (admitted instanceof Promise) admitted.then(letIn, done);
        else letIn();
      } catch (error) {
        done(error instanceof Error ? error : new Error(String(error)));
      }
    });
  }

  viewerOf(request: FastifyRequest): Viewer {
    const viewer = this.knownViewerOf(request);
    invariant(viewer !== null, 'nobody asks who is not known');
    return viewer;
  }

  /** Null for whoever is not known. */
  knownViewerOf(request: FastifyRequest): Viewer | null {
    return this.#known.get(request)?.viewer ?? null;
  }

  /** Whether a request's caller may ask only what is known beforehand. */
  asksTrustedOnly(request: FastifyRequest): boolean {
    return this.#known.get(request)?.asksTrustedOnly ?? false;
  }

  /** Equal for callers who may ask and see the same, and for no others. */
  rightsOf(request: FastifyRequest): string {
    const caller = this.#known.get(request);
    if (caller === undefined) return 'none';
    let rights = this.#rights.get(caller);
    if (rights === undefined) {
      const { viewer, asksTrustedOnly } = caller;
      rights = JSON.stringify([
        asksTrustedOnly,
        viewer.profile,
        viewer.customerIds === null ? 'all' : [...viewer.customerIds],
      ]);
      this.#rights.set(caller, rights);
    }
    return rights;
  }
}

/** Whether the explorer's page is asked for, which has no data, and whose reader has no credential yet. */
export function isPage({ method, query, headers }: FastifyRequest): boolean {
  const takesPages = method === 'GET' && (headers.accept ?? '').includes('text/html');
  return takesPages && Object.keys(query as object).length === 0;
}
