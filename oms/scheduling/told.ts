import type { ActorKey } from '../../actors/ids.ts';
import type { HomeName } from '../../actors/rights/acts.ts';
import type { Shares } from '../../engine/scheduling/messages.ts';
import { SCHEDULING } from './policy.ts';
import { isOff } from './shares.ts';

/** The usual shares of a SKU as they are now. */
export interface UsualNow {
  readonly home: HomeName;
  readonly sku: ActorKey;
  readonly shares: Shares;
  /** When it was last sold, epoch ms. */
  readonly lastMs: number;
}

/** What a home is to be told of a SKU; null: to forget it. */
export interface ToTell {
  readonly sku: ActorKey;
  readonly shares: Shares | null;
}

/** What homes were told, as far as they have confirmed it. It may be lost: then all is told again. */
export class ToldHomes {
  readonly #byHome = new Map<HomeName, Map<ActorKey, Shares>>();
  readonly #losses = new Map<HomeName, number>();

  /**
   * What is worth a message now, at most so many SKUs: those sold last come first, and those that were sold no
   * more are forgotten where there is room. The rest is for the next round.
   */
  due(
    all: Iterable<UsualNow>,
    most: number = SCHEDULING.skusARound,
  ): ReadonlyMap<HomeName, readonly ToTell[]> {
    const changed: UsualNow[] = [];
    const sold = new Set<ActorKey>();
    for (const one of all) {
      sold.add(one.sku);
      const then = this.#byHome.get(one.home)?.get(one.sku);
      if (then === undefined || isOff(one.shares, then)) changed.push(one);
    }
    changed.sort((a, b) => b.lastMs - a.lastMs || (a.sku < b.sku ? -1 : 1));
    const due = new Map<HomeName, ToTell[]>();
    let left = most;
    const add = (home: HomeName, one: ToTell): void => {
      if (left-- <= 0) return;
      const its = due.get(home);
      if (its === undefined) due.set(home, [one]);
      else its.push(one);
    };
    for (const { home, sku, shares } of changed) add(home, { sku, shares });
    for (const [home, skus] of this.#byHome) {
      for (const sku of skus.keys()) if (!sold.has(sku)) add(home, { sku, shares: null });
    }
    return due;
  }

  /** How often a home has lost what it was told. */
  lossesOf(home: HomeName): number {
    return this.#losses.get(home) ?? 0;
  }

  /** The home has it, if it has lost nothing since `losses`. */
  confirmed(home: HomeName, told: readonly ToTell[], losses: number): void {
    if (losses !== this.lossesOf(home)) return;
    const skus = this.#byHome.get(home) ?? new Map<ActorKey, Shares>();
    this.#byHome.set(home, skus);
    for (const { sku, shares } of told) {
      if (shares === null) skus.delete(sku);
      else skus.set(sku, shares);
    }
  }

  /** The home knows nothing any more. */
  lost(home: HomeName): void {
    this.#byHome.delete(home);
    this.#losses.set(home, this.lossesOf(home) + 1);
  }
}
