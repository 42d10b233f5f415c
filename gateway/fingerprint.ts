import { isRead, type ShardCommand, type ShardRead } from '../actors/command.ts';
import {
  type BatchDates,
  type EachCommand,
  type More,
  NO_MORE,
  type StockCommand,
} from '../actors/stock/commands.ts';
import type { LotFilter } from '../actors/stock/lot.ts';

/**
 * 52 bits over a command's content, so that a number used again for something
 * else is found (S5); 0 for a read, which no session remembers. Not against
 * forgers: they have their own sessions.
 *
 * Field by field, since a text of them all costs several times as much. Fields
 * come in a fixed order, a number as two words and a text up to a character
 * that no name may contain, so different contents are different sequences.
 */
export function fingerprint(command: ShardCommand): number {
  if (isRead(command)) return 0;
  low = 0xdeadbeef;
  high = 0x41c6ce57;
  mix(command);
  const l = Math.imul(low ^ (low >>> 16), 2246822507) ^ Math.imul(high ^ (high >>> 13), 3266489909);
  const h = Math.imul(high ^ (high >>> 16), 2246822507) ^ Math.imul(l ^ (l >>> 13), 3266489909);
  return (h >>> 12) * 2 ** 32 + (l >>> 0);
}

function mix(command: Exclude<ShardCommand, ShardRead>): void {
  switch (command.op) {
    case 'all':
      mixText('all');
      for (const line of command.commands) mixCommand(line);
      break;
    case 'each':
      mixEach(command);
      break;
    case 'document':
    case 'rights':
    case 'task':
      mixText(JSON.stringify(command)); // one of its texts is never cut off where another begins
      break;
    case 'scan':
      mixText('scan');
      mixText(command.task);
      for (const { place, text } of command.scans) {
        mixWhole(place);
        mixText(text);
      }
      mix(command.command);
      break;
    default:
      mixCommand(command);
  }
}

const END = 0x0a;
let low = 0;
let high = 0;

function mixCommand(c: StockCommand): void {
  mixText(c.op);
  mixText(c.key);
  mixWhole(c.qty);
  mixWhole(c.delta);
  mixText(c.hold);
  mixCommon(c);
  if (c.more !== NO_MORE) mixMore(c.more);
}

function mixMore(more: More): void {
  mixWord(more.toQuality);
  mixWhole(more.arrived);
  mixWord((more.untilPutaway ? 1 : 0) + (more.useSafety ? 2 : 0) + (more.backorder ? 4 : 0));
  mixText(more.why);
  mixLot(more.lot);
  mixLot(more.to);
  mixWord(more.serials.length);
  for (const serial of more.serials) mixText(serial);
  mixText(more.policy);
  mixWord(more.dates === undefined ? 0 : 1);
  if (more.dates !== undefined) mixDates(more.dates);
}

/** Which fields there are, then these: what is blank differs from what is left out. */
function mixLot({ location, container, batch, box, fnsku }: LotFilter): void {
  const texts = [location, container, batch, fnsku];
  let there = box === undefined ? 0 : 1;
  for (const text of texts) there = there * 2 + (text === undefined ? 0 : 1);
  mixWord(there);
  for (const text of texts) if (text !== undefined) mixText(text);
  if (box !== undefined) mixWhole(box);
}

function mixDates({ startMs, expiresAtMs, sellUntilMs }: BatchDates): void {
  mixWhole(startMs);
  mixWhole(expiresAtMs);
  mixWhole(sellUntilMs);
}

/** What all lines have in common once, then a line's own. */
function mixEach(c: EachCommand): void {
  mixText('each');
  mixText(c.step);
  mixCommon(c);
  for (let line = 0; line < c.keys.length; line++) {
    mixText(c.keys[line] as string);
    mixText(c.holds[line] ?? '');
    mixWhole(c.units[line] as number);
  }
}

/** What a step says for itself, and an `each` for all its lines. */
function mixCommon(c: StockCommand | EachCommand): void {
  mixText(c.doc);
  mixText(c.reason);
  mixWhole(c.quality);
  mixWhole(c.ttlMs);
  mixWord(c.partial ? 1 : 0);
  mixWhole(c.occurredAtMs);
}

function mixText(text: string): void {
  for (let i = 0; i < text.length; i++) mixWord(text.charCodeAt(i));
  mixWord(END);
}

/** A safe integer of either sign, as two words. */
function mixWhole(n: number): void {
  mixWord(n | 0);
  mixWord(Math.floor(n / 2 ** 32) | 0);
}

function mixWord(word: number): void {
  low = Math.imul(low ^ word, 2654435761);
  low ^= low >>> 15;
  high = Math.imul(high ^ word, 1597334677);
  high ^= high >>> 13;
}
