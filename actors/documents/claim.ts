import type { OwnerId } from '../ids.ts';
import type { Refused } from '../outcomes.ts';
import type { Quality } from '../stock/commands.ts';
import type { DocumentCommand } from './commands.ts';
import type { InboundState } from './inbound.ts';
import { handOver, noNewOwner } from './ownership.ts';
import { type Draft, type Look, wrongState } from './plan.ts';

/** Whose goods are that came without a name on them. */
export const UNCLAIMED = 'unclaimed' as OwnerId;

/** An owner is found for goods that came without a name: all that was received goes to that one. */
export function claim(
  a: InboundState,
  c: DocumentCommand,
  look: Look,
): Draft<InboundState> | Refused {
  if (a.owner !== UNCLAIMED) return wrongState(a.status, `its owner is known: ${a.owner}`);
  if (a.claimedBy !== '') return wrongState('claimed', `${a.claimedBy} has it`);
  if (a.lines.some((l) => l.awaiting > 0)) return wrongState(a.status, 'put it away first');
  const wrong = noNewOwner(c);
  if (wrong !== undefined) return wrong;
  const goods = a.lines.flatMap(({ sku, key, received }) =>
    QUALITIES_OF_RECEIPTS.flatMap((quality) => {
      const qty = received[quality] ?? 0;
      return qty === 0 ? [] : [{ place: -1, sku, key, quality, qty, ...ANY }];
    }),
  );
  const steps = handOver(c, look, goods);
  if ('ok' in steps) return steps;
  return { steps, next: () => ({ ...a, claimedBy: c.more.toOwner }) };
}

const QUALITIES_OF_RECEIPTS: readonly Quality[] = [0, 1, 2, 3];
const ANY = { lot: {}, serials: [], policy: 'fifo' } as const;
