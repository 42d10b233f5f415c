import type { Lane } from '../throughput/lane.ts';
import { CONNECTIONS, FRAME_COMMANDS, goodsOf } from '../throughput/shape.ts';
import { RedisLink } from './redis-link.ts';
import { holdKey, stockKey } from './redis-script.ts';
import { request } from './resp.ts';

/** A connection that reserves by EVALSHA, pipelined. */
export async function openRedisLane(
  { port, sha }: { readonly port: number; readonly sha: string },
  index: number,
): Promise<Lane> {
  const link = await RedisLink.connect(port);
  let n = 1;
  let unanswered = 0;
  const lane: Lane = {
    prepare: (frames) => Array.from({ length: frames }, pipeline),
    send: (bytes) => {
      unanswered = FRAME_COMMANDS;
      link.send(bytes);
    },
    onAnswered: () => {},
    onEnd: () => {},
    close: () => link.close(),
  };
  const pipeline = (): Uint8Array => {
    const requests = Array.from({ length: FRAME_COMMANDS }, () => {
      const stock = goodsOf(n * CONNECTIONS + index);
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
