// @ts-check
/**
 * A service that consumes the graph: GET /unprotected?country=Slovenia answers with one line of JSON for each user whose
 * mailbox is not backed up, as they come, however many there are.
 *
 *   GRAPH_URL=http://localhost:4000/graphql node examples/service/unprotected.js
 */
import { createServer } from 'node:http';
import { once } from 'node:events';
import { createClient, RequestFailedError, UsersDocument } from 'elements-graph-client';

const { GRAPH_URL = 'http://localhost:4000/graphql', GRAPH_KEY, PORT = '4100' } = process.env;
const graph = createClient({ url: GRAPH_URL, headers: GRAPH_KEY ? { 'x-api-key': GRAPH_KEY } : {} });

const server = createServer((request, response) => {
  const { pathname, searchParams } = new URL(request.url ?? '/', 'http://localhost');
  if (pathname !== '/unprotected') {
    response.writeHead(404).end();
    return;
  }
  const gone = new AbortController();
  response.once('close', () => gone.abort());
  void answer(searchParams.get('country'), gone.signal);

  /** @param {string | null} country @param {AbortSignal} signal */
  async function answer(country, signal) {
    const variables = {
      customers: { countryOrRegion: country },
      filter: { protection: { module: /** @type {const} */ ('MAILBOX'), isProtected: false } },
    };
    try {
      for await (const user of graph.nodes(UsersDocument, variables, (data) => data.users, { signal })) {
        if (!response.headersSent) response.writeHead(200, { 'content-type': 'application/x-ndjson' });
        const line = JSON.stringify({
          customer: user.tenant?.customer?.organization,
          user: user.displayName,
          mail: user.mail,
          state: user.protectionState,
        });
        // A slow reader slows the pages down.
        if (!response.write(`${line}\n`)) await once(response, 'drain', { signal });
      }
      response.end();
    } catch (error) {
      if (signal.aborted) return;
      const retryAfter = error instanceof RequestFailedError ? error.retryAfterSeconds : null;
      if (response.headersSent) response.destroy();
      else {
        if (retryAfter !== null) response.setHeader('retry-after', retryAfter);
        response.writeHead(502).end('The graph has failed.\n');
      }
    }
  }
});

server.listen(Number(PORT), '127.0.0.1', () => {
  const address = server.address();
  const port = typeof address === 'object' ? address?.port : PORT;
  console.log(`http://127.0.0.1:${port}/unprotected?country=Slovenia`);
});
