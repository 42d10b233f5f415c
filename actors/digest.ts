import type { ActorKey } from './ids.ts';
import type { Balances } from './stock/balances.ts';

/**
 * R2: an order-free digest of stock, equal at a region and at the centre when
 * both have seen the same. 64 bits as a sum of one hash an actor (two lanes of
 * 32 bits), so actors may be added in any order and taken out again.
 * It finds differences, not forgeries.
 */
export class StockDigest {
  #low = 0;
  #high = 0;
  #count = 0;

  add(key: ActorKey, seq: number, b: Balances): void {
    const [low, high] = hashActor(key, seq, b);
    this.#low = (this.#low + low) >>> 0;
    this.#high = (this.#high + high) >>> 0;
    this.#count++;
  }

  /** `<actors>:<16 hex digits>` */
  toString(): string {
    const hex = (n: number): string => n.toString(16).padStart(8, '0');
    return `${this.#count}:${hex(this.#high)}${hex(this.#low)}`;
  }
}

function hashActor(key: ActorKey, seq: number, b: Balances): [number, number] {
  return hashText(`${key}#${seq}#${trimmed(b).join(',')}`);
}

/** 64 bits of a text, the low half first. */
export function hashText(text: string): [number, number] {
  let low = 0xdeadbeef;
  let high = 0x41c6ce57;
  for (let i = 0; i < text.length; i++) {
    const ch = text.charCodeAt(i);
    low = Math.imul(low ^ ch, 2654435761);
    high = Math.imul(high ^ ch, 1597334677);
  }
  low = Math.imul(low ^ (low >>> 16), 2246822507) ^ Math.imul(high ^ (high >>> 13), 3266489909);
  high = Math.imul(high ^ (high >>> 16), 2246822507) ^ Math.imul(low ^ (low >>> 13), 3266489909);
  return [low >>> 0, high >>> 0];
}

/** Unused qualities count as zeros, so that width makes no difference. */
function trimmed(b: Balances): Balances {
  let end = b.length;
  while (end > 0 && b[end - 1] === 0) end--;
  return b.slice(0, end);
}
