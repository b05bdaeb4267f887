/** A site with one empty page, whose scripts may do anything. */
import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';

export interface Site {
  readonly port: number;
  readonly origin: string;
  readonly stop: () => void;
}

/** @param script the file that is at /page.js when it is asked for */
export async function startSite(script?: () => string): Promise<Site> {
  const server = createServer((request, response) => {
    const isScript = script !== undefined && request.url === '/page.js';
    response.writeHead(200, { 'content-type': isScript ? 'text/javascript' : 'text/html' });
    response.end(isScript ? readFileSync(script()) : '<!doctype html><title>page</title><body></body>');
  });
  await once(server.listen(0, '127.0.0.1'), 'listening');
  const { port } = server.address() as AddressInfo;
  return {
    port,
    origin: `http://127.0.0.1:${port}`,
    stop: () => {
      server.closeAllConnections();
      server.close();
    },
  };
}
