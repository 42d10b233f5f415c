import type { HoldId } from '../ids.ts';
import type { PickPolicy, Quality } from './commands.ts';
import { type Compare, Index, LineOrder } from './line-sets.ts';
import {
  isNameless,
  type LineKey,
  type LineName,
  type LotFilter,
  lineName,
  matches,
  type Stage,
} from './lot.ts';

/** Units of one lot in one place. */
export interface Line extends LineName {
  readonly key: LineKey;
  /** Base units, > 0. */
  qty: number;
  /** Of them, those that holds are pinned to. */
  pinned: number;
  /** The actor's sequence when units of it first came, and when the line last changed. */
  since: number;
  seq: number;
}

/** Field by field: a spread of the name costs several times as much as all the rest of a pick. */
export function newLine(key: LineKey, of: Pick<Line, 'qty' | 'pinned' | 'since' | 'seq'>): Line {
  const name = lineName(key);
  return {
    stage: name.stage,
    quality: name.quality,
    why: name.why,
    location: name.location,
    container: name.container,
    batch: name.batch,
    box: name.box,
    fnsku: name.fnsku,
    hold: name.hold,
    key,
    qty: of.qty,
    pinned: of.pinned,
    since: of.since,
    seq: of.seq,
  };
}

/** What is known of a batch. Epoch ms, 0 where there is none. */
export interface Batch {
  readonly startMs: number;
  readonly expiresAtMs: number;
  readonly sellUntilMs: number;
  /** Why none of it may be sold, whatever comes of it; '' where it may. */
  readonly kept: 'quarantine' | 'recall' | 'expired' | '';
}

/** Units that go from one line to another; '' is outside. */
export interface Move {
  readonly from: LineKey | '';
  readonly to: LineKey | '';
  readonly qty: number;
  readonly serials: readonly string[];
}

/** A hold gets a claim on units of a line (> 0), or gives it up (< 0). */
export interface Pin {
  readonly hold: HoldId;
  readonly line: LineKey;
  readonly qty: number;
}

/** What an event says beyond counters. */
export interface EventDetail {
  readonly moves: readonly Move[];
  readonly pins: readonly Pin[];
  /** `reserved`: what the hold is pinned to. */
  readonly want: LotFilter | undefined;
  /** Serials that the hold is pinned to. */
  readonly held: readonly string[];
  /** A batch, and what is known of it from now on. */
  readonly batch: (Batch & { readonly name: string }) | undefined;
}

/** What a hold is pinned to. */
export interface Wanted {
  readonly want: LotFilter;
  readonly serials: readonly string[];
  readonly lines: Map<LineKey, number>;
}

/**
 * The units of one SKU by place, container, batch, box and label: only those of
 * which any of that is known. The others are what the counters have beyond.
 */
export class Detail {
  readonly lines = new Map<LineKey, Line>();
  readonly batches = new Map<string, Batch>();
  /** Where each serial is. */
  readonly serials = new Map<string, LineKey>();
  readonly pins = new Map<HoldId, Wanted>();
  /** Serials by the hold that is pinned to them. */
  readonly held = new Map<string, HoldId>();
  /** Characters of the longest line key there was. */
  longest = 0;
  /** Units of all lines, by stage and quality. */
  readonly #sums = new Float64Array(16);
  readonly #serialsAt = new Map<LineKey, Set<string>>();
  /** Lines that are in no hold's hands, by where they are and by batch. */
  readonly #byLocation = new Index();
  readonly #byBatch = new Index();
  /** Picked and packed lines. */
  readonly #byHold = new Index();
  readonly #byStage = new Index();
  readonly #orders = new Map<string, LineOrder>();
  /** Units that holds are pinned to where no line is: their serials alone are known. */
  readonly #pinnedBare = new Map<LineKey, number>();

  named(stage: Stage, quality: Quality): number {
    return this.#sums[stage * 4 + quality] as number;
  }

  /** Of the units of a line, those whose serials are known. */
  serialsAt(key: LineKey): ReadonlySet<string> {
    return this.#serialsAt.get(key) ?? NO_SERIALS;
  }

  /** Of the units there that have no line, those that holds are pinned to. */
  pinnedBare(key: LineKey): number {
    return this.#pinnedBare.get(key) ?? 0;
  }

  /** Lines that match, in no order that means anything; the fewest are looked at that can be. */
  *find(stage: Stage, quality: Quality, want: LotFilter): IterableIterator<Line> {
    for (const line of this.#fewest(stage, want)) {
      if (line.stage === stage && line.quality === quality && matches(line, want)) yield line;
    }
  }

  /** Picked or packed units of a hold. */
  *ofHold(stage: Stage, hold: HoldId, want: LotFilter): IterableIterator<Line> {
    for (const line of this.#byHold.get(hold)) {
      if (line.stage === stage && matches(line, want)) yield line;
    }
  }

  /** Lines on the shelf that are for sale and match, in the order in which a policy takes them. */
  inOrder(quality: Quality, want: LotFilter, policy: PickPolicy): Iterable<Line> {
    const isAny = want.location === undefined && want.batch === undefined;
    if (isAny && policy !== 'fewest') return this.#orderOf(quality, policy).matching(want);
    const found = [...this.find(0, quality, want)].filter((line) => line.why === '');
    return found.sort(this.#compare(policy));
  }

  /** Applies moves, then pins, as an event of that sequence says. */
  apply({ moves, pins, want, held, batch }: EventDetail, hold: HoldId, seq: number): void {
    if (batch !== undefined) {
      const { name, ...known } = batch;
      this.putBatch(name, known);
    }
    for (const pin of pins) if (pin.qty < 0) this.#pin(pin);
    for (const move of moves) this.#move(move, seq);
    if (want !== undefined) {
      this.pins.set(hold, { want, serials: held, lines: new Map() });
      for (const serial of held) this.held.set(serial, hold);
    }
    for (const pin of pins) if (pin.qty > 0) this.#pin(pin);
  }

  /** Puts a line there as a snapshot, or an undo, has it; `undefined` takes it away. */
  put(key: LineKey, line: Line | undefined): void {
    const old = this.lines.get(key);
    if (old !== undefined) this.#remove(old);
    if (line !== undefined) this.#insert(line);
  }

  putSerial(serial: string, at: LineKey | undefined): void {
    const old = this.serials.get(serial);
    if (old !== undefined) this.#leave(serial, old);
    if (at === undefined) return;
    this.serials.set(serial, at);
    const there = this.#serialsAt.get(at);
    if (there === undefined) this.#serialsAt.set(at, new Set([serial]));
    else there.add(serial);
  }

  putBatch(name: string, batch: Batch | undefined): void {
    const isNewDate = this.batches.get(name)?.expiresAtMs !== batch?.expiresAtMs;
    if (isNewDate && this.#byBatch.get(name).size > 0) this.#orders.clear();
    if (batch === undefined) this.batches.delete(name);
    else this.batches.set(name, batch);
  }

  putPins(hold: HoldId, pins: Wanted | undefined): void {
    const old = this.pins.get(hold);
    for (const serial of old?.serials ?? []) this.held.delete(serial);
    for (const [key, qty] of old?.lines ?? []) if (isBare(key)) this.#pinBare(key, -qty);
    for (const [key, qty] of pins?.lines ?? []) if (isBare(key)) this.#pinBare(key, qty);
    if (pins === undefined) {
      this.pins.delete(hold);
      return;
    }
    this.pins.set(hold, pins);
    for (const serial of pins.serials) this.held.set(serial, hold);
  }

  #leave(serial: string, key: LineKey): void {
    this.serials.delete(serial);
    const there = this.#serialsAt.get(key);
    there?.delete(serial);
    if (there?.size === 0) this.#serialsAt.delete(key);
  }

  #fewest(stage: Stage, want: LotFilter): Iterable<Line> {
    let best = this.#byStage.get(String(stage));
    const look = (lines: ReadonlySet<Line>): void => {
      if (lines.size < best.size) best = lines;
    };
    if (want.location !== undefined && stage < 2) look(this.#byLocation.get(want.location));
    if (want.batch !== undefined && stage < 2) look(this.#byBatch.get(want.batch));
    return best;
  }

  #move({ from, to, qty, serials }: Move, seq: number): void {
    let since = seq;
    if (from !== '') {
      const line = this.lines.get(from);
      if (line !== undefined) {
        since = line.since;
        if (line.qty === qty) this.#remove(line);
        else this.#take(line, qty, seq);
      }
    }
    if (to !== '') this.#add(to, qty, since, seq);
    for (const serial of serials) this.putSerial(serial, to === '' ? undefined : to);
  }

  #take(line: Line, qty: number, seq: number): void {
    line.qty -= qty;
    line.seq = seq;
    this.#sum(line, -qty);
  }

  #add(key: LineKey, qty: number, since: number, seq: number): void {
    const line = this.lines.get(key);
    if (line === undefined) {
      const fresh = newLine(key, { qty, pinned: 0, since, seq });
      if (!isNameless(fresh)) this.#insert(fresh);
      return;
    }
    if (since < line.since) {
      this.#remove(line);
      this.#insert({ ...line, qty: line.qty + qty, since, seq });
      return;
    }
    line.qty += qty;
    line.seq = seq;
    this.#sum(line, qty);
  }

  #pin({ hold, line: key, qty }: Pin): void {
    const line = this.lines.get(key);
    const wanted = this.pins.get(hold);
    if (wanted === undefined) throw new Error(`${hold} is not pinned`);
    if (line !== undefined) line.pinned += qty;
    else if (isBare(key)) this.#pinBare(key, qty);
    else throw new Error(`nothing to pin at ${key}`);
    const left = (wanted.lines.get(key) ?? 0) + qty;
    if (left === 0) wanted.lines.delete(key);
    else wanted.lines.set(key, left);
  }

  #pinBare(key: LineKey, qty: number): void {
    const left = this.pinnedBare(key) + qty;
    if (left === 0) this.#pinnedBare.delete(key);
    else this.#pinnedBare.set(key, left);
  }

  #insert(line: Line): void {
    this.lines.set(line.key, line);
    this.longest = Math.max(this.longest, line.key.length);
    this.#sum(line, line.qty);
    this.#byStage.add(String(line.stage), line);
    if (line.hold !== '') this.#byHold.add(line.hold, line);
    else {
      this.#byLocation.add(line.location, line);
      this.#byBatch.add(line.batch, line);
    }
    if (isForSale(line)) for (const order of this.#ordersOf(line.quality)) order.add(line);
  }

  #remove(line: Line): void {
    this.lines.delete(line.key);
    this.#sum(line, -line.qty);
    this.#byStage.remove(String(line.stage), line);
    if (line.hold !== '') this.#byHold.remove(line.hold, line);
    else {
      this.#byLocation.remove(line.location, line);
      this.#byBatch.remove(line.batch, line);
    }
    if (isForSale(line)) for (const order of this.#ordersOf(line.quality)) order.remove(line);
  }

  #sum({ stage, quality }: Line, qty: number): void {
    this.#sums[stage * 4 + quality] = this.named(stage, quality) + qty;
  }

  *#ordersOf(quality: Quality): IterableIterator<LineOrder> {
    for (const [name, order] of this.#orders) if (name.startsWith(String(quality))) yield order;
  }

  /** Made when it is first asked for, kept up from then on. */
  #orderOf(quality: Quality, policy: PickPolicy): LineOrder {
    const name = `${quality}${policy}`;
    let order = this.#orders.get(name);
    if (order === undefined) {
      const lines = [...this.#byStage.get('0')].filter(
        (l) => l.quality === quality && isForSale(l),
      );
      order = new LineOrder(lines, this.#compare(policy));
      this.#orders.set(name, order);
    }
    return order;
  }

  #compare(policy: PickPolicy): Compare {
    const expiry = ({ batch }: Line): number =>
      this.batches.get(batch)?.expiresAtMs || Number.POSITIVE_INFINITY;
    switch (policy) {
      case 'fefo':
        return (a, b) => less(expiry(a), expiry(b)) || less(a.since, b.since) || byKey(a, b);
      case 'fifo':
        return (a, b) => less(a.since, b.since) || byKey(a, b);
      case 'lifo':
        return (a, b) => less(b.since, a.since) || byKey(a, b);
      case 'fewest':
        return (a, b) => less(b.qty, a.qty) || byKey(a, b);
    }
  }
}

const isBare = (key: LineKey): boolean => isNameless(lineName(key));

const less = (a: number, b: number): number => (a < b ? -1 : a > b ? 1 : 0);
const byKey = (a: Line, b: Line): number => (a.key < b.key ? -1 : a.key > b.key ? 1 : 0);

const isForSale = (line: Line): boolean => line.stage === 0 && line.why === '';

const NO_SERIALS: ReadonlySet<string> = new Set();
