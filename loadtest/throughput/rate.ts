import type { Entrant } from '../alternate.ts';
import { Child } from '../child.ts';
import type { Opened } from '../opened.ts';
import { perSecond } from '../stats.ts';
import { ROUND_LIMIT_MS } from './drive.ts';
import type { Order, Peer, Report } from './driver.ts';
import { FRAMES, WARM_UP_FRAMES } from './shape.ts';

const DRIVER = new URL('./driver.js', import.meta.url);

export interface Rate {
  readonly perSecond: number;
  /** Of one batch, from sent to answered. */
  readonly p99Us: number;
}

/** A peer under the batch load. `verify` is told how many reservations were acknowledged. */
export async function rateOf(
  peer: Peer,
  verify: (acknowledged: number) => Promise<void>,
  opened: Opened,
): Promise<Entrant<Rate>> {
  const { child } = await Child.start<string, Order, Report>(DRIVER, opened);
  await child.ask({ kind: 'open', peer }, ROUND_LIMIT_MS);
  let acknowledged = 0;
  const run = async (frames: number): Promise<Rate> => {
    await child.ask({ kind: 'prepare', frames }, ROUND_LIMIT_MS);
    const { commands, ms, p99Us } = await child.ask({ kind: 'go', frames }, 2 * ROUND_LIMIT_MS);
    acknowledged += commands;
    return { perSecond: perSecond(commands, ms), p99Us };
  };
  return {
    warmUp: () => run(WARM_UP_FRAMES),
    round: () => run(FRAMES),
    verify: () => verify(acknowledged),
  };
}
