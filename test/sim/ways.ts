import type { Act, DocumentCommand } from '../../actors/documents/commands.ts';
import type { DocumentState } from '../../actors/documents/states.ts';
import {
  type DestinationLine,
  type DestinationState,
  type SourceState,
  stepToTell,
  type TransferState,
} from '../../actors/documents/transfer.ts';
import type { ActorKey } from '../../actors/ids.ts';
import { onHand } from '../../actors/stock/balances.ts';
import { QUALITIES, type Quality } from '../../actors/stock/commands.ts';
import type { StockEvent } from '../../actors/stock/events.ts';
import type { Change } from '../../actors/stock/stockroom.ts';
import { Failure } from './failure.ts';

/** Both ends of one transfer, as their journals have them. */
interface Pair {
  source?: SourceState;
  destination?: DestinationState;
}

/**
 * D2, over all warehouses: what is on its way between them, counted from what left and
 * what came, and never from the documents' own arithmetic.
 */
export class Ways {
  readonly #pairs = new Map<string, Pair>();
  readonly #units = new Map<ActorKey, number>();
  #onHand = 0;
  #onWay = 0;
  /** What came in from outside, less what left for good. */
  #books = 0;
  /** A journal lost its end: what left there may be known elsewhere. */
  #isOff = false;

  stop(): void {
    this.#isOff = true;
  }

  /** `act`: of the document for which the stock was moved. */
  moved({ key, event, after }: Change, act: Act | undefined): void {
    let units = 0;
    for (const quality of QUALITIES.keys()) units += onHand(after, quality as Quality);
    this.#onHand += units - (this.#units.get(key) ?? 0);
    this.#units.set(key, units);
    const isOnWay = act === 'transfer.dispatch' || act === 'transfer.receive';
    if (!isOnWay) this.#books += fromOutside(event);
  }

  /** A leg of a transfer has changed, and the stock of its warehouse with it. */
  changed(state: DocumentState, act: Act, changes: readonly Change[]): void {
    if (state.kind !== 'transfer' || this.#isOff) return;
    const pair = this.#pair(state);
    if (state.leg === 'source') this.#left(pair, state, act, changes);
    else this.#came(pair, state, act, changes);
  }

  /** After every record. */
  check(): void {
    const counted = this.#onHand + this.#onWay;
    if (this.#isOff || counted === this.#books) return;
    const parts = `${this.#onHand} on hand and ${this.#onWay} on their way`;
    throw new Failure('D2 counted once', `${parts}, should be ${this.#books} in all`);
  }

  /** C1: a node tells one end of a transfer what is known at the other. That must be committed. */
  tells({ act, key, owner, doc, lines, warehouse, more }: DocumentCommand): void {
    if (this.#isOff || act === 'transfer.told') return;
    const name = nameOf(owner, more.fromWarehouse || warehouse, doc);
    const { source, destination } = this.#pairs.get(name) ?? {};
    const isSo =
      act === 'transfer.expect'
        ? lines.every((l) => source?.parcels.some((p) => p.line === l.line && p.qty === l.qty))
        : lines.every((l) =>
            destination?.lines.some(
              (d) => d.line === l.line && d.received >= l.qty && d.lost >= l.failed,
            ),
          );
    if (!isSo) throw new Failure('C1 committed', `${key} is told ${act}, which is not committed`);
  }

  /** D3: what one end still has to tell the other, of those that `isFree` to. */
  untold(isFree: (from: string, to: string) => boolean): string | undefined {
    if (this.#isOff) return undefined;
    for (const [name, { source, destination }] of this.#pairs) {
      if (source === undefined || source.parcels.length === 0) continue;
      const { toWarehouse, warehouse } = source;
      if (!isFree(warehouse, toWarehouse)) continue;
      if (destination === undefined) return `${name} left ${warehouse}, unknown at ${toWarehouse}`;
      if (source.told !== 'expect') return `${name} does not know that ${toWarehouse} was told`;
      const [received, lost] = [sumOf(destination, 'received'), sumOf(destination, 'lost')];
      const [came, gone] = [settled(source, 'received'), settled(source, 'lost')];
      if (came !== received || gone !== lost) {
        return `${name} is settled for ${came} + ${gone} of ${received} + ${lost}`;
      }
      if (destination.told !== stepToTell(destination))
        return `${name} does not know it is settled`;
    }
    return undefined;
  }

  #left(pair: Pair, now: SourceState, act: Act, changes: readonly Change[]): void {
    const was = pair.source;
    pair.source = now;
    const say = sayOf(now);
    const [before, after] = [sentBy(was), sentBy(now)];
    const shipped = unitsOf(changes, 'shipped');
    if (after - before !== shipped) throw say(`${after} dispatched, ${before + shipped} left`);
    if (before > 0 && after !== before) throw say(`${after} dispatched, it was ${before}`);
    this.#onWay += after - before;
    for (const parcel of now.parcels) {
      const old = was?.parcels.find(({ line }) => line === parcel.line);
      if (parcel.received < (old?.received ?? 0) || parcel.lost < (old?.lost ?? 0)) {
        throw say(`line ${parcel.line} falls to ${parcel.received} + ${parcel.lost}`);
      }
      const there = pair.destination?.lines.find(({ line }) => line === parcel.line);
      const [received, lost] = [there?.received ?? 0, there?.lost ?? 0];
      if (parcel.received > received || parcel.lost > lost) {
        const knows = `${parcel.received} + ${parcel.lost}`;
        throw say(`line ${parcel.line} has ${knows}, its destination ${received} + ${lost}`);
      }
    }
    if (act === 'transfer.told') this.#told(pair, now);
  }

  #came(pair: Pair, now: DestinationState, act: Act, changes: readonly Change[]): void {
    const was = pair.destination;
    pair.destination = now;
    const say = sayOf(now);
    const news = (field: 'received' | 'lost'): number =>
      sumOf(now, field) - (was === undefined ? 0 : sumOf(was, field));
    if (was === undefined) {
      const parcels = pair.source?.parcels ?? [];
      const isSame = now.lines.every((line) =>
        parcels.some((p) => p.line === line.line && p.qty === line.expected && p.sku === line.sku),
      );
      if (!isSame || parcels.length !== now.lines.length) throw say('it is not what was sent');
    }
    for (const line of now.lines) {
      const old = was?.lines.find((l) => l.line === line.line);
      if (line.received < (old?.received ?? 0) || line.lost < (old?.lost ?? 0)) {
        throw say(`line ${line.line} falls to ${line.received} + ${line.lost}`);
      }
      if (line.received + line.lost > line.expected) {
        throw say(`line ${line.line} has ${line.received} + ${line.lost} of ${line.expected}`);
      }
    }
    const came = act === 'transfer.receive' ? unitsOf(changes, 'received') : 0;
    if (news('received') !== came) throw say(`${news('received')} received, ${came} came`);
    const given = act === 'transfer.close' ? unitsOf(changes, 'withdrawn') : 0;
    if (news('lost') !== given) throw say(`${news('lost')} lost, ${given} given up`);
    this.#onWay -= news('received') + news('lost');
    this.#books -= news('lost');
    if (act === 'transfer.told') this.#told(pair, now);
  }

  /** D3: an end counts as told when the other end has what it had to tell, and not before. */
  #told({ source, destination }: Pair, now: TransferState): void {
    const say = (what: string): Failure =>
      new Failure('D3 told', `${now.id}@${now.warehouse}: ${what}`);
    if (now.leg === 'source') {
      if (destination === undefined) throw say('its destination was not told');
      return;
    }
    const [, received = 0, lost = 0] = now.told.split(':').map(Number);
    const knows =
      source !== undefined &&
      settled(source, 'received') >= received &&
      settled(source, 'lost') >= lost;
    if (!knows) throw say(`its source was not told ${now.told}`);
  }

  #pair(t: TransferState): Pair {
    const name = nameOf(t.owner, t.leg === 'source' ? t.warehouse : t.fromWarehouse, t.id);
    const pair = this.#pairs.get(name) ?? {};
    this.#pairs.set(name, pair);
    return pair;
  }
}

/** A transfer's number is its sender's. */
const nameOf = (owner: string, from: string, doc: string): string => `${owner}/${doc}@${from}`;

const sayOf =
  ({ id, warehouse }: TransferState) =>
  (what: string): Failure =>
    new Failure('D2 counted once', `transfer ${id}@${warehouse}: ${what}`);

function fromOutside({ kind, qty }: StockEvent): number {
  if (kind === 'received' || kind === 'adjusted') return qty;
  return kind === 'shipped' || kind === 'unreceived' ? -qty : 0;
}

function sentBy(t: SourceState | undefined): number {
  let units = 0;
  for (const { qty } of t?.parcels ?? []) units += qty;
  return units;
}

function settled({ parcels }: SourceState, field: 'received' | 'lost'): number {
  let units = 0;
  for (const parcel of parcels) units += parcel[field];
  return units;
}

function sumOf({ lines }: DestinationState, field: keyof DestinationLine & ('received' | 'lost')) {
  let units = 0;
  for (const line of lines) units += line[field];
  return units;
}

function unitsOf(changes: readonly Change[], kind: StockEvent['kind']): number {
  let units = 0;
  for (const { event } of changes) if (event.kind === kind) units += event.qty;
  return units;
}
