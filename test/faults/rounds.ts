import { connect, type NatsConnection } from '@nats-io/transport-node';
import { sleep, systemClock } from '../../engine/clock.ts';
import { RECONNECT } from '../../engine/reconnect.ts';
import { Audit } from './audit.ts';
import { type Door, Load } from './load.ts';
import type { Bench } from './scenario.ts';
import { Up } from './up.ts';

/** Load before the fault, and after everything answers again, ms. */
const BEFORE_MS = [200, 700] as const;
const AFTER_MS = 250;

/** What the load and the audit speak with. */
export interface Target extends Door {
  /** Addresses, by commas. */
  readonly nats: string;
}

export interface Hands {
  readonly load: Load;
  /** From 0. */
  readonly round: number;
}

/** Against one `holdfast up`: load, the fault in the middle of it, all answers, audit; round after round. */
export async function underLoad(
  bench: Bench,
  fault: (up: Up, hands: Hands) => Promise<void>,
): Promise<void> {
  const up = await Up.start(bench.opened, bench.dir, bench);
  await overRounds(
    bench,
    () => up.ready,
    (hands) => fault(up, hands),
  );
}

/** The same against whatever runs; `target` may change from round to round. */
export async function overRounds(
  bench: Bench,
  target: () => Target,
  fault: (hands: Hands) => Promise<void>,
): Promise<void> {
  const { opened, books, progress } = bench;
  const load = await Load.open(books, target());
  opened.add(() => load.close());
  const audit = new Audit(books);
  for (let round = 0; round < bench.rounds; round++) {
    const begunMs = systemClock.monoMs();
    load.begin();
    const [least, most] = BEFORE_MS;
    await sleep(systemClock, least + Math.random() * (most - least));
    await fault({ load, round });
    await load.answersAgain();
    await sleep(systemClock, AFTER_MS);
    await load.drain();
    progress.longestOutageMs = load.longestOutageMs;
    await asking(target(), (nats) => audit.round(nats));
    progress.rounds++;
    const seconds = ((systemClock.monoMs() - begunMs) / 1_000).toFixed(1);
    bench.say(
      `round ${round + 1} of ${bench.rounds}: ${seconds} s, ${books.acknowledged} acknowledged`,
    );
  }
  await asking(target(), (nats) => audit.end(nats));
}

/** With a connection of its own to the stack's NATS, as any service would have. */
export async function asking<T>(
  { nats: servers }: Target,
  work: (nats: NatsConnection) => Promise<T>,
): Promise<T> {
  const nats = await connect({ servers: servers.split(','), ...RECONNECT });
  try {
    return await work(nats);
  } finally {
    await nats.close();
  }
}
