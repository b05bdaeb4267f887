/**
 * The GraphQL over HTTP specification, where it asks for something else than the libraries do: a status that says whether
 * the request was well sent, as far as `application/json` can say it, and GET for whoever is no page of another site.
 */
import type { FastifyInstance, FastifyRequest } from 'fastify';

/**
 * Whether a GET can't be another site's doing. Browsers say where it comes from, but not to a host that they reach by
 * plain HTTP: there, that it is a browser is enough to ask for more. No page can send it under another name.
 */
export function isOfNoOtherSite({ method, headers }: FastifyRequest): boolean {
  const site = headers['sec-fetch-site'];
  const isBrowser = headers['user-agent']?.startsWith('Mozilla/') ?? false;
  return method === 'GET' && (site === undefined ? !isBrowser : site === 'same-origin' || site === 'none');
}

export class OverHttp {
  readonly #requestErrors = new WeakSet<FastifyRequest>();

  /** A document or variables of a request were ill made. */
  tellRequestError(request: FastifyRequest): void {
    this.#requestErrors.add(request);
  }

  /** Of a Fastify scope; before whatever else works on what is sent. */
  guard(scope: FastifyInstance): void {
    scope.addHook('onSend', (request, reply, _payload, done) => {
      // Clients that take `application/json` alone take any other status for a fault on the way (section 6.4.1).
      const isJson = String(reply.getHeader('content-type')).startsWith('application/json');
      if (isJson && reply.statusCode === 400 && this.#requestErrors.has(request)) reply.code(200);
      done();
    });
  }

  /** Of a Fastify scope; after whatever must not be asked for in passing. */
  letIn(scope: FastifyInstance): void {
    scope.addHook('preHandler', (request, _reply, done) => {
      // Apollo Server takes a GET for another site's unless it has a header that such a site can't send.
      if (isOfNoOtherSite(request)) request.headers['apollo-require-preflight'] ??= 'true';
      done();
    });
  }
}
