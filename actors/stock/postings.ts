import { isRights } from '../ids.ts';
import { QUALIFIED, type Quality } from './commands.ts';
import { type StockEvent, shiftedQuality } from './events.ts';

/**
 * S4: an event as balanced postings. Units leave one account and enter another
 * of the same axis; `outside` is the rest of the world. Units in transit are not
 * on hand. What safety stock keeps back is a part of `available` here.
 */
export type PhysicalAccount = 'shelf' | 'receiving' | 'picked' | 'packed' | 'inTransit' | 'outside';
export type CommitmentAccount = 'available' | 'allocated' | 'granted' | 'blocked' | 'outside';

export interface Posting<Account extends string> {
  readonly quality: Quality;
  readonly from: Account;
  readonly to: Account;
  readonly toQuality: Quality;
  /** Whole base units, > 0. */
  readonly qty: number;
}

export interface Postings {
  readonly physical: readonly Posting<PhysicalAccount>[];
  readonly commitment: readonly Posting<CommitmentAccount>[];
  /** Change of what is promised without stock; off both axes. */
  readonly waiting: number;
  readonly waitingOf: Quality;
}

/** The postings of an event. Pure; the ledger, the tests and the docs use this one table. */
export function postings(e: StockEvent): Postings {
  const physical: Posting<PhysicalAccount>[] = [];
  const commitment: Posting<CommitmentAccount>[] = [];
  const p = line(physical, e);
  const c = line(commitment, e);
  let shifted = 0;
  let ofRights = 0;
  for (const s of e.shifts) {
    shifted += s.qty;
    if (isRights(s.hold)) ofRights += s.qty;
  }
  /** Promised units that are promised no more go there. */
  const unpromise = (to: CommitmentAccount, toQuality?: Quality): void => {
    const atRisk = Math.max(0, -ofRights);
    c('granted', to, atRisk, toQuality);
    c('allocated', to, e.waiting - atRisk, toQuality);
  };

  switch (e.kind) {
    case 'received':
      receive(e, p);
      c('outside', 'available', e.qty - e.blocked);
      c('outside', 'blocked', e.blocked);
      break;
    case 'reserved':
      c('available', 'allocated', e.qty - e.waiting);
      break;
    case 'extended':
    case 'hardened':
      break;
    case 'released':
    case 'expired':
      c('allocated', 'available', e.qty - e.waiting);
      break;
    case 'picked':
      p('shelf', 'picked', e.qty);
      break;
    case 'packed':
      p('picked', 'packed', e.qty);
      break;
    case 'shipped':
      p('packed', 'outside', e.qty);
      c('allocated', 'outside', e.qty);
      break;
    case 'cancelled':
      p('picked', 'receiving', e.picked);
      p('packed', 'receiving', e.packed);
      c('allocated', 'blocked', e.picked + e.packed);
      c('allocated', 'available', e.qty - e.waiting - e.picked - e.packed);
      break;
    case 'putBack':
      p('receiving', 'shelf', e.qty, e.toQuality);
      c('blocked', 'available', e.qty, e.toQuality);
      break;
    case 'adjusted':
      if (e.qty > 0) {
        p('outside', 'shelf', e.qty);
        c('outside', 'available', e.qty);
      } else {
        lose(e, p, c);
        unpromise('outside');
      }
      break;
    case 'announced':
      p('outside', 'inTransit', e.qty);
      break;
    case 'withdrawn':
      p('inTransit', 'outside', e.qty);
      break;
    case 'blocked':
      c('available', 'blocked', e.qty - e.waiting);
      unpromise('blocked');
      break;
    case 'unblocked':
      c('blocked', 'available', e.qty);
      break;
    case 'requalified':
      p('shelf', 'shelf', e.qty, e.toQuality);
      c('available', 'available', e.qty - e.waiting, e.toQuality);
      unpromise('available', e.toQuality);
      break;
    case 'shorted':
      c('allocated', 'blocked', e.qty);
      break;
    case 'unreceived':
      receive(e, (from, to, qty) => p(to, from, qty));
      c('available', 'outside', e.qty - e.blocked);
      c('blocked', 'outside', e.blocked);
      break;
    case 'unpicked':
      p('picked', 'shelf', e.qty);
      break;
    case 'unpacked':
      p('packed', 'picked', e.qty);
      break;
    case 'granted':
      c('available', 'granted', e.qty - e.waiting);
      break;
    case 'regained':
      c('granted', 'available', e.qty - e.waiting);
      break;
    case 'sold':
      c('granted', 'allocated', e.qty - e.waiting);
      break;
    case 'moved':
    case 'reassigned':
    case 'safetySet':
      break;
  }
  if (shifted > 0) {
    const serve = line(commitment, { quality: e.toQuality });
    serve('available', 'allocated', shifted - ofRights);
    serve('available', 'granted', ofRights);
  }
  return {
    physical,
    commitment,
    waiting: waitingBy(e) - Math.max(0, shifted),
    waitingOf: shiftedQuality(e),
  };
}

/** Where `waiting` counts promises that get or lose no stock, not promises that end. */
const takesBacking = ({ kind }: StockEvent): boolean =>
  kind === 'adjusted' ||
  kind === 'blocked' ||
  kind === 'requalified' ||
  kind === 'reserved' ||
  kind === 'granted' ||
  kind === 'shorted';

/** By which the event itself changes what waits. Rights that are sold wait on; what had nothing behind it comes to wait. */
function waitingBy(e: StockEvent): number {
  if (e.kind === 'sold') return e.blocked;
  return takesBacking(e) ? e.waiting : 0 - e.waiting;
}

/** Announced units first go to the shelf, then to the receiving area. */
function receive(e: StockEvent, p: Add<PhysicalAccount>): void {
  const shelf = e.qty - e.blocked;
  const arrivedAtShelf = Math.min(shelf, e.arrived);
  const arrivedElse = e.arrived - arrivedAtShelf;
  p('inTransit', 'shelf', arrivedAtShelf);
  p('outside', 'shelf', shelf - arrivedAtShelf);
  p('inTransit', 'receiving', arrivedElse);
  p('outside', 'receiving', e.blocked - arrivedElse);
}

function lose(e: StockEvent, p: Add<PhysicalAccount>, c: Add<CommitmentAccount>): void {
  let picked = 0;
  let packed = 0;
  for (const s of e.shifts) {
    picked += s.picked;
    packed += s.packed;
  }
  p('picked', 'outside', picked);
  p('packed', 'outside', packed);
  p('receiving', 'outside', e.blocked);
  p('shelf', 'outside', -e.qty - picked - packed - e.blocked);
  c('blocked', 'outside', e.blocked);
  c('available', 'outside', -e.qty - e.waiting - e.blocked);
}

type Add<A extends string> = (from: A, to: A, qty: number, toQuality?: Quality) => void;

function line<A extends string>(into: Posting<A>[], e: { quality?: Quality }): Add<A> {
  const quality = e.quality ?? QUALIFIED;
  return (from, to, qty, toQuality = quality) => {
    if (qty > 0) into.push({ quality, from, to, toQuality, qty });
  };
}
