import type { LaneId } from '../../actors/rights/lane.ts';
import type { Shard } from '../shard.ts';

/**
 * Which lanes have something new that the other side has not confirmed. A message is counted when it
 * leaves; what changes after that goes into a later one. Its number names the owner that said it: a predecessor's
 * confirms nothing.
 */
export class Unsaid {
  /** By lane, the first message that says what it has now. */
  readonly #lanes = new Map<LaneId, number>();
  readonly #sent = new Map<number, readonly LaneId[]>();
  readonly #run: string;
  #seq = 0;

  constructor(run: string) {
    this.#run = `${run}:`;
  }

  get size(): number {
    return this.#lanes.size;
  }

  add(lanes: Iterable<LaneId>): void {
    for (const lane of lanes) this.#lanes.set(lane, this.#seq + 1);
  }

  /** The next ones to say, at most so many. Of lanes that are gone there is nothing to say, and nobody would ever confirm it. */
  next(most: number, isThere: (lane: LaneId) => boolean): LaneId[] {
    const some: LaneId[] = [];
    for (const lane of this.#lanes.keys()) {
      if (some.length >= most) break;
      if (isThere(lane)) some.push(lane);
      else this.#lanes.delete(lane);
    }
    return some;
  }

  /** The number of a message that says these. */
  sent(lanes: readonly LaneId[]): string {
    this.#sent.set(++this.#seq, lanes);
    const [oldest] = this.#sent.keys();
    if (this.#sent.size > MOST_SENT) this.#sent.delete(oldest as number);
    return this.#run + this.#seq;
  }

  /** That message was heard. */
  heard(ack: string): void {
    if (!ack.startsWith(this.#run)) return;
    const seq = Number(ack.slice(this.#run.length));
    for (const lane of this.#sent.get(seq) ?? []) {
      if ((this.#lanes.get(lane) ?? Number.POSITIVE_INFINITY) <= seq) this.#lanes.delete(lane);
    }
    this.#sent.delete(seq);
  }
}

/** What was said before so many messages is said again. */
const MOST_SENT = 64;

/** Who says so: no two owners of a shard have the same lineage and epoch. */
export const runOf = ({ state, head }: Shard): string => `${state.rights.lineage}.${head.epoch}`;
