import type { z } from 'zod';
import type { ItemFacts } from '../actors/catalogue/facts.ts';
import type { ReadDocument } from '../actors/command.ts';
import {
  type DocumentCommand,
  documentKey,
  NO_DOCUMENT_MORE,
} from '../actors/documents/commands.ts';
import type { Refused } from '../actors/outcomes.ts';
import { type Defaults, type Identity, mayReach } from './auth.ts';
import { badField, placeOf } from './documents.ts';
import { type Fields, wholeOf } from './fields.ts';
import * as schemas from './item-schemas.ts';

/** ① Checks what is to be known of an item. Its document has the SKU for its number. */
export function parseItem(v: Fields, who: Identity, defaults: Defaults): DocumentCommand | Refused {
  const parsed = schemas.ItemCommand.safeParse(v);
  if (!parsed.success) return badField(parsed.error);
  const said = parsed.data;
  const place = placeOf(said, defaults);
  if ('ok' in place) return place;
  const forbidden = mayReach(who, place.owner, place.warehouse, said.op);
  if (forbidden !== undefined) return forbidden;
  return {
    ...{ op: 'document', act: said.op, doc: said.sku, ...place, lines: [] },
    key: documentKey(place.owner, 'item', said.sku, place.warehouse),
    ...{ step: said.step ?? '', reason: said.reason ?? '', occurredAtMs: wholeOf(said.occurredAt) },
    more: { ...NO_DOCUMENT_MORE, item: factsOf(said) },
  };
}

const factsOf = (said: z.infer<typeof schemas.ItemCommand>): ItemFacts => ({
  unit: said.unit ?? '',
  boxes: (said.boxes ?? []).map(({ code, pieces }) => ({ code, pieces })),
  fnskus: said.fnskus ?? [],
  barcodes: said.barcodes ?? [],
  batchManaged: said.batchManaged ?? false,
  serialManaged: said.serialManaged ?? false,
  shelfLifeDays: wholeOf(said.shelfLifeDays),
  marginDays: wholeOf(said.marginDays),
  pickLocation: said.pickLocation ?? '',
  pickMin: wholeOf(said.pickMin),
  pickMax: wholeOf(said.pickMax),
});

export function parseReadItem(
  v: Fields,
  who: Identity,
  defaults: Defaults,
): ReadDocument | Refused {
  const parsed = schemas.ReadItem.safeParse(v);
  if (!parsed.success) return badField(parsed.error);
  const { sku, read } = parsed.data;
  const place = placeOf(parsed.data, defaults);
  if ('ok' in place) return place;
  const forbidden = mayReach(who, place.owner, place.warehouse, 'read');
  if (forbidden !== undefined) return forbidden;
  const key = documentKey(place.owner, 'item', sku, place.warehouse);
  return { op: 'readDocument', key, ...place, strict: read === 'strict' };
}
