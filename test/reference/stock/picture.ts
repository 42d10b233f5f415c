import { GRANTED, get, qualityView } from '../../../actors/stock/balances.ts';
import { lineName } from '../../../actors/stock/lot.ts';
import type { StockState } from '../../../actors/stock/state.ts';
import { heapName, isNameless, type RefHold } from './goods.ts';
import type { Reference } from './reference.ts';
import { HARD } from './shelves.ts';

/* Pictures: all that can be seen of an actor, in the same words. */

const sorted = (of: Map<string, unknown>): unknown => [...of].sort(([a], [b]) => (a < b ? -1 : 1));

export function pictureOf(state: StockState): unknown {
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
    figures: ([0, 1, 2] as const).map((q) => ({
      ...qualityView(state.b, q),
      granted: get(state.b, q, GRANTED),
    })),
    ...{ lines: sorted(lines), serials: sorted(serials), holds: sorted(holds) },
    ...{ batches: sorted(batches), seq: state.seq },
  };
}

export function pictureIn(ref: Reference): unknown {
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
  for (const h of [...ref.holds, ...(ref.rights === undefined ? [] : [ref.rights])]) {
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

export const heapOf = (key: string): string => {
  const { stage, quality, why, location, container, batch, box, fnsku, hold } = lineName(key);
  const lot = [location, container, batch, box === 0 ? '' : box, fnsku];
  return [stage, quality, why, ...lot, hold].join('|');
};
