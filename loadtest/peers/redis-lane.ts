import type { Lane, Load } from '../throughput/lane.ts';
import { CONNECTIONS, goodsOf } from '../throughput/shape.ts';
import { RedisLink } from './redis-link.ts';
import { holdKey, stockKey } from './redis-script.ts';
import { request } from './resp.ts';

export interface RedisAddress {
  readonly port: number;
  /** Of the script that reserves. */
  readonly sha: string;
}

/** A connection that reserves by EVALSHA, pipelined. */
export async function openRedisLane(
  { port, sha }: RedisAddress,
  index: number,
): Promise<Lane<Uint8Array>> {
  const link = await RedisLink.connect(port);
  let n = 1;
  let depth = 1;
  let unanswered = 0;
  const lane: Lane<Uint8Array> = {
    prepare: (frames, load) => {
      depth = load.depth;
      return Array.from({ length: frames }, () => pipeline(load));
    },
    send: (bytes) => {
      unanswered = depth;
      link.send(bytes);
    },
    onAnswered: () => {},
    onEnd: () => {},
    again: 0,
    close: () => link.close(),
  };
  const pipeline = (load: Load): Uint8Array => {
    const requests = Array.from({ length: load.depth }, () => {
      const stock = goodsOf(n * CONNECTIONS + index, load);
      const hold = `${index}-${n++}`;
      return request('EVALSHA', sha, 2, stockKey(stock), holdKey(stock, hold), 1);
    });
    return Buffer.from(requests.join(''));
  };
  link.onEnd = (why) => lane.onEnd(why);
  link.onReply = (reply) => {
    if (typeof reply !== 'number' || reply < 0)
      lane.onEnd(new Error(`Redis said ${String(reply)}`));
    else if (--unanswered === 0) lane.onAnswered();
  };
  return lane;
}
