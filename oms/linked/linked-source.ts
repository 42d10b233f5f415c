import type { Logger } from 'pino';
import type { Clock } from '../../engine/clock.ts';
import { messageOfError } from '../../engine/errors.ts';
import type { Bounds, Delivered, Inflow, Source } from '../source.ts';
import type { Look, RegionLink } from './region-link.ts';

export interface LinkedSourceOptions {
  readonly shard: number;
  readonly link: Pick<RegionLink, 'region' | 'look' | 'onLook'>;
  /** At the hub. */
  readonly copy: Source;
  /** The region's own stream, over the link. */
  readonly origin: Source;
  readonly clock: Clock;
  readonly log: Logger;
}

type Side = 'copy' | 'origin';

/** A copy that did not fit is not read again before. */
const DOUBT_MS = 60_000;

/**
 * One shard's journal of a region behind a link. Its copy at the hub is read
 * while that keeps up. Where it lags, as it does for up to half a minute after a
 * cut, or lacks records, or has others than the region, the region's own
 * stream is read by name instead, since sequences are the same in both.
 */
export class LinkedSource implements Source {
  readonly #options: LinkedSourceOptions;
  #side: Side = 'copy';
  /** What was read last when it was last opened. */
  #from = 0;
  #doubtedUntilMs = Number.NEGATIVE_INFINITY;

  constructor(options: LinkedSourceOptions) {
    this.#options = options;
  }

  async bounds(from: number): Promise<Bounds | undefined> {
    const { copy, origin, link, shard } = this.#options;
    this.#from = from;
    const copied = this.#isDoubted() ? undefined : await copy.bounds(from);
    const covers = copied !== undefined && copied.first <= from + 1 && copied.last >= from;
    this.#side = covers ? 'copy' : 'origin';
    if (covers && link.look(shard)?.isBehind !== true) return copied;
    try {
      const bounds = await origin.bounds(from);
      this.#side = 'origin';
      return bounds;
    } catch (e) {
      if (covers) return copied;
      throw new Error(`region ${link.region} cannot be reached: ${messageOfError(e)}`);
    }
  }

  async open(seq: number): Promise<Inflow> {
    const { copy, origin, link, shard } = this.#options;
    const side = this.#side;
    const inflow = await (side === 'copy' ? copy : origin).open(seq);
    const isOver = (look: Look, taken: number): boolean =>
      side === 'copy'
        ? look.isBehind
        : !look.isBehind && !this.#isDoubted() && look.copy.last >= taken;
    return new LinkedInflow(inflow, this.#from, {
      look: () => link.look(shard),
      onLook: (listener) => link.onLook(listener),
      isOver,
    });
  }

  /** A copy is a copy: what the region itself says is believed. */
  doubt(why: string): boolean {
    if (this.#side === 'origin') return false;
    const { clock, log, link, shard } = this.#options;
    log.warn(
      { region: link.region, shard, why },
      'the copy of a journal at the hub does not fit; the region is read instead',
    );
    this.#doubtedUntilMs = clock.monoMs() + DOUBT_MS;
    return true;
  }

  #isDoubted(): boolean {
    return this.#options.clock.monoMs() < this.#doubtedUntilMs;
  }
}

interface Watch {
  look(): Look | undefined;
  onLook(listener: () => void): () => void;
  /** Whether the other side is to be read from now on. */
  isOver(look: Look, taken: number): boolean;
}

/** Messages from either side. They are all there are only if the region says so. */
class LinkedInflow implements Inflow {
  readonly #inflow: Inflow;
  readonly #watch: Watch;
  readonly #stop: () => void;
  /** Sequence of the last message that was taken. */
  #taken: number;
  #caughtUpMs: number | undefined;

  constructor(inflow: Inflow, taken: number, watch: Watch) {
    this.#inflow = inflow;
    this.#watch = watch;
    this.#taken = taken;
    this.#note();
    this.#stop = watch.onLook(() => {
      this.#note();
      const look = watch.look();
      if (look !== undefined && watch.isOver(look, this.#taken))
        inflow.lose('it is read elsewhere');
    });
  }

  get caughtUpMs(): number | undefined {
    return this.#caughtUpMs;
  }

  get hasArrived(): boolean {
    return this.#inflow.hasArrived;
  }

  async take(bytes: number): Promise<Delivered[]> {
    const taken = await this.#inflow.take(bytes);
    this.#taken = Math.max(this.#taken, taken.at(-1)?.seq ?? 0);
    this.#note();
    return taken;
  }

  lose(why: string): void {
    this.#inflow.lose(why);
  }

  close(): void {
    this.#stop();
    this.#inflow.close();
  }

  /** All that the region had at the last look has been taken. */
  #note(): void {
    const look = this.#watch.look();
    if (look !== undefined && this.#taken >= look.origin.last) this.#caughtUpMs = look.atMs;
  }
}
