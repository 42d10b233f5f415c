import { actorKey, type OwnerId, type SkuId, type WarehouseId } from '../ids.ts';
import {
  BLANK_LINE,
  type DocumentCommand,
  type DocumentLine,
  documentKey,
  NO_DOCUMENT_MORE,
} from './commands.ts';
import type { DocumentState } from './states.ts';
import {
  type DestinationState,
  type SourceState,
  stepToTell,
  type TransferState,
} from './transfer.ts';

/**
 * What a leg of a transfer still has to tell its other end; undefined where it has told all it
 * knows. Sent until it is accepted, whatever happens between: its `step` makes it count once.
 * When it was accepted, {@link toldCommand} says so to this leg.
 */
export function outgoing(state: DocumentState): DocumentCommand | undefined {
  if (state.kind !== 'transfer') return undefined;
  const step = stepToTell(state);
  if (step === '' || step === state.told) return undefined;
  return state.leg === 'source' ? expectThere(state, step) : settleThere(state, step);
}

/** Marks what {@link outgoing} gave as told. */
export function toldCommand(state: TransferState, step: string): DocumentCommand {
  return command(state, 'transfer.told', state.warehouse, [], {
    step: `told:${step}`,
    more: { ...NO_DOCUMENT_MORE, told: step, fromWarehouse: sourceOf(state) },
  });
}

/** Where it comes from, as it is named at the destination; '' at the source. */
const sourceOf = (t: TransferState): WarehouseId | '' =>
  t.leg === 'source' ? '' : (t.fromWarehouse as WarehouseId);

function expectThere(t: SourceState, step: string): DocumentCommand {
  const to = t.toWarehouse as WarehouseId;
  const lines = t.parcels.map((p) => {
    const [dates] = p.dates;
    const { line, quality, qty, lot, serials } = p;
    return { ...lineOf(t.owner, p.sku, to), line, quality, qty, lot, serials, dates };
  });
  const more = { ...NO_DOCUMENT_MORE, toWarehouse: to, fromWarehouse: t.warehouse };
  return command(t, 'transfer.expect', to, lines, { step, more });
}

function settleThere(t: DestinationState, step: string): DocumentCommand {
  const to = t.fromWarehouse as WarehouseId;
  const lines = t.lines.map((l) => ({
    ...lineOf(t.owner, l.sku, to),
    ...{ line: l.line, quality: l.quality, qty: l.received, failed: l.lost },
  }));
  return command(t, 'transfer.settle', to, lines, { step, more: NO_DOCUMENT_MORE });
}

const lineOf = (owner: OwnerId, sku: SkuId, to: WarehouseId): Omit<DocumentLine, 'line'> => ({
  ...{ ...BLANK_LINE, sku, key: actorKey(owner, sku, to) },
});

function command(
  { owner, id }: TransferState,
  act: DocumentCommand['act'],
  warehouse: WarehouseId,
  lines: readonly DocumentLine[],
  how: Pick<DocumentCommand, 'step' | 'more'>,
): DocumentCommand {
  const from = how.more.fromWarehouse;
  const key = documentKey(owner, 'transfer', id, warehouse, from);
  return {
    ...{ op: 'document', act, key, owner, warehouse, doc: id, lines, ...how },
    ...{ reason: '', occurredAtMs: 0 },
  };
}
