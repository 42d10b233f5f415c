import type { HomeName } from '../../actors/rights/acts.ts';
import type { Clock } from '../clock.ts';
import type { Slot } from '../slot.ts';
import type { SchedulingLink } from './messages.ts';
import { HeardShares } from './usual.ts';

/** How often to see whether the shard is this node's, and to ask for what is lacking, ms. */
const LOOK_MS = 5_000;

/**
 * Hears for the home of one shard what the centre says of usual shares, and asks for all of it when this node has become the
 * shard's owner, until a scheduler has heard that. What it heard before stays good meanwhile: the centre may be cut off.
 */
export class UsualDesk {
  readonly shares = new HeardShares();
  readonly #home: HomeName;
  readonly #slot: Pick<Slot, 'shard'>;
  readonly #link: SchedulingLink;
  readonly #clock: Clock;
  readonly #stop: () => void;
  #cancel: () => void = () => {};
  /** Whose shares these are. */
  #shard: Slot['shard'];
  #isLacking = false;
  #isClosed = false;

  constructor(home: HomeName, slot: Pick<Slot, 'shard'>, link: SchedulingLink, clock: Clock) {
    this.#home = home;
    this.#slot = slot;
    this.#link = link;
    this.#clock = clock;
    this.#stop = link.hear(home, (news) => {
      if (!this.#isServing()) return false;
      this.shares.hear(news);
      return true;
    });
    void this.#look();
  }

  close(): void {
    this.#isClosed = true;
    this.#stop();
    this.#cancel();
  }

  #isServing(): boolean {
    const { shard } = this.#slot;
    if (shard !== this.#shard) {
      this.#shard = shard;
      this.#isLacking = shard !== undefined;
    }
    return shard !== undefined;
  }

  async #look(): Promise<void> {
    if (this.#isServing() && this.#isLacking) {
      const shard = this.#shard;
      const isHeard = await this.#link.ask(this.#home);
      if (isHeard && shard === this.#shard) this.#isLacking = false;
    }
    if (!this.#isClosed) this.#cancel = this.#clock.after(LOOK_MS, () => void this.#look());
  }
}
