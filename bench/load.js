/** Load on one server, by autocannon, with latencies finer than its whole milliseconds. */
import autocannon from 'autocannon';

const headers = { 'content-type': 'application/json' };
/** Answers may be slow with an upstream of 20 ms and 32 connections. */
const timeoutSeconds = 60;

/**
 * @param requests bodies that each connection cycles through, each connection from a place of its own
 * @param minBytes length of the shortest right answer; an error is shorter
 */
export async function load(url, { requests, connections, seconds, minBytes = 0, extraHeaders = {} }) {
  const prepared = requests.map((body) => ({
    method: 'POST',
    headers: { ...headers, ...extraHeaders },
    body,
  }));
  const timesMs = [];
  let short = 0;
  let place = 0;
  const run = autocannon({
    url,
    method: 'POST',
    connections,
    duration: seconds,
    timeout: timeoutSeconds,
    setupClient: (client) => {
      const first = Math.floor((place++ * prepared.length) / connections) % prepared.length;
      // Each client writes into its requests.
      client.setRequests(
        [...prepared.slice(first), ...prepared.slice(0, first)].map((each) => ({ ...each })),
      );
    },
  });
  run.on('response', (_client, _status, bytes, timeMs) => {
    timesMs.push(timeMs);
    if (bytes < minBytes) short += 1;
  });
  const { non2xx, errors, duration, requests: counted } = await run;
  if (non2xx + errors + short > 0)
    throw new Error(`${url}: ${non2xx} were not 200, ${errors} failed, ${short} were too short.`);
  timesMs.sort((a, b) => a - b);
  const percentile = (part) =>
    timesMs[Math.min(timesMs.length - 1, Math.floor(timesMs.length * part))] ?? NaN;
  return {
    answers: timesMs.length,
    /** With those that were still open at the end. */
    sent: counted.sent,
    perSecond: timesMs.length / duration,
    p50: percentile(0.5),
    p99: percentile(0.99),
    seconds: duration,
  };
}
