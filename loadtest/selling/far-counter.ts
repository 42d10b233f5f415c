import { Relay } from '../../cli/relay.ts';
import type { Entrant } from '../alternate.ts';
import type { Latencies } from '../latencies.ts';
import type { Opened } from '../opened.ts';
import { startRedis } from '../peers/redis.ts';
import { RedisLink } from '../peers/redis-link.ts';
import { COUNT } from '../peers/redis-script.ts';
import { LINK_MS, TRIPS, trips, WARM_UP_TRIPS } from './trips.ts';

const UNITS = 1_000_000;
const KEY = 'units';

/** A counter in Redis at the other end of a long link: every sale asks it. Undefined where there is no Redis. */
export async function openFarCounter(opened: Opened): Promise<Entrant<Latencies> | undefined> {
  const server = await startRedis('none', opened);
  if (server === undefined) return undefined;
  await server.link.ask('SET', KEY, UNITS);
  const sha = String(await server.link.ask('SCRIPT', 'LOAD', COUNT));
  const relay = await Relay.open(`127.0.0.1:${server.port}`, LINK_MS);
  opened.add(async () => relay.close());
  const link = await RedisLink.connect(Number(relay.address.split(':')[1]));
  opened.add(() => link.close());
  let sold = 0;
  const sell = async (): Promise<void> => {
    const left = await link.ask('EVALSHA', sha, 1, KEY, 1);
    if (typeof left !== 'number' || left < 0) throw new Error(`Redis said ${String(left)}`);
    sold++;
  };
  return {
    warmUp: () => trips(WARM_UP_TRIPS, sell),
    round: () => trips(TRIPS, sell),
    verify: async () => {
      const left = Number(await server.link.ask('GET', KEY));
      if (left !== UNITS - sold) throw new Error(`Redis sold ${sold}, has ${left} of ${UNITS}`);
    },
    processes: [{ name: 'redis-server', pid: server.pid }],
  };
}
