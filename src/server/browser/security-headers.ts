/** Security headers of every response. */
import { IncomingMessage, ServerResponse } from 'node:http';
import { Socket } from 'node:net';
import helmet from 'helmet';

/** @param isForOtherOrigins whether pages of other origins may read responses */
export function securityHeaders(isForOtherOrigins: boolean): Readonly<Record<string, string>> {
  const set = helmet({
    contentSecurityPolicy: {
      useDefaults: false,
      directives: {
        defaultSrc: ["'none'"],
        scriptSrc: ["'self'"],
        // GraphiQL's editors set inline styles.
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
    xFrameOptions: { action: 'deny' },
    // TLS is terminated in front of the gateway: HSTS is set there.
    strictTransportSecurity: false,
    crossOriginResourcePolicy: { policy: isForOtherOrigins ? 'cross-origin' : 'same-origin' },
  });
  const response = new ServerResponse(new IncomingMessage(new Socket()));
  set(response.req, response, () => undefined);
  return Object.fromEntries(
    Object.entries(response.getHeaders()).map(([name, value]) => [name, String(value)]),
  );
}
