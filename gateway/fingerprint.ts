import type { ChangeCommand, StockCommand } from '../actors/stock/commands.ts';

/**
 * 52 bits over a command's content, so that a number used again for something
 * else is found (S5). Not against forgers: they have their own sessions.
 */
export function fingerprint(command: ChangeCommand): number {
  if (command.op !== 'all') return hash(textOf(command));
  return hash(`all\n${command.commands.map(textOf).join('\n')}`);
}

/** Fields of a fixed number, set apart by what no name may contain. */
const textOf = (c: StockCommand): string =>
  `${c.op}\n${c.key}\n${c.qty}\n${c.delta}\n${c.hold}\n${c.doc}\n${c.reason}\n${c.quality}\n${c.ttlMs}\n${c.partial}\n${c.occurredAtMs}`;

function hash(text: string): number {
  let low = 0xdeadbeef;
  let high = 0x41c6ce57;
  for (let i = 0; i < text.length; i++) {
    const ch = text.charCodeAt(i);
    low = Math.imul(low ^ ch, 2654435761);
    high = Math.imul(high ^ ch, 1597334677);
  }
  low = Math.imul(low ^ (low >>> 16), 2246822507) ^ Math.imul(high ^ (high >>> 13), 3266489909);
  high = Math.imul(high ^ (high >>> 16), 2246822507) ^ Math.imul(low ^ (low >>> 13), 3266489909);
  return (high >>> 12) * 2 ** 32 + (low >>> 0);
}
