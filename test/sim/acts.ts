import type { ReadDocument } from '../../actors/command.ts';
import {
  type Act,
  BLANK_LINE,
  type DocumentCommand,
  type DocumentLine,
  type DocumentMore,
  documentKey,
  kindOf,
  NO_DOCUMENT_MORE,
} from '../../actors/documents/commands.ts';
import {
  actorKey,
  type HoldId,
  type OwnerId,
  type SkuId,
  type WarehouseId,
} from '../../actors/ids.ts';
import { BLANK, type StockCommand } from '../../actors/stock/commands.ts';

export const OWNER = 'demo' as OwnerId;

/** A line of an act: what is not said is blank; without a SKU it names a line that is there. */
export type Ask = Partial<Omit<DocumentLine, 'line' | 'sku' | 'key'>> & {
  readonly line: string;
  readonly sku?: string;
};

/** What an act says beyond its lines. */
export interface Said {
  readonly step?: string;
  readonly reason?: string;
  readonly more?: Partial<DocumentMore>;
}

/** One document: its number, and where it is. */
export interface Paper {
  readonly doc: string;
  readonly warehouse: string;
}

/** An act of a client on a document. */
export function act(
  name: Act,
  { doc, warehouse }: Paper,
  lines: readonly Ask[] = [],
  { step = '', reason = '', more = {} }: Said = {},
): DocumentCommand {
  const at = warehouse as WarehouseId;
  return {
    ...{
      op: 'document',
      act: name,
      key: documentKey(OWNER, kindOf(name), doc, at, more.fromWarehouse),
    },
    ...{ owner: OWNER, warehouse: at, doc, lines: lines.map((ask) => lineOf(ask, at)) },
    ...{ step, reason, occurredAtMs: 0, more: { ...NO_DOCUMENT_MORE, ...more } },
  };
}

function lineOf({ sku = '', ...ask }: Ask, warehouse: WarehouseId): DocumentLine {
  const name = sku as SkuId;
  return { ...BLANK_LINE, sku: name, key: actorKey(OWNER, name, warehouse), ...ask };
}

/** A look at the document that an act is about. */
export const readOf = (
  { key, owner, warehouse }: DocumentCommand,
  strict: boolean,
): ReadDocument => ({
  ...{ op: 'readDocument', key, owner, warehouse, strict },
});

/** One SKU in one warehouse. */
export interface Place {
  readonly warehouse: string;
  readonly sku: string;
}

export function named({ warehouse, sku }: Place) {
  const w = warehouse as WarehouseId;
  const s = sku as SkuId;
  return { key: actorKey(OWNER, s, w), owner: OWNER, sku: s, warehouse: w };
}

type Fields = Partial<Omit<StockCommand, 'hold'>> & { readonly hold?: string };

/** A stock command of a client: what is not said is blank. */
export function command(op: StockCommand['op'], place: Place, fields: Fields): StockCommand {
  return {
    op,
    ...named(place),
    ...BLANK,
    ...fields,
    hold: (fields.hold ?? '') as HoldId,
  };
}
