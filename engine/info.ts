import type { Msg } from '@nats-io/transport-node';
import { StockDigest } from '../actors/digest.ts';
import { sleep, systemClock } from './clock.ts';
import { LIMITS } from './limits.ts';
import type { Shard } from './shard.ts';
import type { Slot } from './slot.ts';

/** What a node says of one shard, for reconciliation (R2). */
export interface ShardInfo {
  readonly shard: number;
  readonly state: string;
  readonly epoch: number;
  readonly number: number;
  readonly hash: string;
  readonly seq: number;
  /** Of the stock at that position; '' while the shard is too busy to stand still. */
  readonly digest: string;
}

export async function answerInfo(slot: Slot, message: Msg): Promise<void> {
  const { state } = slot;
  if (state.kind === 'waiting') return; // its owner answers
  const info =
    state.kind === 'serving'
      ? await infoOf(slot.number, state.shard)
      : {
          shard: slot.number,
          state: state.kind,
          epoch: 0,
          number: 0,
          hash: '',
          seq: 0,
          digest: '',
        };
  message.respond(JSON.stringify(info satisfies ShardInfo));
}

async function infoOf(number: number, shard: Shard): Promise<ShardInfo> {
  for (let attempt = 0; attempt < 5; attempt++) {
    const before = shard.version;
    const digest = await digestOf(shard);
    if (shard.version === before) return infoAt(number, shard, digest);
  }
  return infoAt(number, shard, '');
}

const infoAt = (number: number, { head, seq }: Shard, digest: string): ShardInfo => ({
  shard: number,
  state: 'serving',
  epoch: head.epoch,
  number: head.number,
  hash: head.hash,
  seq,
  digest,
});

/** In slices, so that a shard of a million actors goes on serving. */
async function digestOf(shard: Shard): Promise<string> {
  const digest = new StockDigest();
  let until = systemClock.monoMs() + LIMITS.sliceMs;
  for (const [key, actor] of shard.state.stockroom.entries()) {
    digest.add(key, actor.seq, actor.b);
    if (systemClock.monoMs() < until) continue;
    await sleep(systemClock, 0);
    until = systemClock.monoMs() + LIMITS.sliceMs;
  }
  return digest.toString();
}
