import type { HomeAct } from '../../actors/rights/acts.ts';
import type { LifeId } from '../../actors/rights/lane.ts';
import type { Watermark } from '../centre.ts';
import type { Shard } from '../shard.ts';

interface Mark {
  readonly number: number;
  readonly cursors: readonly (readonly [LifeId, number])[];
}

const SETTLE_MS = 2_000;
/** Makes a record, so that there is one after what it is about. */
const NOTHING: HomeAct = { act: 'settle', cursors: [] };

/** Has points forget what the centre has read of this home's journal: it can no longer be lost. */
export class Settling {
  readonly #shard: Shard;
  readonly #watermark: () => Promise<Watermark | undefined>;
  /** Undefined where it was not done. */
  readonly #do: (act: HomeAct) => Promise<unknown>;
  readonly #settled: (lives: readonly LifeId[]) => void;
  /** Logs as they were at a record; settled once the centre has that record. */
  #mark: Mark | undefined;
  #nextMs = 0;

  constructor(
    shard: Shard,
    watermark: () => Promise<Watermark | undefined>,
    act: (act: HomeAct) => Promise<unknown>,
    settled: (lives: readonly LifeId[]) => void,
  ) {
    this.#shard = shard;
    this.#watermark = watermark;
    this.#do = act;
    this.#settled = settled;
  }

  step(nowMs: number): void {
    if (nowMs < this.#nextMs) return;
    this.#nextMs = nowMs + SETTLE_MS;
    if (this.#mark === undefined) this.#marked();
    else void this.#settle(this.#mark);
  }

  #marked(): void {
    const { head, state } = this.#shard;
    const open = [...state.rights.home.lives].filter(([, life]) => life.settled < life.cursor);
    const cursors = open.map(([id, life]) => [id, life.cursor] as const);
    // What is decided and not committed yet comes in the next record, or in the one after it.
    if (cursors.length > 0) this.#mark = { number: head.number + 2, cursors };
  }

  async #settle({ number, cursors }: Mark): Promise<void> {
    const read = (await this.#watermark())?.number ?? 0;
    if (read < number) {
      if (this.#shard.head.number < number) await this.#do(NOTHING);
      return;
    }
    this.#mark = undefined;
    const done = await this.#do({ act: 'settle', cursors });
    if (done !== undefined) this.#settled(cursors.map(([life]) => life));
  }
}
