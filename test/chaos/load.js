/**
 * Sends operations and reports how each was answered: in a thread of its own, so that neither a busy caller is taken for
 * a slow gateway nor a busy upstream for a slow caller.
 */
import { setTimeout as sleep } from 'node:timers/promises';
import { parentPort, workerData } from 'node:worker_threads';
import { Agent, request } from 'undici';

const { url, requests } = workerData;
const dispatcher = new Agent({ headersTimeout: 0, bodyTimeout: 0 });

async function send({ query, startAfterMs }) {
  if (startAfterMs > 0) await sleep(startAfterMs);
  const { statusCode, headers, body } = await request(`${url}/graphql`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({ query }),
    dispatcher,
  });
  const text = await body.text();
  const retryAfter = headers['retry-after'] ?? null;
  return { status: statusCode, retryAfter, text };
}

parentPort.postMessage(await Promise.all(requests.map(send)));
await dispatcher.close();
