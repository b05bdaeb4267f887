/** Redis, over which instances share what they read. */
import type { FleetConfig } from '../config/config.ts';
import type { RedisConnection } from '../fleet/redis-connection.ts';
import type { RedisFleet } from '../fleet/redis-fleet.ts';
import type { HealthFaults } from '../telemetry/health-faults.ts';
import type { Log } from '../telemetry/log.ts';
import { explainFailure } from '../transport/failure-cause.ts';

interface FleetOptions {
  /** Instances of other versions may keep their rows differently: nothing is shared with them. */
  readonly version: string;
  readonly log: Pick<Log, 'info'>;
  readonly faults: HealthFaults;
  /** Milliseconds since the epoch; it never goes back. */
  readonly clock: () => number;
}

/** Settles after the first attempt to reach Redis; later ones go on by themselves. */
export async function joinFleet(
  { redisUrl, prefix, ...patience }: FleetConfig,
  { version, log, faults, clock }: FleetOptions,
): Promise<{ readonly fleet: RedisFleet; readonly redis: RedisConnection }> {
  // Loaded on demand: importing the client takes a tenth of a second.
  const [{ RedisConnection, SlowRedisError }, { RedisFleet }] = await Promise.all([
    import('../fleet/redis-connection.ts'),
    import('../fleet/redis-fleet.ts'),
  ]);
  const server = { name: 'Redis', url: new URL(redisUrl.reveal()), setting: 'REDIS_URL' };
  const refused = (reason: string) =>
    `Redis at ${server.url.host} refuses commands (${reason}): check it, and REDIS_URL.`;
  const alone = 'This instance shares nothing with others until then.';
  const redis = new RedisConnection({
    ...patience,
    url: redisUrl,
    onChange: (isUp, error, refusal) => {
      if (isUp && !faults.has('redis'))
        log.info('Redis answers: what is read is shared with other instances.');
      const reason =
        refusal !== null
          ? refused(refusal)
          : error instanceof SlowRedisError
            ? `Redis at ${server.url.host} is left alone, since ${error.message}: check its load, and how far away it is.`
            : explainFailure(error, server).text;
      faults.set('redis', isUp ? null : `${reason} ${alone}`);
    },
    onRefusal: (reason) => {
      faults.set('redis refuses', reason === null ? null : `${refused(reason)} ${alone}`);
    },
  });
  const fleet = new RedisFleet({ redis, prefix: `${prefix}:${version}`, clock });
  await redis.connect();
  return { fleet, redis };
}
