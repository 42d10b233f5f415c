import type { HoldId } from '../ids.ts';
import { Claims, type Pin, type Wanted } from './claims.ts';
import type { PickPolicy, Quality } from './commands.ts';
import type { EventKind, StockEvent } from './events.ts';
import { type Line, newLine } from './line.ts';
import { type Compare, comparing, hasFree, Index, LineOrder } from './line-order.ts';
import { isNameless, type LineKey, type LotFilter, lineName, matches, type Stage } from './lot.ts';

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

/** What an event says beyond counters. */
export interface EventDetail {
  readonly moves: readonly Move[];
  readonly pins: readonly Pin[];
  /** `reserved`: what the hold is pinned to. */
  readonly want: LotFilter | undefined;
  /** Serials that the hold is pinned to; of other kinds, those that it gives up. */
  readonly held: readonly string[];
  /** A batch, and what is known of it from now on. */
  readonly batch: (Batch & { readonly name: string }) | undefined;
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
  readonly claims = new Claims();
  /** Characters of the longest line key there was. */
  longest = 0;
  /** Units of all lines, by stage and quality. */
  readonly #sums = new Float64Array(16);
  readonly #serialsAt = new Map<LineKey, Set<string>>();
  /** Lines that are in no hold's hands, by where they are, and by batch. */
  readonly #byLocation = new Index();
  readonly #byBatch = new Index();
  /** Only those in one. */
  readonly #byContainer = new Index();
  /** Picked and packed lines. */
  readonly #byHold = new Index();
  readonly #byStage = new Index();
  readonly #orders = new Map<string, LineOrder>();

  named(stage: Stage, quality: Quality): number {
    return this.#sums[stage * 4 + quality] as number;
  }

  /** Of the units of a line, those whose serials are known. */
  serialsAt(key: LineKey): ReadonlySet<string> {
    return this.#serialsAt.get(key) ?? NO_SERIALS;
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

  /**
   * Lines on the shelf that are for sale and match, in the order in which a policy takes them;
   * `isFree`: only those with units that no hold is pinned to.
   */
  inOrder(quality: Quality, want: LotFilter, policy: PickPolicy, isFree = false): Iterable<Line> {
    if (policy !== 'fewest' && this.#areMany(want)) {
      return this.#orderOf(quality, policy).matching(want, isFree);
    }
    const found: Line[] = [];
    for (const line of this.find(0, quality, want)) {
      if (line.why === '' && (!isFree || hasFree(line))) found.push(line);
    }
    return this.sorted(found, policy);
  }

  /** Whether an order of all lines is worth its upkeep, or those that match can be sorted anew. */
  #areMany(want: LotFilter): boolean {
    const all = this.#byStage.get('0');
    const few = this.#fewest(0, want);
    const { location, batch, container = '' } = want;
    if (location === undefined && batch === undefined && container === '') return true;
    return few.size > FEW && few.size * FEW > all.size;
  }

  sorted(lines: Line[], policy: PickPolicy): Line[] {
    return lines.sort(this.#compare(policy));
  }

  /** What holds are pinned to. */
  get pins(): ReadonlyMap<HoldId, Wanted> {
    return this.claims.of;
  }

  /** Applies moves and pins, as an event of that sequence says. */
  apply({ kind, hold, detail }: StockEvent, seq: number): void {
    const { moves, pins, want, held, batch } = detail as EventDetail;
    if (batch !== undefined) {
      const { name, ...known } = batch;
      this.putBatch(name, known);
    }
    const going = new Set(want === undefined ? held : []);
    for (const { serials } of moves) for (const serial of serials) going.add(serial);
    const gone = new Set<string>();
    for (const pin of pins) {
      if (pin.qty < 0) for (const serial of this.#pin(pin, going)) gone.add(serial);
    }
    for (const move of moves) this.#move(move, seq);
    if (want !== undefined) this.claims.open(hold, want, held);
    for (const pin of pins) if (pin.qty > 0) this.#pin(pin, going);
    if (GIVE_UP.includes(kind)) this.claims.forget(hold, new Set([...gone, ...going]));
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
    this.claims.put(hold, pins);
  }

  #leave(serial: string, key: LineKey): void {
    this.serials.delete(serial);
    const there = this.#serialsAt.get(key);
    there?.delete(serial);
    if (there?.size === 0) this.#serialsAt.delete(key);
  }

  #fewest(stage: Stage, want: LotFilter): ReadonlySet<Line> {
    let best = this.#byStage.get(String(stage));
    const look = (lines: ReadonlySet<Line>): void => {
      if (lines.size < best.size) best = lines;
    };
    if (stage >= 2) return best;
    if (want.location !== undefined) look(this.#byLocation.get(want.location));
    if (want.batch !== undefined) look(this.#byBatch.get(want.batch));
    if (want.container !== undefined && want.container !== '')
      look(this.#byContainer.get(want.container));
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
    const was = hasFree(line);
    line.qty -= qty;
    line.seq = seq;
    this.#sum(line, -qty);
    this.#settle(line, was);
  }

  #settle(line: Line, was: boolean): void {
    if (was === hasFree(line) || !isForSale(line)) return;
    for (const order of this.#ordersOf(line.quality)) order.settle(line);
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
    const was = hasFree(line);
    line.qty += qty;
    line.seq = seq;
    this.#sum(line, qty);
    this.#settle(line, was);
  }

  #pin(pin: Pin, going: ReadonlySet<string>): readonly string[] {
    const line = this.lines.get(pin.line);
    if (line !== undefined) {
      const was = hasFree(line);
      line.pinned += pin.qty;
      this.#settle(line, was);
    } else if (!isNameless(lineName(pin.line))) throw new Error(`nothing to pin at ${pin.line}`);
    return this.claims.pin(pin, (serial) => this.serials.get(serial) === pin.line, going);
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
      if (line.container !== '') this.#byContainer.add(line.container, line);
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
      if (line.container !== '') this.#byContainer.remove(line.container, line);
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
    return comparing(
      policy,
      (batch) => this.batches.get(batch)?.expiresAtMs || Number.POSITIVE_INFINITY,
    );
  }
}

/** What ends promises: serials that go by these are not awaited by the hold that had them. */
const GIVE_UP: readonly EventKind[] = ['released', 'expired', 'cancelled', 'shipped'];

const FEW = 16;

const isForSale = (line: Line): boolean => line.stage === 0 && line.why === '';

const NO_SERIALS: ReadonlySet<string> = new Set();
