/**
 * Names and whole quantities, checked once at the edge and branded, so that
 * nothing behind the edge needs to check them again.
 */

declare const brand: unique symbol;
type Branded<T, B extends string> = T & { readonly [brand]: B };

/** The tenant whose goods these are. 1–32 of `A–Z a–z 0–9 _ -`. */
export type OwnerId = Branded<string, 'owner'>;
/** A physical warehouse. 1–32 of `A–Z a–z 0–9 _ -`. */
export type WarehouseId = Branded<string, 'warehouse'>;
/** What is kept. 1–64 printable characters, no blank at either end. */
export type SkuId = Branded<string, 'sku'>;
/** A reservation, chosen by the caller. 1–64 printable characters. */
export type HoldId = Branded<string, 'hold'>;
/** The one hold of an actor by which its rights are out (docs/RIGHTS.md). No caller can name it. */
export const RIGHTS = '~rights' as HoldId;
/** Likewise those of goods in transit. */
export const PRESALE = '~presale' as HoldId;
/** True for a hold of rights, which no customer has. */
export const isRights = (hold: HoldId): boolean => hold === RIGHTS || hold === PRESALE;
/** One stock actor, written `owner/sku@warehouse`. */
export type ActorKey = Branded<string, 'actor'>;

const PLAIN = /^[A-Za-z0-9][A-Za-z0-9_-]{0,31}$/;
const PRINTABLE = /^[^\s\p{C}](?:[^\p{C}]{0,62}[^\s\p{C}])?$/u;

export const isOwnerId = (v: unknown): v is OwnerId => typeof v === 'string' && PLAIN.test(v);
export const isWarehouseId = (v: unknown): v is WarehouseId =>
  typeof v === 'string' && PLAIN.test(v);
export const isSkuId = (v: unknown): v is SkuId => typeof v === 'string' && isText(v);
export const isHoldId = (v: unknown): v is HoldId =>
  typeof v === 'string' && !isRights(v as HoldId) && isText(v);

/** True for 1–64 printable characters without a blank at either end. */
export function isText(v: string): boolean {
  return v.length > 0 && v.length <= 64 && (isPlainAscii(v) || PRINTABLE.test(v));
}

/** The common case without a regular expression: `!` to `~` only. */
function isPlainAscii(v: string): boolean {
  for (let i = 0; i < v.length; i++) {
    const c = v.charCodeAt(i);
    if (c < 0x21 || c > 0x7e) return false;
  }
  return true;
}

/** Whole base units, 1 to 2^53 − 1. */
export const isQty = (v: unknown): v is number => Number.isSafeInteger(v) && (v as number) > 0;

/** Owner has no `/` and warehouse no `@`, so the key reads back in one way only. */
export function actorKey(owner: OwnerId, sku: SkuId, warehouse: WarehouseId): ActorKey {
  return `${owner}/${sku}@${warehouse}` as ActorKey;
}

export interface ActorName {
  readonly owner: OwnerId;
  readonly sku: SkuId;
  readonly warehouse: WarehouseId;
}

export function parseActorKey(key: ActorKey): ActorName {
  const slash = key.indexOf('/');
  const at = key.lastIndexOf('@');
  return {
    owner: key.slice(0, slash) as OwnerId,
    sku: key.slice(slash + 1, at) as SkuId,
    warehouse: key.slice(at + 1) as WarehouseId,
  };
}
