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

/** What a home was told of a SKU. */
interface Told {
  readonly shares: Shares;
  /** The last round in which it had sales. */
  round: number;
}

/** What homes were told, as far as they have confirmed it. It may be lost: then all is told again. */
export class ToldHomes {
  readonly #byHome = new Map<HomeName, Map<ActorKey, Told>>();
  readonly #losses = new Map<HomeName, number>();
  #round = 0;

  /** Of each home at most so many SKUs. */
  round(most: number = SCHEDULING.skusARound): TellingRound {
    return new TellingRound(this.#byHome, ++this.#round, most);
  }

  /** How often a home has lost what it was told. */
  lossesOf(home: HomeName): number {
    return this.#losses.get(home) ?? 0;
  }

  /** The home has it, if it has lost nothing since `losses`. */
  confirmed(home: HomeName, told: readonly ToTell[], losses: number): void {
    if (losses !== this.lossesOf(home)) return;
    const skus = this.#byHome.get(home) ?? new Map<ActorKey, Told>();
    this.#byHome.set(home, skus);
    for (const { sku, shares } of told) {
      if (shares === null) skus.delete(sku);
      else skus.set(sku, { shares, round: this.#round });
    }
  }

  /** The home knows nothing any more. */
  lost(home: HomeName): void {
    this.#byHome.delete(home);
    this.#losses.set(home, this.lossesOf(home) + 1);
  }
}

/** What is worth a message to a home. */
export interface Due {
  readonly tell: readonly ToTell[];
  /** There is more for the next round. */
  readonly isMore: boolean;
}

/** One look at all SKUs that were sold of late: each is shown to {@link look}, in any order. */
class TellingRound {
  readonly #told: ReadonlyMap<HomeName, ReadonlyMap<ActorKey, Told>>;
  readonly #round: number;
  readonly #most: number;
  readonly #changed = new Map<HomeName, Newest>();

  constructor(
    told: ReadonlyMap<HomeName, ReadonlyMap<ActorKey, Told>>,
    round: number,
    most: number,
  ) {
    this.#told = told;
    this.#round = round;
    this.#most = most;
  }

  look(one: UsualNow): void {
    const then = this.#told.get(one.home)?.get(one.sku);
    if (then !== undefined) {
      then.round = this.#round;
      if (!isOff(one.shares, then.shares)) return;
    }
    const newest = this.#changed.get(one.home) ?? new Newest(this.#most);
    this.#changed.set(one.home, newest);
    newest.add(one);
  }

  /** Those sold last come first, and those that were sold no more are forgotten where there is room. */
  due(): ReadonlyMap<HomeName, Due> {
    const due = new Map<HomeName, Due>();
    for (const home of new Set([...this.#changed.keys(), ...this.#told.keys()])) {
      const { taken = [], isMore = false } = this.#changed.get(home)?.take() ?? {};
      const tell: ToTell[] = taken.map(({ sku, shares }) => ({ sku, shares }));
      const isFull = isMore || this.#forget(home, tell);
      if (tell.length > 0) due.set(home, { tell, isMore: isFull });
    }
    return due;
  }

  /** True where there was no room for all. */
  #forget(home: HomeName, tell: ToTell[]): boolean {
    for (const [sku, { round }] of this.#told.get(home) ?? []) {
      if (round === this.#round) continue;
      if (tell.length >= this.#most) return true;
      tell.push({ sku, shares: null });
    }
    return false;
  }
}

/** The newest of many, at most so many: never more than a few times that are kept. */
class Newest {
  readonly #most: number;
  #all: UsualNow[] = [];
  #isMore = false;

  constructor(most: number) {
    this.#most = most;
  }

  add(one: UsualNow): void {
    this.#all.push(one);
    if (this.#all.length >= 4 * this.#most) this.#cut();
  }

  take(): { readonly taken: readonly UsualNow[]; readonly isMore: boolean } {
    this.#cut();
    return { taken: this.#all, isMore: this.#isMore };
  }

  #cut(): void {
    this.#all.sort((a, b) => b.lastMs - a.lastMs || (a.sku < b.sku ? -1 : 1));
    this.#isMore ||= this.#all.length > this.#most;
    this.#all.length = Math.min(this.#all.length, this.#most);
  }
}
