/** Headers that tell a browser what it may do with what it gets, and which other sites may ask. */
import { IncomingMessage, ServerResponse } from 'node:http';
import { Socket } from 'node:net';
import fastifyCors from '@fastify/cors';
import type { FastifyInstance } from 'fastify';
import helmet from 'helmet';

export interface Doors {
  /** Other sites whose pages may ask from a browser. */
  readonly allowedOrigins: readonly string[];
  readonly hasIntrospection: boolean;
  /** A manifest of documents that are known beforehand; null where there is none. */
  readonly trustedDocumentsFile: string | null;
  /** Whether nobody may ask anything else. */
  readonly asksTrustedOnly: boolean;
  /** Whether GraphiQL is served. */
  readonly hasExplorer: boolean;
}

/** What a browser shows to a page of another site, beside the answer. */
const exposedHeaders = ['age', 'etag', 'retry-after', 'x-request-id'];
const preflightSeconds = 600;

export async function protect(server: FastifyInstance, { allowedOrigins }: Doors): Promise<void> {
  const headers = securityHeaders(allowedOrigins.length === 0 ? 'same-origin' : 'cross-origin');
  server.addHook('onRequest', (_request, reply, done) => {
    reply.headers(headers);
    done();
  });
  if (allowedOrigins.length > 0) {
    await server.register(fastifyCors, {
      origin: [...allowedOrigins],
      methods: ['GET', 'POST'],
      exposedHeaders,
      maxAge: preflightSeconds,
    });
  }
}

/** Worked out once, since they are the same for every answer. */
function securityHeaders(policy: 'same-origin' | 'cross-origin'): Readonly<Record<string, string>> {
  const headers: Record<string, string> = {};
  const set = helmet({
    contentSecurityPolicy: {
      useDefaults: false,
      directives: {
        defaultSrc: ["'none'"],
        scriptSrc: ["'self'"],
        // The explorer's editors set styles as they go.
        styleSrc: ["'self'", "'unsafe-inline'"],
        imgSrc: ["'self'", 'data:'],
        fontSrc: ["'self'", 'data:'],
        connectSrc: ["'self'"],
        workerSrc: ["'self'", 'blob:'],
        baseUri: ["'none'"],
        formAction: ["'self'"],
        frameAncestors: ["'none'"],
      },
    },
    // Whether this host is reached by HTTPS alone, whoever terminates it knows.
    strictTransportSecurity: false,
    crossOriginResourcePolicy: { policy },
  });
  const response = new ServerResponse(new IncomingMessage(new Socket()));
  set(response.req, response, () => undefined);
  for (const [name, value] of Object.entries(response.getHeaders())) headers[name] = String(value);
  return headers;
}
