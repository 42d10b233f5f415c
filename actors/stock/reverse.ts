import { type Refused, refuse } from '../outcomes.ts';
import { available, get, RECEIVING } from './balances.ts';
import { choose, movesOf } from './choose.ts';
import type { StockCommand } from './commands.ts';
import type { StockEvent } from './events.ts';
import { fits, maySell } from './goods.ts';
import { find } from './holds.ts';
import { changed, type LineName, lineKey } from './lot.ts';
import { detailOf, event, overflows } from './made.ts';
import { isFor } from './pins.ts';
import { serve } from './serve.ts';
import { isDetailed, type StockState } from './state.ts';

/** ④ Scans that are taken back: each is a posting that reverses another, while its units are free. */

/** A receipt that was none, or not of these: only of units that nobody was promised. */
export function unreceive(state: StockState, c: StockCommand): StockEvent | Refused {
  const { untilPutaway, arrived } = c.more;
  const can = untilPutaway ? get(state.b, c.quality, RECEIVING) : available(state.b, c.quality);
  if (c.qty > can) return refuse('insufficient', c.qty, can);
  if (overflows(state, arrived)) return refuse('qty_overflow');
  const stage = untilPutaway ? 1 : 0;
  const where = { stage, quality: c.quality } as const;
  const portions = isDetailed(state, c) ? choose(state, where, c.qty, c.more) : [];
  if ('ok' in portions) return portions;
  return event('unreceived', c, c.quality, c.qty, {
    ...{ arrived, blocked: untilPutaway ? c.qty : 0 },
    detail: detailOf({ moves: movesOf(portions, () => undefined) }),
  });
}

/** Picked units go back to the shelf, to where they came from or another place; the hold keeps its promise. */
export function unpick(state: StockState, c: StockCommand): StockEvent | Refused {
  const hold = find(state, c.hold);
  if ('ok' in hold) return hold;
  if (hold.picked < (c.qty || 1)) return refuse('not_picked', c.qty || 1, hold.picked);
  const qty = c.qty || hold.picked;
  const { quality, doc } = hold;
  if (!isDetailed(state, c)) return event('unpicked', c, quality, qty, { doc });
  const portions = choose(state, { stage: 2, quality, hold: c.hold }, qty, c.more);
  if ('ok' in portions) return portions;
  const shelved = (name: LineName): LineName => ({
    ...changed(name, c.more.to),
    ...{ stage: 0, quality, why: '', hold: '' },
  });
  if (portions.some(({ name }) => !maySell(state, quality, name))) return refuse('batch_kept');
  const isPinned = state.detail?.pins.has(c.hold) === true;
  const isElsewhere = portions.some(({ name }) => !isFor(state.detail, c.hold, shelved(name)));
  if (isPinned && isElsewhere) return refuse('line_pinned', qty, 0);
  const pins = !isPinned
    ? []
    : portions.map(({ name, qty: units }) => ({
        ...{ hold: c.hold, line: lineKey(shelved(name)), qty: units },
      }));
  if (!fits(portions, c.more.to)) return refuse('box_closed', qty);
  const doing = { moves: movesOf(portions, shelved), pins };
  const served = serve(state, quality, 0, doing);
  const detail = detailOf({ ...doing, pins: [...pins, ...served.pins] });
  return event('unpicked', c, quality, qty, { doc, shifts: served.shifts, detail });
}

/** Packed units are only picked again. */
export function unpack(state: StockState, c: StockCommand): StockEvent | Refused {
  const hold = find(state, c.hold);
  if ('ok' in hold) return hold;
  if (hold.packed < (c.qty || 1)) return refuse('not_packed', c.qty || 1, hold.packed);
  const qty = c.qty || hold.packed;
  const { quality, doc } = hold;
  if (!isDetailed(state, c)) return event('unpacked', c, quality, qty, { doc });
  const portions = choose(state, { stage: 3, quality, hold: c.hold }, qty, c.more);
  if ('ok' in portions) return portions;
  const detail = detailOf({ moves: movesOf(portions, (name) => ({ ...name, stage: 2 })) });
  return event('unpacked', c, quality, qty, { doc, detail });
}
