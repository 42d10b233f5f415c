import {
  type ActorKey,
  actorKey,
  type HoldId,
  type OwnerId,
  type SkuId,
  type WarehouseId,
} from '../../../actors/ids.ts';
import {
  BLANK,
  type BlockReason,
  type More,
  NO_MORE,
  PICK_POLICIES,
  type Quality,
  type StockCommand,
  type StockOp,
} from '../../../actors/stock/commands.ts';
import type { LotFilter } from '../../../actors/stock/lot.ts';
import { fits, type Piece, type RefHold } from './goods.ts';
import type { Reference } from './reference.ts';
import { HARD } from './shelves.ts';
import type { Line } from './steps.ts';

const OWNER = 'demo' as OwnerId;
const SKU = 'mug' as SkuId;
export const WAREHOUSE = 'W1' as WarehouseId;
export const KEY: ActorKey = actorKey(OWNER, SKU, WAREHOUSE);
export const START_MS = 1_000_000;

const one = <T>(list: readonly T[], at: number): T | undefined => list[at % list.length];

const PLACES = ['A1', 'A2', 'A1', ''];
const BATCHES = ['L1', '', 'L2', '', 'L3'];
/** When batches expire, ms from the start; 0: no date is known. */
const EXPIRY: Record<string, number> = { L1: 30, L2: 60, L3: 0 };

/** What goods are that come. */
function lotOf({ mask, at, isWild }: Line): LotFilter {
  const box = one([0, 0, 0, 0, 0, 0, 2, 0, 0, 3], at + mask) as number;
  const lot: LotFilter = {
    location: one(PLACES, at) as string,
    batch: one(BATCHES, mask) as string,
    ...(mask > 20 ? { container: one(['T1', ''], at) as string } : {}),
    ...(mask % 9 === 0 ? { fnsku: 'X' } : {}),
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

/** How many units a step on a hold may be about, and which pieces they may be. */
function reach(ref: Reference, hold: RefHold, op: StockOp): { units: number; pieces: Piece[] } {
  const pins = ref.pieces.filter((p) => p.pin === hold);
  if (op === 'pick' || op === 'short') {
    return {
      units: ref.pickable(hold),
      pieces: hold.want === undefined ? ref.sold(hold.quality) : pins,
    };
  }
  const handled = ref.pieces.filter((p) => p.holder === hold);
  if (op === 'cancel') {
    return { units: hold.promises.length + handled.length, pieces: [...pins, ...handled] };
  }
  if (op === 'release') return { units: hold.promises.length, pieces: pins };
  const pieces = ref.of(hold, op === 'pack' || op === 'unpick' ? 'picked' : 'packed');
  return { units: pieces.length, pieces };
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
    case 'regain':
    case 'sell':
      if (ref.rights !== undefined) return l.op;
      return ref.available(0) > 0 ? 'grant' : 'receive';
    case 'grant':
      return ref.available(0) > 0 || l.flags % 4 === 3 ? l.op : 'receive';
    default:
      return ref.holds.some((h) => isFitting(ref, h, l.op)) ? l.op : isSold ? 'reserve' : 'receive';
  }
}

/** As many as there are, at most; rarely one more. */
const within = ({ isWild }: Line, some: number, most: number): number =>
  isWild ? most + 1 : Math.max(1, Math.min(some, most));

const SERIALS = Array.from({ length: 24 }, (_, i) => `S${i + 1}`);

/** Commands that mostly make sense. */
export class Wishes {
  readonly #reference: () => Reference;
  #made = 0;

  constructor(reference: () => Reference) {
    this.#reference = reference;
  }

  made(of: Partial<StockCommand> & { op: StockOp }, more: Partial<More> = {}): StockCommand {
    const isPlain = Object.keys(more).length === 0;
    return {
      ...{ key: KEY, owner: OWNER, sku: SKU, warehouse: WAREHOUSE, ...BLANK, ...of },
      more: isPlain ? NO_MORE : { ...NO_MORE, ...more },
    };
  }

  command(wish: Line): StockCommand {
    const ref = this.#reference();
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
        return this.made({ op: l.op, quality, qty: some });
      case 'safety':
        return this.made({ op: l.op, quality, qty: l.qty });
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
        return this.made({ op: l.op, quality, qty: like.qty }, { ...like.more, why });
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
        return this.made({ op: l.op, quality, qty }, { ...more, ...said, policy });
      }
      case 'putback': {
        const from = pieces.filter((p) => p.place === 'waits');
        const { qty, more } = this.#among(l, from, some, true);
        const to = l.flags % 4 === 0 ? {} : toOf(l);
        return this.made({ op: l.op, quality, qty }, { ...more, to });
      }
      case 'reserve':
        return this.#reserve(l, some);
      case 'reassign':
        return this.#reassign(l);
      case 'grant':
        return this.#grant(l, some);
      case 'regain':
        return this.made({ op: l.op, qty: within(l, some, ref.rights?.promises.length ?? 0) });
      case 'sell': {
        const qty = within(l, some, ref.rights?.promises.length ?? 0);
        return this.made({ op: l.op, qty, hold: this.#newHold(l), doc: `SO-${l.at}` });
      }
      default:
        return this.#ofHold(l, policy);
    }
  }

  /** Sometimes of what is out already, be there stock or not. */
  #grant(l: Line, some: number): StockCommand {
    if (l.flags % 4 === 3) return this.made({ op: 'grant', qty: some }, { backorder: true });
    return this.made({ op: 'grant', qty: within(l, some, this.#reference().available(0)) });
  }

  #receive(l: Line, some: number): StockCommand {
    const lot = lotOf(l);
    const box = lot.box ?? 0;
    const qty = box > 0 && !l.isWild ? box * (1 + (l.qty % 2)) : some;
    const serials = l.named ? this.#fresh(l, qty) : [];
    const expiresInMs = EXPIRY[lot.batch ?? ''] ?? 0;
    const at = START_MS + expiresInMs + (l.isWild || l.flags === 4 ? 1 : 0);
    const dates =
      expiresInMs > 0 && l.flags % 2 === 0
        ? { startMs: 0, expiresAtMs: at, sellUntilMs: at }
        : undefined;
    const due = this.#reference().transit[l.quality] as number;
    const arrived = l.isWild ? Math.min(qty, due + 1) : Math.min(qty, due);
    const more = { lot, serials, dates, arrived, untilPutaway: l.flags % 5 === 0 };
    const isPlain = l.flags === 7;
    return this.made({ op: 'receive', quality: l.quality as Quality, qty }, isPlain ? {} : more);
  }

  /** Serials that are not here; rarely one that is. */
  #fresh(l: Line, qty: number): string[] {
    const here = new Set(this.#reference().pieces.map((p) => p.serial));
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
      return this.made({ op: 'adjust', quality, delta }, { lot, serials: lost });
    }
    if (l.flags % 3 === 1) {
      const here = this.#reference().pieces.filter((p) => p.quality === quality && p.why === '');
      const delta = -Math.max(1, Math.min(here.length, some * 2 - 1));
      return this.made({ op: 'adjust', quality, delta }, l.flags > 15 ? { policy } : {});
    }
    const { qty, more } = this.#among(l, this.#reference().sold(quality), some, false);
    return this.made({ op: 'adjust', quality, delta: -qty }, { ...more, policy });
  }

  #block(l: Line, some: number): StockCommand {
    const quality = l.quality as Quality;
    const why = one(['recall', 'quarantine', 'missing', 'approval'], l.flags) as BlockReason;
    const sold = this.#reference().sold(quality);
    const batch = one(sold, l.at)?.batch ?? '';
    if (l.flags % 3 === 0 && batch !== '')
      return this.made({ op: 'block', quality }, { why, lot: { batch } });
    const { qty, more } = this.#among(l, sold, some, l.mask % 4 === 1);
    const isAll = qty === 0 && Object.keys(more.lot).length === 0;
    return this.made({ op: 'block', quality, qty: isAll ? 1 : qty }, { ...more, why });
  }

  #reserve(l: Line, some: number): StockCommand {
    const quality = l.quality as Quality;
    const sold = this.#reference().sold(quality);
    const hold = this.#newHold(l);
    const ttlMs = l.flags % 6 === 0 ? 12 : 0;
    const useSafety = l.flags % 7 === 0;
    const policy = PICK_POLICIES[l.policy] as More['policy'];
    const flags = { partial: l.flags % 2 === 0, ttlMs };
    if (l.mask % 3 === 0) {
      const backorder = l.flags % 2 === 1 && l.flags % 5 < 2;
      const more = backorder || useSafety ? { backorder, useSafety } : {};
      return this.made({ op: 'reserve', quality, qty: some, hold, ...flags }, more);
    }
    const { qty, more } = this.#among(
      l,
      sold.filter((p) => p.pin === undefined),
      some,
      false,
    );
    const backorder = l.flags % 4 === 1 && more.serials.length === 0;
    const said = { ...more, useSafety, policy, backorder };
    return this.made(
      { op: 'reserve', quality, qty: backorder ? qty + 1 : qty, hold, ...flags },
      said,
    );
  }

  #newHold(l: Line): HoldId {
    const isUsed = l.isWild && this.#made > 2;
    return `H${isUsed ? this.#made - (l.at % 3) : ++this.#made}` as HoldId;
  }

  #hold(l: Line, op: StockOp): RefHold | undefined {
    const fitting = this.#reference().holds.filter((h) => isFitting(this.#reference(), h, op));
    const known = l.isWild || fitting.length === 0 ? this.#reference().holds : fitting;
    return known.at(-1 - (l.at % Math.max(1, known.length)));
  }

  #reassign(l: Line): StockCommand {
    const from = this.#hold(l, 'reassign');
    const open = this.#reference().holds.filter((h) => h.ended === '');
    const other = l.flags % 2 === 0 ? one(open, l.mask)?.id : undefined;
    const hold = other === undefined || other === from?.id ? this.#newHold(l) : (other as HoldId);
    const fromHold = (from?.id ?? 'nobody') as HoldId;
    const partial = l.flags % 3 === 0;
    return this.made({ op: 'reassign', qty: l.qty, hold, partial }, { fromHold });
  }

  #ofHold(l: Line, policy: More['policy']): StockCommand {
    const found = this.#hold(l, l.op);
    const hold = (found?.id ?? 'nobody') as HoldId;
    const ttlMs = l.op === 'extend' ? 15 : 0;
    const to = l.op === 'unpick' && l.flags % 2 === 0 ? toOf(l) : {};
    if (found === undefined || found.ended !== '' || ttlMs > 0 || l.op === 'harden') {
      return this.made({ op: l.op, hold, qty: l.op === 'short' ? 1 : l.qty >> 1, ttlMs });
    }
    const { units, pieces } = reach(this.#reference(), found, l.op);
    const most = l.isWild ? units + 1 : Math.max(1, units);
    const qty = l.qty === 0 && l.op !== 'short' ? 0 : Math.min(most, l.qty + 1);
    const serials = pieces.flatMap((p) => (p.serial === '' ? [] : [p.serial]));
    if (l.named && serials.length > 0) {
      const told = serials.slice(0, Math.max(1, qty));
      return this.made({ op: l.op, hold, qty: told.length }, { serials: told, to });
    }
    const isLike = l.mask % 4 === 0 && l.op !== 'release';
    const lot = isLike ? likeIt(one(pieces, l.at), l.to) : {};
    const isPlain = !isLike && l.policy === 0 && Object.keys(to).length === 0;
    return this.made({ op: l.op, hold, qty }, isPlain ? {} : { lot, policy, to });
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
    const there = from.filter((p) => fits(p, lot)).length;
    const qty = l.isWild ? some : Math.max(1, Math.min(there, some));
    return { qty: mayAll && l.qty === 0 ? 0 : qty, more: { lot, serials: [] } };
  }
}
