import { connect, type NatsConnection } from '@nats-io/transport-node';
import { RECONNECT } from '../../cli/nats-child.ts';
import { sleep, systemClock } from '../../engine/clock.ts';
import { Audit } from './audit.ts';
import { Load } from './load.ts';
import type { Bench } from './scenario.ts';
import { Up } from './up.ts';

/** Load before the fault, and after everything answers again, ms. */
const BEFORE_MS = [200, 700] as const;
const AFTER_MS = 250;

export interface Hands {
  readonly up: Up;
  readonly load: Load;
  /** From 0. */
  readonly round: number;
}

/** Against one `holdfast up`: load, the fault in the middle of it, all answers, audit; round after round. */
export async function underLoad(
  bench: Bench,
  fault: (hands: Hands) => Promise<void>,
): Promise<void> {
  await overRounds(bench, await Up.start(bench.opened, bench.dir, bench), fault);
}

/** The same against one that runs already. */
export async function overRounds(
  bench: Bench,
  up: Up,
  fault: (hands: Hands) => Promise<void>,
): Promise<void> {
  const { opened, books, progress } = bench;
  const load = await Load.open(books, up.ready);
  opened.add(() => load.close());
  const audit = new Audit(books);
  for (let round = 0; round < bench.rounds; round++) {
    load.begin();
    const [least, most] = BEFORE_MS;
    await sleep(systemClock, least + Math.random() * (most - least));
    await fault({ up, load, round });
    await load.answersAgain();
    await sleep(systemClock, AFTER_MS);
    await load.drain();
    progress.longestOutageMs = load.longestOutageMs;
    await asking(up, (nats) => audit.round(nats));
    progress.rounds++;
  }
  await asking(up, (nats) => audit.end(nats));
}

/** With a connection of its own to the stack's NATS, as any service would have. */
export async function asking<T>(up: Up, work: (nats: NatsConnection) => Promise<T>): Promise<T> {
  const nats = await connect({ servers: up.ready.nats, ...RECONNECT });
  try {
    return await work(nats);
  } finally {
    await nats.close();
  }
}
