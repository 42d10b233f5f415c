import type { ActorKey } from '../../actors/ids.ts';
import type { Shares, UsualNews } from './messages.ts';

/** A seller's usual part of the sales of a SKU, 0 to 1, and what it is known by. */
export interface Usual {
  readonly share: number;
  /** `sales`: of the last weeks, as the centre has them. `equal`: it has told nothing of the SKU. */
  readonly by: 'sales' | 'equal';
}

/** What a home knows of where its SKUs usually sell. */
export interface UsualShares {
  /** Of one of these sellers, home `''` among them; over all of them it sums to 1. */
  of(sku: ActorKey, seller: string, sellers: readonly string[]): Usual;
}

/** Without a scheduler all are alike. */
export const NO_USUAL: UsualShares = {
  of: (_sku, _seller, sellers) => equal(sellers),
};

const equal = (sellers: readonly string[]): Usual => ({ share: 1 / sellers.length, by: 'equal' });

/** As the centre told them, in memory alone. */
export class HeardShares implements UsualShares {
  readonly #bySku = new Map<ActorKey, Shares>();

  /** Shares of who is not among the sellers are the others', in proportion. */
  of(sku: ActorKey, seller: string, sellers: readonly string[]): Usual {
    const shares = this.#bySku.get(sku);
    const shareOf = (name: string): number =>
      shares !== undefined && Object.hasOwn(shares, name) ? (shares[name] as number) : 0;
    const sum = sellers.reduce((all, name) => all + shareOf(name), 0);
    return sum > 0 ? { share: shareOf(seller) / sum, by: 'sales' } : equal(sellers);
  }

  /** What is no news is passed over: it came over a wire. */
  hear(news: UsualNews): void {
    for (const one of Array.isArray(news) ? (news as readonly unknown[]) : []) {
      if (!isNews(one)) continue;
      const [sku, shares] = one;
      if (shares === null) this.#bySku.delete(sku);
      else this.#bySku.set(sku, shares);
    }
  }
}

function isNews(one: unknown): one is UsualNews[number] {
  if (!Array.isArray(one) || one.length !== 2) return false;
  const [sku, shares] = one as readonly unknown[];
  if (typeof sku !== 'string') return false;
  if (shares === null) return true;
  return typeof shares === 'object' && Object.values(shares as Shares).every(isShare);
}

const isShare = (v: unknown): boolean => typeof v === 'number' && v >= 0 && v <= 1;
