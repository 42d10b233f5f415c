import { isDeepStrictEqual } from 'node:util';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { GENESIS, open, seal } from '../../engine/record.ts';
import { ChangeReader, openHead } from '../../engine/record-reader.ts';
import type { ActorLine } from '../../engine/snapshots/slices.ts';
import { actorLine, actorOf, pack, unpack } from '../../engine/snapshots/slices.ts';
import {
  heapName,
  isNameless,
  type Piece,
  type RefHold,
  type Refusal,
} from '../../test/reference/goods.ts';
import { Reference, type Told } from '../../test/reference/stockroom.ts';
import type { SkuId, WarehouseId } from '../ids.ts';
import { type ActorKey, actorKey, type HoldId, type OwnerId } from '../ids.ts';
import { CATALOGUE, type Refused } from '../outcomes.ts';
import { qualityView } from './balances.ts';
import {
  BLANK,
  type BlockReason,
  type More,
  NO_MORE,
  PICK_POLICIES,
  type Quality,
  type StockCommand,
  type StockOp,
} from './commands.ts';
import { faults } from './conserved.ts';
import { EVENT_KINDS } from './events.ts';
import { type LotFilter, lineName } from './lot.ts';
import { postings } from './postings.ts';
import type { StockState } from './state.ts';
import { type Change, Stockroom } from './stockroom.ts';

/*
 * Stock with lots against test/reference, one SKU, step by step. What is played is plain numbers, so
 * that fast-check shrinks and prints it; the reference tells what would make sense of them.
 */

const OWNER = 'demo' as OwnerId;
const SKU = 'mug' as SkuId;
const WAREHOUSE = 'W1' as WarehouseId;
const KEY: ActorKey = actorKey(OWNER, SKU, WAREHOUSE);
const START_MS = 1_000_000;

interface Line {
  readonly op: StockOp;
  readonly quality: number;
  readonly qty: number;
  /** Which of the heaps, pieces and holds that fit. */
  readonly at: number;
  /** Which fields of a lot are told, and where to. */
  readonly mask: number;
  readonly to: number;
  /** Whether serials are told. */
  readonly named: boolean;
  readonly policy: number;
  readonly flags: number;
  readonly isWild: boolean;
}

type Step = Line | { readonly all: readonly Line[] } | { readonly tickMs: number };

const weighted = <T>(...pairs: [number, T][]): fc.Arbitrary<T> =>
  fc.oneof(...pairs.map(([weight, v]) => ({ weight, arbitrary: fc.constant(v) })));

const OPS: [number, StockOp][] = [
  [7, 'receive'],
  [9, 'reserve'],
  [1, 'extend'],
  [1, 'harden'],
  [3, 'release'],
  [8, 'pick'],
  [3, 'short'],
  [4, 'pack'],
  [3, 'ship'],
  [4, 'cancel'],
  [4, 'putback'],
  [5, 'adjust'],
  [1, 'announce'],
  [1, 'withdraw'],
  [4, 'block'],
  [4, 'unblock'],
  [3, 'requality'],
  [1, 'safety'],
  [6, 'move'],
  [1, 'unreceive'],
  [2, 'unpick'],
  [1, 'unpack'],
  [2, 'reassign'],
];

const line: fc.Arbitrary<Line> = fc.record({
  op: weighted(...OPS),
  quality: weighted([9, 0], [2, 1], [1, 2]),
  qty: fc.oneof(fc.constant(0), fc.nat(3), fc.nat(6)),
  at: fc.nat(11),
  mask: fc.nat(31),
  to: fc.nat(31),
  named: weighted([3, false], [2, true]),
  policy: weighted([3, 0], [1, 1], [1, 2], [1, 3]),
  flags: fc.nat(31),
  isWild: weighted([12, false], [1, true]),
});

const steps = (length: number): fc.Arbitrary<Step[]> => {
  const step = fc.oneof(
    { weight: 14, arbitrary: line },
    { weight: 2, arbitrary: fc.record({ all: fc.array(line, ALL_LINES) }) },
    { weight: 1, arbitrary: fc.record({ tickMs: fc.constantFrom(5, 10, 20) }) },
  );
  return fc.noBias(fc.array(step, { minLength: 1, maxLength: length, size: 'max' }));
};

const ALL_LINES = { minLength: 2, maxLength: 4, size: 'max' } as const;

/* Commands that mostly make sense. */

const one = <T>(list: readonly T[], at: number): T | undefined => list[at % list.length];

const PLACES = ['A1', 'A2', 'A3', ''];
const BATCHES = ['L1', 'L2', 'L3', ''];
/** When batches expire, ms from the start; 0: no date is known. */
const EXPIRY: Record<string, number> = { L1: 30, L2: 60, L3: 0 };

/** What goods are that come. */
function lotOf({ mask, at, isWild }: Line): LotFilter {
  const box = one([0, 0, 0, 2, 3], at + mask) as number;
  const lot: LotFilter = {
    location: one(PLACES, at) as string,
    batch: one(BATCHES, mask) as string,
    ...(mask > 20 ? { container: one(['T1', ''], at) as string } : {}),
    ...(mask % 5 === 0 ? { fnsku: 'X' } : {}),
    ...(box > 0 || mask % 3 === 0 ? { box } : {}),
  };
  return mask === 7 && !isWild ? {} : lot;
}

const FIELDS = ['location', 'container', 'batch', 'box', 'fnsku'] as const;

/** A part of what is told of that piece. */
function likeIt(piece: Piece | undefined, mask: number): LotFilter {
  const told: Record<string, unknown> = {};
  for (const [i, field] of FIELDS.entries()) {
    if (piece !== undefined && (mask & (1 << i)) > 0) told[field] = piece[field];
  }
  return told as LotFilter;
}

function toOf({ to, at }: Line): LotFilter {
  const places: LotFilter = { location: one(PLACES, to) as string };
  if (to > 24) return { box: one([0, 2, 3], at) as number };
  if (to > 20) return { fnsku: one(['', 'Y'], at) as string, ...places };
  return to > 16 ? { container: one(['', 'T2'], at) as string } : places;
}

const HARD = Number.POSITIVE_INFINITY;

/** Whether an op makes sense for a hold. */
function isFitting(ref: Reference, hold: RefHold, op: StockOp): boolean {
  if (hold.ended !== '') return false;
  if (op === 'pick' || op === 'short' || op === 'reassign')
    return hold.promises.includes(HARD) && ref.backed(hold) > 0;
  if (op === 'pack' || op === 'unpick') return ref.of(hold, 'picked').length > 0;
  if (op === 'ship' || op === 'unpack') return ref.of(hold, 'packed').length > 0;
  if (op === 'extend' || op === 'harden') return hold.promises.some((p) => p !== HARD);
  return op !== 'release' || hold.promises.length > 0;
}

/** The op, or else one that has to come first. */
function sensible(ref: Reference, l: Line): StockOp {
  const of = (test: (p: Piece) => boolean): boolean =>
    ref.pieces.some((p) => p.quality === l.quality && test(p));
  const isSold = of((p) => p.place === 'shelf' && p.why === '');
  switch (l.op) {
    case 'receive':
    case 'announce':
      return l.op;
    case 'withdraw':
      return (ref.transit[l.quality] as number) > 0 ? l.op : 'announce';
    case 'unblock':
      return of((p) => p.why !== '') ? l.op : isSold ? 'block' : 'receive';
    case 'putback':
      return of((p) => p.place === 'waits') ? l.op : isSold ? 'move' : 'receive';
    case 'reserve':
      return ref.available(l.quality) > 0 || l.flags === 3 ? l.op : 'receive';
    case 'adjust':
    case 'safety':
    case 'block':
    case 'requality':
    case 'move':
    case 'unreceive':
      return isSold ? l.op : 'receive';
    default:
      return ref.holds.some((h) => isFitting(ref, h, l.op)) ? l.op : isSold ? 'reserve' : 'receive';
  }
}

/** Both sides; they must always answer the same. */
class Play {
  room = new Stockroom();
  reference = new Reference();
  readonly changes: Change[] = [];
  readonly codes = new Set<string>();
  #nowMs = START_MS;
  #made = 0;

  through(played: readonly Step[], check: Check = () => {}): this {
    for (const step of played) {
      if ('all' in step) this.#all(step.all, check);
      else if ('tickMs' in step) for (const c of this.#due(step.tickMs)) this.#one(c, check);
      else this.#one(this.#command(step), check);
    }
    return this;
  }

  get state(): StockState | undefined {
    return this.room.get(KEY);
  }

  #one(c: StockCommand, check: Check): void {
    const ref = this.reference.copy();
    const outcome = this.room.run(c, this.#nowMs);
    const told = outcome.ok ? toldBy(outcome.changes[0] as Change) : undefined;
    if (process.env.DBG)
      console.log(
        words(c),
        outcome.ok
          ? words(told) + words((outcome.changes[0] as Change).event.shifts)
          : outcome.code,
      );
    const refused = asked(() => ref.do(c, this.#nowMs, told), c);
    if (outcome.ok) this.changes.push(...outcome.changes);
    expectSame(outcome, refused, c);
    if (refused === undefined) this.reference = ref;
    this.#look(outcome.ok ? outcome.changes : outcome, [c], check);
  }

  /** Its lines are made as they would be one by one, so that most are carried out. */
  #all(lines: readonly Line[], check: Check): void {
    const was = this.reference;
    const commands: StockCommand[] = [];
    const aside = structuredClone(this.state);
    const trial = new Stockroom();
    if (aside !== undefined) trial.set(KEY, copyOf(this.state as StockState));
    let refused: Refusal | undefined;
    for (const l of lines) {
      const c = this.#command(l);
      const ref = this.reference.copy();
      const outcome = trial.run(c, this.#nowMs);
      const told = outcome.ok ? toldBy(outcome.changes[0] as Change) : undefined;
      refused = asked(() => ref.do(c, this.#nowMs, told), c);
      expectSame(outcome, refused, c);
      commands.push(c);
      if (refused !== undefined) break;
      this.reference = ref;
    }
    const all = { op: 'all', warehouse: WAREHOUSE, commands } as const;
    const outcome = this.room.run(all, this.#nowMs);
    if (refused !== undefined) this.reference = was;
    expect(outcome.ok ? '' : outcome.line, words(all)).toBe(
      refused === undefined ? '' : commands.length - 1,
    );
    if (outcome.ok) this.changes.push(...outcome.changes);
    this.#look(outcome.ok ? outcome.changes : outcome, commands, check);
  }

  #look(outcome: readonly Change[] | Refused, done: readonly StockCommand[], check: Check): void {
    if ('ok' in outcome) this.codes.add(outcome.code);
    if (this.state === undefined) return;
    expect(pictureOf(this.state), words(done)).toEqual(pictureIn(this.reference));
    expect(faults(this.state), words(done)).toEqual([]);
    check(this, outcome);
  }

  /** Time passes, and the shard ends what is due. */
  #due(tickMs: number): StockCommand[] {
    this.#nowMs += tickMs;
    const expired = this.reference
      .open()
      .filter((h) => h.promises.some((p) => p <= this.#nowMs))
      .map((h) => this.#made_({ op: 'expire', hold: h.id as HoldId }));
    const outdated = Object.entries(this.reference.batches)
      .filter(([, b]) => b.sellUntilMs > 0 && b.sellUntilMs <= this.#nowMs && b.kept === '')
      .map(([batch]) => this.#made_({ op: 'outdate' }, { lot: { batch } }));
    return [...expired, ...outdated];
  }

  #made_(of: Partial<StockCommand> & { op: StockOp }, more: Partial<More> = {}): StockCommand {
    const isPlain = Object.keys(more).length === 0;
    return {
      ...{ key: KEY, owner: OWNER, sku: SKU, warehouse: WAREHOUSE, ...BLANK, ...of },
      more: isPlain ? NO_MORE : { ...NO_MORE, ...more },
    };
  }

  #command(wish: Line): StockCommand {
    const ref = this.reference;
    const l = wish.isWild ? wish : { ...wish, op: sensible(ref, wish) };
    const quality = l.quality as Quality;
    const policy = PICK_POLICIES[l.policy] as More['policy'];
    const some = l.qty + 1;
    const pieces = ref.pieces.filter((p) => p.quality === quality);
    const sold = ref.sold(quality);
    switch (l.op) {
      case 'receive':
        return this.#receive(l, some);
      case 'announce':
      case 'withdraw':
        return this.#made_({ op: l.op, quality, qty: some });
      case 'safety':
        return this.#made_({ op: l.op, quality, qty: l.qty });
      case 'adjust':
        return this.#adjust(l, some);
      case 'block':
        return this.#block(l, some);
      case 'unblock': {
        const kept = pieces.filter((p) => p.why !== '');
        const why = (one(kept, l.at)?.why ?? 'recall') as BlockReason;
        const like = this.#among(
          l,
          kept.filter((p) => p.why === why),
          some,
          l.flags % 3 > 0,
        );
        return this.#made_({ op: l.op, quality, qty: like.qty }, { ...like.more, why });
      }
      case 'requality':
      case 'move':
      case 'unreceive': {
        const isLying = l.op === 'unreceive' && l.flags % 4 === 0;
        const kept = pieces.filter((p) => p.place === 'shelf' && p.why !== '');
        const isKept = l.op === 'move' && l.flags % 5 === 0 && kept.length > 0;
        const why = isKept ? (one(kept, l.at)?.why as BlockReason) : '';
        const waits = pieces.filter((p) => p.place === 'waits');
        const from = isLying ? waits : isKept ? kept.filter((p) => p.why === why) : sold;
        const { qty, more } = this.#among(l, from, some, false);
        const toQuality = ((quality + 1 + (l.flags % 2)) % 3) as Quality;
        const arrived = l.flags % 3 === 0 ? Math.min(1, qty) : 0;
        const said = {
          move: { to: toOf(l), why } as const,
          requality: { toQuality },
          unreceive: { untilPutaway: isLying, arrived },
        }[l.op];
        return this.#made_({ op: l.op, quality, qty }, { ...more, ...said, policy });
      }
      case 'putback': {
        const from = pieces.filter((p) => p.place === 'waits');
        const { qty, more } = this.#among(l, from, some, true);
        const to = l.flags % 4 === 0 ? {} : toOf(l);
        return this.#made_({ op: l.op, quality, qty }, { ...more, to });
      }
      case 'reserve':
        return this.#reserve(l, some);
      case 'reassign':
        return this.#reassign(l);
      default:
        return this.#ofHold(l, policy);
    }
  }

  #receive(l: Line, some: number): StockCommand {
    const lot = lotOf(l);
    const box = lot.box ?? 0;
    const qty = box > 0 && !l.isWild ? box * (1 + (l.qty % 2)) : some;
    const serials = l.named ? this.#fresh(l, qty) : [];
    const expiresInMs = EXPIRY[lot.batch ?? ''] ?? 0;
    const at = START_MS + expiresInMs + (l.isWild && l.flags === 1 ? 1 : 0);
    const dates =
      expiresInMs > 0 && l.flags % 2 === 0
        ? { startMs: 0, expiresAtMs: at, sellUntilMs: at }
        : undefined;
    const due = this.reference.transit[l.quality] as number;
    const arrived = l.isWild ? Math.min(qty, due + 1) : Math.min(qty, due);
    const more = { lot, serials, dates, arrived, untilPutaway: l.flags % 5 === 0 };
    const isPlain = l.flags === 7;
    return this.#made_({ op: 'receive', quality: l.quality as Quality, qty }, isPlain ? {} : more);
  }

  /** Serials that are not here; rarely one that is. */
  #fresh(l: Line, qty: number): string[] {
    const here = new Set(this.reference.pieces.map((p) => p.serial));
    const free = SERIALS.filter((s) => !here.has(s));
    const known = [...here].filter((s) => s !== '');
    if (l.isWild && known.length > 0) return [...known.slice(0, 1), ...free].slice(0, qty);
    return free.length < qty ? [] : free.slice(0, qty);
  }

  #adjust(l: Line, some: number): StockCommand {
    const quality = l.quality as Quality;
    const policy = PICK_POLICIES[l.policy] as More['policy'];
    if (l.flags % 3 === 0) {
      const lot = lotOf(l);
      const delta = (lot.box ?? 0) > 0 ? (lot.box as number) : some;
      const lost = l.named ? this.#fresh(l, delta) : [];
      return this.#made_({ op: 'adjust', quality, delta }, { lot, serials: lost });
    }
    if (l.flags % 3 === 1) {
      const here = this.reference.pieces.filter((p) => p.quality === quality && p.why === '');
      const delta = -Math.max(1, Math.min(here.length, some * 2 - 1));
      return this.#made_({ op: 'adjust', quality, delta }, l.flags > 15 ? { policy } : {});
    }
    const { qty, more } = this.#among(l, this.reference.sold(quality), some, false);
    return this.#made_({ op: 'adjust', quality, delta: -qty }, { ...more, policy });
  }

  #block(l: Line, some: number): StockCommand {
    const quality = l.quality as Quality;
    const why = one(['recall', 'quarantine', 'missing', 'approval'], l.flags) as BlockReason;
    const sold = this.reference.sold(quality);
    const batch = one(sold, l.at)?.batch ?? '';
    if (l.flags % 3 === 0 && batch !== '')
      return this.#made_({ op: 'block', quality }, { why, lot: { batch } });
    const { qty, more } = this.#among(l, sold, some, l.mask % 4 === 1);
    const isAll = qty === 0 && Object.keys(more.lot).length === 0;
    return this.#made_({ op: 'block', quality, qty: isAll ? 1 : qty }, { ...more, why });
  }

  #reserve(l: Line, some: number): StockCommand {
    const quality = l.quality as Quality;
    const sold = this.reference.sold(quality);
    const hold = this.#newHold(l);
    const ttlMs = l.flags % 6 === 0 ? 12 : 0;
    const useSafety = l.flags % 7 === 0;
    const policy = PICK_POLICIES[l.policy] as More['policy'];
    const flags = { partial: l.flags % 2 === 0, ttlMs };
    if (l.mask % 3 === 0) {
      const backorder = l.flags % 2 === 1 && l.flags % 5 < 2;
      const more = backorder || useSafety ? { backorder, useSafety } : {};
      return this.#made_({ op: 'reserve', quality, qty: some, hold, ...flags }, more);
    }
    const { qty, more } = this.#among(
      l,
      sold.filter((p) => p.pin === undefined),
      some,
      false,
    );
    const backorder = l.flags % 4 === 1 && more.serials.length === 0;
    const said = { ...more, useSafety, policy, backorder };
    return this.#made_(
      { op: 'reserve', quality, qty: backorder ? qty + 1 : qty, hold, ...flags },
      said,
    );
  }

  #newHold(l: Line): HoldId {
    const isUsed = l.isWild && this.#made > 2;
    return `H${isUsed ? this.#made - (l.at % 3) : ++this.#made}` as HoldId;
  }

  #hold(l: Line, op: StockOp): RefHold | undefined {
    const fitting = this.reference.holds.filter((h) => isFitting(this.reference, h, op));
    const known = l.isWild || fitting.length === 0 ? this.reference.holds : fitting;
    return known.at(-1 - (l.at % Math.max(1, known.length)));
  }

  #reassign(l: Line): StockCommand {
    const from = this.#hold(l, 'reassign');
    const other = l.flags % 2 === 0 ? one(this.reference.open(), l.mask)?.id : undefined;
    const hold = other === undefined || other === from?.id ? this.#newHold(l) : (other as HoldId);
    const fromHold = (from?.id ?? 'nobody') as HoldId;
    const partial = l.flags % 3 === 0;
    return this.#made_({ op: 'reassign', qty: l.qty, hold, partial }, { fromHold });
  }

  #ofHold(l: Line, policy: More['policy']): StockCommand {
    const ref = this.reference;
    const found = this.#hold(l, l.op);
    const hold = (found?.id ?? 'nobody') as HoldId;
    const ttlMs = l.op === 'extend' ? 15 : 0;
    const to = l.op === 'unpick' && l.flags % 2 === 0 ? toOf(l) : {};
    const stage = { pack: 'picked', unpick: 'picked', ship: 'packed', unpack: 'packed' }[
      l.op as string
    ];
    const isOnShelf = l.op === 'pick' || l.op === 'short';
    const can = {
      ...{ pick: 'hard', short: 'hard', extend: 'soft', harden: 'soft', release: 'promised' },
    }[l.op as string];
    if (found === undefined || found.ended !== '' || ['extend', 'harden'].includes(l.op)) {
      void can;
      const qty = l.op === 'short' ? 1 : Math.max(0, l.qty - 2);
      return this.#made_({ op: l.op, hold, qty, ttlMs });
    }
    const its = ref.pieces.filter((p) =>
      stage === undefined
        ? isOnShelf && found.want === undefined
          ? p.place === 'shelf' && p.why === '' && p.quality === found.quality
          : p.pin === found || (l.op === 'cancel' && p.holder === found)
        : p.holder === found && p.place === stage,
    );
    const most =
      stage !== undefined
        ? its.length
        : isOnShelf
          ? Math.min(found.promises.filter((p) => p === HARD).length, ref.backed(found))
          : found.promises.length +
            (l.op === 'cancel' ? ref.pieces.filter((p) => p.holder === found).length : 0);
    const isAll = l.qty === 0 && l.op !== 'short';
    const qty = isAll ? 0 : l.isWild ? l.qty + 1 : Math.min(Math.max(1, most), l.qty + 1);
    const isNamed = l.named && its.some((p) => p.serial !== '');
    if (isNamed) {
      const serials = its
        .filter((p) => p.serial !== '')
        .slice(0, Math.max(1, qty))
        .map((p) => p.serial);
      return this.#made_({ op: l.op, hold, qty: serials.length }, { serials, to });
    }
    const isLike = l.mask % 4 === 0 && l.op !== 'release';
    const lot = isLike ? likeIt(one(its, l.at), l.to) : {};
    const isPlain = !isLike && l.policy === 0 && Object.keys(to).length === 0;
    return this.#made_({ op: l.op, hold, qty }, isPlain ? {} : { lot, policy, to });
  }

  /** Pieces like one of those, or named by their serials; no more than there are, but rarely. */
  #among(
    l: Line,
    from: readonly Piece[],
    some: number,
    mayAll: boolean,
  ): { qty: number; more: { lot: LotFilter; serials: readonly string[] } } {
    const piece = one(from, l.at);
    const named = from.filter((p) => p.serial !== '').slice(l.at % 3, (l.at % 3) + some);
    if (l.named && named.length > 0) {
      const serials = named.map((p) => p.serial);
      return { qty: serials.length, more: { lot: {}, serials } };
    }
    const lot = likeIt(piece, l.mask);
    const there = from.filter((p) =>
      Object.entries(lot).every(([field, value]) => p[field as keyof Piece] === value),
    ).length;
    const qty = l.isWild ? some : Math.max(1, Math.min(there, some));
    return { qty: mayAll && l.qty === 0 ? 0 : qty, more: { lot, serials: [] } };
  }
}

const SERIALS = Array.from({ length: 24 }, (_, i) => `S${i + 1}`);

type Check = (play: Play, outcome: readonly Change[] | Refused) => void;

const words = (said: unknown): string => JSON.stringify(said);

/** What the reference says; where it cannot believe a choice, the command is told. */
function asked(ask: () => Refusal | undefined, c: StockCommand): Refusal | undefined {
  try {
    return ask();
  } catch (e) {
    throw new Error(`${String(e)}: ${words(c)}`, { cause: e });
  }
}

function expectSame(
  outcome: { ok: true } | Refused,
  refused: Refusal | undefined,
  c: StockCommand,
): void {
  const said = outcome.ok ? '' : `${outcome.code} ${outcome.available} of ${outcome.asked}`;
  const may = refused === undefined ? [''] : [refused, ...(refused.or ?? [])].map(unitsOf);
  if (!may.includes(said)) expect(said, words(c)).toBe(may[0]);
}

const unitsOf = ({ code, available, asked: of }: Refusal): string =>
  `${code} ${available} of ${of}`;

const heapOf = (key: string): string => {
  const { stage, quality, why, location, container, batch, box, fnsku, hold } = lineName(key);
  const lot = [location, container, batch, box === 0 ? '' : box, fnsku];
  return [stage, quality, why, ...lot, hold].join('|');
};

const toldBy = ({ event }: Change): Told[] =>
  (event.detail?.pins ?? []).map(({ hold, line: key, qty }) => ({ hold, heap: heapOf(key), qty }));

/* Pictures: all that can be seen of an actor, in the same words. */

const sorted = (of: Map<string, unknown>): unknown => [...of].sort(([a], [b]) => (a < b ? -1 : 1));

function pictureOf(state: StockState): unknown {
  const { detail } = state;
  const lines = new Map<string, string>();
  for (const l of detail?.lines.values() ?? []) lines.set(heapOf(l.key), `${l.qty} ${l.pinned}`);
  const serials = new Map<string, string>();
  for (const [serial, key] of detail?.serials ?? []) serials.set(serial, heapOf(key));
  const holds = new Map<string, unknown>();
  for (const [id, h] of state.holds ?? []) {
    if ('ended' in h) {
      holds.set(id, h.ended === 'shipped' ? 'shipped' : 'ended');
      continue;
    }
    const wanted = detail?.pins.get(id);
    const pins = new Map([...(wanted?.lines ?? [])].map(([key, qty]) => [heapOf(key), qty]));
    holds.set(id, {
      ...{ quality: h.quality, hard: h.hard, waiting: h.waiting, doc: h.doc },
      soft: h.soft.flatMap((p) => Array<number>(p.qty).fill(p.expiresAtMs)),
      ...{ picked: h.picked, packed: h.packed, shipped: h.shipped },
      ...{ pins: sorted(pins), held: [...(wanted?.held ?? [])].sort() },
    });
  }
  const batches = new Map<string, unknown>(
    [...(detail?.batches ?? [])].map(([b, of]) => [b, { ...of }]),
  );
  return {
    figures: [0, 1, 2].map((q) => qualityView(state.b, q as Quality)),
    ...{ lines: sorted(lines), serials: sorted(serials), holds: sorted(holds) },
    ...{ batches: sorted(batches), seq: state.seq },
  };
}

function pictureIn(ref: Reference): unknown {
  const lines = new Map<string, [number, number]>();
  const serials = new Map<string, string>();
  const pinsOf = new Map<RefHold, Map<string, number>>();
  const heldBy = new Map<RefHold, string[]>();
  for (const p of ref.pieces) {
    const name = heapName(p);
    if (!isNameless(p)) {
      const [qty, pinned] = lines.get(name) ?? [0, 0];
      lines.set(name, [qty + 1, pinned + (p.pin === undefined ? 0 : 1)]);
    }
    if (p.serial !== '') serials.set(p.serial, name);
    if (p.pin === undefined) continue;
    const pins = pinsOf.get(p.pin) ?? new Map<string, number>();
    pinsOf.set(p.pin, pins.set(name, (pins.get(name) ?? 0) + 1));
    if (p.pin.isNamed) heldBy.set(p.pin, [...(heldBy.get(p.pin) ?? []), p.serial]);
  }
  const holds = new Map<string, unknown>();
  for (const h of ref.holds) {
    if (h.ended !== '') {
      holds.set(h.id, h.ended === 'shipped' ? 'shipped' : 'ended');
      continue;
    }
    const soft = h.promises.filter((p) => p !== HARD).sort((a, b) => a - b);
    holds.set(h.id, {
      ...{ quality: h.quality, hard: h.promises.length - soft.length, waiting: ref.waiting(h) },
      ...{ doc: h.doc, soft, shipped: h.shipped },
      ...{ picked: ref.of(h, 'picked').length, packed: ref.of(h, 'packed').length },
      ...{ pins: sorted(pinsOf.get(h) ?? new Map()), held: (heldBy.get(h) ?? []).sort() },
    });
  }
  const known = new Map([...lines].map(([name, of]) => [name, of.join(' ')]));
  return {
    figures: [0, 1, 2].map((q) => ref.figures(q)),
    ...{ lines: sorted(known), serials: sorted(serials), holds: sorted(holds) },
    ...{ batches: sorted(new Map(Object.entries(ref.batches))), seq: ref.seq },
  };
}

/** As a snapshot has it. */
function copyOf(state: StockState): StockState {
  return actorOf(unpack(pack(actorLine(KEY, state))) as ActorLine)[1];
}

void [
  GENESIS,
  open,
  seal,
  ChangeReader,
  openHead,
  CATALOGUE,
  EVENT_KINDS,
  postings,
  isDeepStrictEqual,
];

const EFFORT = Number(process.env.HOLDFAST_EFFORT ?? 1);

if (process.env.DBG)
  it('debug', () => {
    new Play().through(JSON.parse(process.env.DBG as string));
  });

describe('stock with lots and a plain reference, step by step', () => {
  it('S1 S2 S3 S6 S7 S8 S9 F08 answer the same and leave the same', () => {
    fc.assert(
      fc.property(steps(60), (played) => {
        new Play().through(played);
      }),
      { numRuns: 100 * EFFORT },
    );
  });
});
