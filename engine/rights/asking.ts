import type { RightsCommand } from '../../actors/rights/acts.ts';
import type { Answer } from '../settled.ts';
import type { Slot } from '../slot.ts';
import { SYSTEM } from '../state.ts';

/** Has a shard carry an act on rights out. The answer comes when it is committed. */
export const askOf = (slot: Pick<Slot, 'submit'>, command: RightsCommand): Promise<Answer> =>
  new Promise((resolve) => {
    slot.submit({
      ...{ command, caller: SYSTEM, n: 0, fingerprint: 0, acked: 0, decided: false },
      answer: resolve,
      fate: () => {},
    });
  });
