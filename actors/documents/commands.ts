import type { ItemFacts } from '../catalogue/facts.ts';
import { type ActorKey, isText, type OwnerId, type SkuId, type WarehouseId } from '../ids.ts';
import { type BatchDates, type PickPolicy, QUALIFIED, type Quality } from '../stock/commands.ts';
import { ANY_LOT, type LotFilter } from '../stock/lot.ts';
import type { Lease } from '../tasks/task.ts';

/** What can be done with documents: the kind of document before the dot. */
export const ACTS = [
  'order.place',
  'order.change',
  'order.release',
  'order.pick',
  'order.short',
  'order.pack',
  'order.ship',
  'order.cancel',
  'order.putback',
  'order.close',
  'asn.announce',
  'asn.depart',
  'asn.arrive',
  'asn.receive',
  'asn.putaway',
  'asn.measure',
  'asn.close',
  'asn.cancel',
  'return.announce',
  'return.depart',
  'return.arrive',
  'return.receive',
  'return.putaway',
  'return.measure',
  'return.claim',
  'return.close',
  'return.cancel',
  'supplierReturn.setAside',
  'supplierReturn.ship',
  'supplierReturn.cancel',
  'transfer.place',
  'transfer.dispatch',
  'transfer.cancel',
  'transfer.settle',
  'transfer.expect',
  'transfer.receive',
  'transfer.close',
  'transfer.told',
  'count.open',
  'count.line',
  'count.recount',
  'count.approve',
  'count.post',
  'count.cancel',
  'inspection.open',
  'inspection.result',
  'inspection.close',
  'batch.quarantine',
  'batch.recall',
  'batch.release',
  'adjustment.propose',
  'adjustment.approve',
  'adjustment.reject',
  'ownership.transfer',
  'pool.define',
  'pool.fill',
  'pool.drain',
  'pool.close',
  'bundle.define',
  'bundle.reserve',
  'bundle.release',
  'bundle.close',
  'item.set',
  'task.next',
  'task.extend',
  'task.give',
] as const;
export type Act = (typeof ACTS)[number];

type KindOf<A> = A extends `${infer K}.${string}` ? K : never;
export type DocumentKind = KindOf<Act>;

export const kindOf = (act: Act): DocumentKind => act.slice(0, act.indexOf('.')) as DocumentKind;

declare const brand: unique symbol;
/**
 * One document, written `owner/kind/doc@warehouse`; where a transfer arrives,
 * `owner/transfer:from/doc@warehouse`, since its number is its sender's.
 */
export type DocumentKey = string & { readonly [brand]: 'document' };

/**
 * Neither owner nor kind has a `/`, and no warehouse an `@` or a `:`, so the key reads back
 * in one way only. `from`: the warehouse that a transfer comes from; '' or the same for none.
 */
export function documentKey(
  owner: OwnerId,
  kind: DocumentKind,
  doc: string,
  warehouse: WarehouseId,
  from: WarehouseId | '' = '',
): DocumentKey {
  const source = from === '' || from === warehouse ? '' : `:${from}`;
  return `${owner}/${kind}${source}/${doc}@${warehouse}` as DocumentKey;
}

export interface DocumentName {
  readonly owner: OwnerId;
  readonly kind: DocumentKind;
  readonly doc: string;
  readonly warehouse: WarehouseId;
  /** Where a transfer comes from that arrives here; '' for every other document. */
  readonly from: WarehouseId | '';
}

export function parseDocumentKey(key: DocumentKey): DocumentName {
  const owner = key.indexOf('/');
  const doc = key.indexOf('/', owner + 1);
  const at = key.lastIndexOf('@');
  const [kind, from = ''] = key.slice(owner + 1, doc).split(':') as [DocumentKind, WarehouseId?];
  return {
    owner: key.slice(0, owner) as OwnerId,
    kind,
    doc: key.slice(doc + 1, at),
    warehouse: key.slice(at + 1) as WarehouseId,
    from,
  };
}

/** 1–40 printable characters: with a line and a number behind it, it is still a hold's id. */
export const isDocId = (v: unknown): v is string =>
  typeof v === 'string' && v.length <= 40 && isText(v);

/** 1–16 printable characters but `/` and `+`, which stand between the parts of a hold's id. */
export const isLineLabel = (v: unknown): v is string =>
  typeof v === 'string' && v.length <= 16 && isText(v) && !/[/+]/.test(v);

/** One line of a document command. Every line has every field; {@link BLANK_LINE} has the blanks. */
export interface DocumentLine {
  /** Chosen by the caller; else the place of the line, from 1. */
  readonly line: string;
  readonly sku: SkuId;
  readonly key: ActorKey;
  /** Whole base units; 0 where left out, which means all there is to do. `count.line`: what was counted. */
  readonly qty: number;
  /** `adjustment.propose`: signed base units, not 0. */
  readonly delta: number;
  readonly quality: Quality;
  /** `inspection.result`: what passes becomes. `supplierReturn.setAside`, `return.claim`: unused. */
  readonly toQuality: Quality;
  /** `inspection.result`: units that failed. `transfer.settle`: units that never arrived. */
  readonly failed: number;
  readonly lot: LotFilter;
  readonly to: LotFilter;
  readonly serials: readonly string[];
  readonly dates: BatchDates | undefined;
  /** Which units are picked first, where `lot` leaves a choice. */
  readonly policy: PickPolicy;
  /** `count.line`: the actor's sequence that the counter saw. */
  readonly seq: number;
  /** `asn.measure`: length, width and height of a unit in mm, or none. */
  readonly size: readonly number[];
  /** `asn.measure`: weight of a unit in g. */
  readonly weight: number;
}

export const BLANK_LINE = {
  qty: 0,
  delta: 0,
  quality: QUALIFIED,
  toQuality: QUALIFIED,
  failed: 0,
  lot: ANY_LOT,
  to: ANY_LOT,
  serials: [] as readonly string[],
  dates: undefined,
  policy: 'fefo',
  seq: 0,
  size: [] as readonly number[],
  weight: 0,
} as const satisfies Partial<DocumentLine>;

/** What only some acts say; {@link NO_DOCUMENT_MORE} has the blanks. */
export interface DocumentMore {
  /** `order.place`: take what there is when there is less. `order.release`, `order.ship`: leave the rest for later. */
  readonly partial: boolean;
  /** `order.place`, `order.change`: what there is not waits for stock. */
  readonly backorder: boolean;
  /** `order.place`, `transfer.place`, `supplierReturn.setAside`: safety stock may be used. */
  readonly useSafety: boolean;
  /** `order.place`, `order.release`: the higher, the sooner. */
  readonly priority: number;
  readonly wave: string;
  /** `order.release`: picked by this policy from now on, whatever the lines said. */
  readonly policy: PickPolicy | '';
  /** `order.pick`: the tote into which the units go. */
  readonly container: string;
  /** `order.pack`: the carton. `order.ship`: the cartons that leave; none means all. */
  readonly carton: string;
  readonly cartons: readonly string[];
  readonly carrier: string;
  readonly tracking: string;
  /** Where a transfer is bound for. */
  readonly toWarehouse: WarehouseId | '';
  /** `transfer.expect`, `transfer.receive`, `transfer.close`: where it comes from. */
  readonly fromWarehouse: WarehouseId | '';
  /** `transfer.told`: the step that the other end has been told. */
  readonly told: string;
  /** `ownership.transfer`, `return.claim`: whose the goods are from now on. */
  readonly toOwner: OwnerId | '';
  /** `asn.announce`: percent of a line that may come beyond what was announced. */
  readonly tolerance: number;
  /** `asn.announce`, `transfer.expect`: for sale only when they have been put away. */
  readonly untilPutaway: boolean;
  /** Inbound: goods that nobody announced are taken in. `count.open`: the counter is not told the books. */
  readonly blind: boolean;
  /** `count.open`, `adjustment.propose`: units up to which nobody need approve; −1 for no limit. */
  readonly limit: number;
  /** `inspection.open`: percent of a lot to look at; 0 takes the sampling plan. */
  readonly percent: number;
  /** `bundle.reserve`, `bundle.release`: who the bundles are kept for. */
  readonly hold: string;
  /** `order.place`: the virtual warehouse that it takes its units from. */
  readonly pool: string;
  /** Supplier or customer. */
  readonly partner: string;
  /** `item.set`: all that is known of the SKU from now on. */
  readonly item: ItemFacts | undefined;
  /** `task.next`, `task.extend`: what the scanner has from now on. */
  readonly lease: Lease | undefined;
}

export const NO_DOCUMENT_MORE: DocumentMore = {
  partial: false,
  backorder: false,
  useSafety: false,
  priority: 0,
  wave: '',
  policy: '',
  container: '',
  carton: '',
  cartons: [],
  carrier: '',
  tracking: '',
  toWarehouse: '',
  fromWarehouse: '',
  told: '',
  toOwner: '',
  tolerance: 0,
  untilPutaway: false,
  blind: false,
  limit: -1,
  percent: 0,
  hold: '',
  pool: '',
  partner: '',
  item: undefined,
  lease: undefined,
};

/** One act on one document, with all the stock that it moves in its warehouse: all of it or none. */
export interface DocumentCommand {
  readonly op: 'document';
  readonly act: Act;
  readonly key: DocumentKey;
  readonly owner: OwnerId;
  readonly warehouse: WarehouseId;
  readonly doc: string;
  readonly lines: readonly DocumentLine[];
  /** Names the act, so that it is done once however often it is sent; '' for one that has no name. */
  readonly step: string;
  readonly reason: string;
  /** When the device saw it, epoch ms; 0 for now. */
  readonly occurredAtMs: number;
  readonly more: DocumentMore;
}
