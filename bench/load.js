/** Load on one server by autocannon, with latencies finer than its whole milliseconds. */
import autocannon from 'autocannon';

const headers = { 'content-type': 'application/json' };
/** Answers may be slow at 20 ms of upstream latency and 32 connections. */
const timeoutSeconds = 60;

/**
 * @param requests bodies that connections cycle through, each from a different start
 * @param minBytes length of the shortest correct answer; errors are shorter
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
      // Copied: each client modifies its requests.
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
    /** Includes requests open at the end. */
    sent: counted.sent,
    perSecond: timesMs.length / duration,
    p50: percentile(0.5),
    p99: percentile(0.99),
    seconds: duration,
  };
}
