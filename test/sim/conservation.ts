import type { ActorKey } from '../../actors/ids.ts';
import { onHand } from '../../actors/stock/balances.ts';
import type { StockCommand } from '../../actors/stock/commands.ts';
import type { StockEvent } from '../../actors/stock/events.ts';
import type { Change } from '../../actors/stock/stockroom.ts';
import { Failure } from './failure.ts';

/**
 * Counts units and promised times by itself, from what was asked and never from
 * the actors' own arithmetic: S4, and that no soft hold ends before its time.
 */
export class Conservation {
  /** Units on hand after each event of an actor. */
  readonly #totals = new Map<ActorKey, number[]>();
  /** Until when the earliest part of a hold was promised, epoch ms. */
  readonly #until = new Map<string, number>();

  /** `asked` is undefined where the shard itself asked. */
  changed(change: Change, asked: StockCommand | undefined, timeMs: number): void {
    const { key, seq, event, after } = change;
    const totals = this.#totals.get(key) ?? [0];
    this.#totals.set(key, totals);
    const before = totals[seq - 1];
    if (before === undefined) throw new Failure('S4 units', `${key} skips to event ${seq}`);
    const total = before + moved(event, asked);
    let counted = 0;
    for (const quality of [0, 1, 2, 3] as const) counted += onHand(after, quality);
    if (counted !== total) {
      throw new Failure(
        'S4 units',
        `${key} event ${seq} ${event.kind}: ${counted}, should be ${total}`,
      );
    }
    totals[seq] = total;
    this.#promised(change, asked, timeMs);
  }

  /** The journal lost it. */
  undone({ key, seq }: Change): void {
    const totals = this.#totals.get(key);
    if (totals !== undefined && totals.length > seq) totals.length = seq;
  }

  #promised({ key, event }: Change, asked: StockCommand | undefined, timeMs: number): void {
    const hold = `${key} ${event.hold}`;
    const until = this.#until.get(hold) ?? 0;
    switch (event.kind) {
      case 'reserved':
        this.#until.set(hold, event.expiresAtMs);
        break;
      case 'extended':
        this.#until.set(
          hold,
          asked?.qty === 0 ? event.expiresAtMs : Math.min(until, event.expiresAtMs),
        );
        break;
      case 'expired':
        if (asked !== undefined) throw new Failure('S5 sent', `${hold}: a caller sent expire`);
        if (timeMs < until) {
          throw new Failure('S4 expiry', `${hold} expired ${until - timeMs} ms before its time`);
        }
        this.#until.delete(hold);
        break;
      default:
        break;
    }
  }
}

/** Units that came into the warehouse, as the caller said; less than 0 if they left. */
function moved(event: StockEvent, asked: StockCommand | undefined): number {
  if (asked === undefined) return 0;
  switch (asked.op) {
    case 'receive':
      return asked.qty;
    case 'unreceive':
      return -asked.qty;
    case 'adjust':
      return asked.delta;
    case 'ship':
      if (asked.qty !== 0 && event.qty !== asked.qty) {
        throw new Failure('S4 units', `ship ${asked.qty} shipped ${event.qty}`);
      }
      return -event.qty;
    default:
      return 0;
  }
}
