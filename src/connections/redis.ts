/** Connection to the Redis that instances share. */
import type { FleetConfig } from '../config/config.ts';
import type { RedisConnection } from '../fleet/redis-connection.ts';
import type { RedisFleet } from '../fleet/redis-fleet.ts';
import type { HealthFaults } from '../telemetry/health-faults.ts';
import type { Log } from '../telemetry/log.ts';
import { errorCodeOf, explainFailure, type Service } from '../transport/failure-cause.ts';

interface FleetOptions {
  /** Version of the gateway; instances of different versions share nothing. */
  readonly version: string;
  readonly log: Pick<Log, 'info'>;
  readonly faults: HealthFaults;
  /** Milliseconds since the epoch; monotonic. */
  readonly clock: () => number;
}

/** Resolves after the first attempt to connect; reconnects continue in the background. */
export async function joinFleet(
  { redisUrl, prefix, ...patience }: FleetConfig,
  { version, log, faults, clock }: FleetOptions,
): Promise<{ readonly fleet: RedisFleet; readonly redis: RedisConnection }> {
  // Loaded on demand: importing the client takes 100 ms.
  const [{ RedisConnection, SlowRedisError }, { RedisFleet }] = await Promise.all([
    import('../fleet/redis-connection.ts'),
    import('../fleet/redis-fleet.ts'),
  ]);
  const server = { name: 'Redis', url: new URL(redisUrl.reveal()), setting: 'REDIS_URL' };
  const consequence = 'This instance shares nothing with others until then.';
  let hasAnswered = false;
  const explain = (error: unknown, reason: string | null) => {
    if (reason !== null) return { text: errorReplyText(server, reason), isLasting: true };
    if (error instanceof SlowRedisError) {
      const text = `Redis at ${server.url.host} is bypassed, since ${error.message}: check its load and its network latency.`;
      return { text, isLasting: false };
    }
    const mismatch = hasAnswered ? null : mismatchOf(server, error);
    return mismatch ?? explainFailure(error, server);
  };
  const redis = new RedisConnection({
    ...patience,
    url: redisUrl,
    onChange: (isUp, error, reason) => {
      if (!isUp) {
        faults.set('redis', `${explain(error, reason).text} ${consequence}`);
        return;
      }
      hasAnswered = true;
      if (!faults.has('redis')) log.info('Redis is available: reads are shared with other instances.');
      faults.set('redis', null);
    },
    // Later attempts may fail for a cause other than that of the loss. A refused port is no new cause.
    onError: (error, reason) => {
      const { text, isLasting } = explain(error, reason);
      if (isLasting && errorCodeOf(error) !== 'ECONNREFUSED') faults.set('redis', `${text} ${consequence}`);
    },
    onErrorReply: (reason) => {
      faults.set(
        'redis refuses',
        reason === null ? null : `${errorReplyText(server, reason)} ${consequence}`,
      );
    },
  });
  const fleet = new RedisFleet({ redis, prefix: `${prefix}:${version}`, clock });
  await redis.connect();
  return { fleet, redis };
}

function errorReplyText({ url, setting }: Service, reason: string): string {
  const settings = /^(WRONGPASS|NOAUTH)\b/.test(reason) ? `${setting} and REDIS_PASSWORD` : setting;
  return `Redis at ${url.host} refuses commands (${reason}): check it, and ${settings}.`;
}

/**
 * Explains why a server that has never answered may not match the URL: TLS on one side only, or not Redis; null if
 * neither.
 */
function mismatchOf({ url, setting }: Service, error: unknown): ReturnType<typeof explainFailure> | null {
  const isEncrypted = url.protocol === 'rediss:';
  const code = errorCodeOf(error);
  const message = error instanceof Error ? error.message : '';
  const because = (reason: string, remedy: string) =>
    `Redis can't be called: ${url.host} ${reason}: check ${setting}, and ${remedy}.`;
  if (message.startsWith('Unknown RESP type'))
    return {
      text: because('does not answer as Redis does', 'whether the port is that of Redis'),
      isLasting: true,
    };
  if (isEncrypted && (code === 'ETIMEDOUT' || code.startsWith('ERR_SSL_')))
    return {
      text: because(
        `completes no TLS handshake (${code})`,
        'whether the port expects TLS; "redis:" calls it without',
      ),
      isLasting: true,
    };
  if (!isEncrypted && (code === 'ECONNRESET' || message === 'Socket closed unexpectedly'))
    return {
      text: because(
        'ends connections without an answer',
        'whether the port expects TLS; "rediss:" calls it with it',
      ),
      isLasting: false,
    };
  return null;
}
