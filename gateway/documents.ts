import type { z } from 'zod';
import type { ReadDocument } from '../actors/command.ts';
import {
  type Act,
  BLANK_LINE,
  type DocumentCommand,
  type DocumentKind,
  type DocumentLine,
  type DocumentMore,
  documentKey,
  kindOf,
  NO_DOCUMENT_MORE,
} from '../actors/documents/commands.ts';
import { actorKey, type OwnerId, type SkuId, type WarehouseId } from '../actors/ids.ts';
import { type Refused, refuse } from '../actors/outcomes.ts';
import { covers, type Defaults, type Identity, mayReach } from './auth.ts';
import * as schemas from './document-schemas.ts';
import { type Fields, field, PLAIN, qualityOf, wholeOf } from './fields.ts';
import { datesOf, lotOf, serialsOf, toOf } from './lots.ts';

/** ① Checks an act on a document that came over an edge. */
export function parseAct(v: Fields, who: Identity, defaults: Defaults): DocumentCommand | Refused {
  const parsed = schemas.DocumentCommand.safeParse(v);
  if (!parsed.success) return badField(parsed.error);
  const said = parsed.data;
  const place = placeOf(said, defaults);
  if ('ok' in place) return place;
  const forbidden = mayReach(who, place.owner, place.warehouse, said.op);
  if (forbidden !== undefined) return forbidden;
  const wrong = unreachable(said, who) ?? missing(said);
  if (wrong !== undefined) return wrong;
  const { owner, warehouse } = place;
  const from = ARRIVALS.includes(said.op) ? (said.fromWarehouse as WarehouseId) : '';
  const lines = (said.lines ?? []).map((line, i) => lineOf(line, i, owner, warehouse));
  const bad = badDates(said.lines ?? []) ?? badSerials(said.lines ?? []);
  if (bad !== undefined) return bad;
  return {
    op: 'document',
    act: said.op,
    key: documentKey(owner, kindOf(said.op), said.doc, warehouse, from),
    ...{ owner, warehouse, doc: said.doc, lines },
    ...{ step: said.step ?? '', reason: said.reason ?? '', occurredAtMs: wholeOf(said.occurredAt) },
    more: moreOf(said),
  };
}

export function parseReadDocument(
  v: Fields,
  who: Identity,
  defaults: Defaults,
): ReadDocument | Refused {
  const parsed = schemas.ReadDocument.safeParse(v);
  if (!parsed.success) return badField(parsed.error);
  const { op, doc, read, fromWarehouse } = parsed.data;
  const place = placeOf(parsed.data, defaults);
  if ('ok' in place) return place;
  const forbidden = mayReach(who, place.owner, place.warehouse, 'read');
  if (forbidden !== undefined) return forbidden;
  const kind = op.slice(0, op.indexOf('.')) as DocumentKind;
  const from = kind === 'transfer' ? (fromWarehouse as WarehouseId | undefined) : '';
  const key = documentKey(place.owner, kind, doc, place.warehouse, from);
  return { op: 'readDocument', key, ...place, strict: read === 'strict' };
}

/** Acts where a transfer arrives: its number is its sender's. */
const ARRIVALS: readonly Act[] = ['transfer.receive', 'transfer.close'];

type Said = z.infer<typeof schemas.DocumentCommand>;

/** Goods are not given to an owner that the token does not cover. */
function unreachable({ toOwner }: Said, who: Identity): Refused | undefined {
  if (toOwner === undefined || covers(who.owners, toOwner)) return undefined;
  return refuse('forbidden', 0, -1, `owner ${toOwner}`);
}

/** What only some acts cannot do without. */
function missing({ op, fromWarehouse, lines }: Said): Refused | undefined {
  if (ARRIVALS.includes(op) && fromWarehouse === undefined) {
    return field('fromWarehouse', 'where it was sent from');
  }
  const line = op === 'count.line' ? (lines ?? []).findIndex((l) => l.qty === undefined) : -1;
  return line === -1 ? undefined : { ...field('qty', 'what was counted, 0 for none'), line };
}

export function placeOf(
  said: { owner?: string | undefined; warehouse?: string | undefined },
  defaults: Defaults,
): { owner: OwnerId; warehouse: WarehouseId } | Refused {
  const { owner = defaults.owner, warehouse = defaults.warehouse } = said;
  if (owner === undefined) return field('owner', PLAIN);
  if (warehouse === undefined) return field('warehouse', PLAIN);
  return { owner: owner as OwnerId, warehouse: warehouse as WarehouseId };
}

type SaidLine = z.infer<typeof schemas.DocumentLineFields>;

function lineOf(
  said: SaidLine,
  place: number,
  owner: OwnerId,
  warehouse: WarehouseId,
): DocumentLine {
  const sku = (said.sku ?? '') as SkuId;
  return {
    line: said.line ?? String(place + 1),
    ...{ sku, key: actorKey(owner, sku, warehouse) },
    qty: said.qty ?? serialsOf(said).length,
    ...{ delta: wholeOf(said.delta), failed: wholeOf(said.failed), seq: wholeOf(said.seq) },
    quality: qualityOf(said.quality) as DocumentLine['quality'],
    toQuality: qualityOf(said.toQuality) as DocumentLine['toQuality'],
    ...{ lot: lotOf(said), to: toOf(said), serials: serialsOf(said), dates: datesOf(said) },
    policy: said.policy ?? BLANK_LINE.policy,
    ...{ size: said.size ?? BLANK_LINE.size, weight: wholeOf(said.weight) },
  };
}

/** Dates are of a batch, and stand in their order. */
function badDates(lines: readonly SaidLine[]): Refused | undefined {
  for (const [line, { batch, startAt, expiresAt, sellUntil }] of lines.entries()) {
    if (startAt === undefined && expiresAt === undefined && sellUntil === undefined) continue;
    if (batch === undefined || batch === '') return { ...field('batch', 'dates are of one'), line };
    const isOrdered =
      wholeOf(sellUntil) <= wholeOf(expiresAt) &&
      (expiresAt === undefined || wholeOf(startAt) <= expiresAt);
    if (!isOrdered) return { ...field('sellUntil', 'no later than expiresAt'), line };
  }
  return undefined;
}

/** Where both are said, there is one for each unit. */
function badSerials(lines: readonly SaidLine[]): Refused | undefined {
  const line = lines.findIndex(({ serials, qty, delta }) => {
    const units = delta === undefined ? qty : Math.abs(delta);
    return serials !== undefined && units !== undefined && units !== serials.length;
  });
  return line === -1 ? undefined : { ...field('serials', 'one for each unit'), line };
}

function moreOf(said: Said): DocumentMore {
  const told = Object.entries(said).filter(
    ([name, value]) => name in NO_DOCUMENT_MORE && value !== undefined,
  );
  return { ...NO_DOCUMENT_MORE, ...(Object.fromEntries(told) as Partial<DocumentMore>) };
}

/** The first thing that is wrong, and where. */
export function badField({ issues }: z.ZodError): Refused {
  const [issue] = issues;
  const [first, second] = issue?.path ?? [];
  const refused = refuse('bad_field', 0, -1, `${issue?.path.join('.')}: ${issue?.message}`);
  return first === 'lines' && typeof second === 'number' ? { ...refused, line: second } : refused;
}
