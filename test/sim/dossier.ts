import { isDeepStrictEqual } from 'node:util';
import type { DocumentCommand, DocumentKey } from '../../actors/documents/commands.ts';
import { type DocumentOutcome, Documents } from '../../actors/documents/documents.ts';
import { AGAIN, type Plan, plan } from '../../actors/documents/machines.ts';
import type { OrderLine } from '../../actors/documents/order-lines.ts';
import type { DocumentState } from '../../actors/documents/states.ts';
import type { ActorKey, HoldId } from '../../actors/ids.ts';
import type { Refused } from '../../actors/outcomes.ts';
import type { StockCommand } from '../../actors/stock/commands.ts';
import { isOpen, promised } from '../../actors/stock/state.ts';
import { stock } from '../../actors/stock/stock.ts';
import type { Change, Stockroom } from '../../actors/stock/stockroom.ts';
import { Failure } from './failure.ts';
import type { Ways } from './ways.ts';

type Told = DocumentOutcome['document'];

/** The documents of one shard's journal, decided again act by act, beside its stock. */
export class Dossier {
  /** Each document after each of its events. */
  readonly versions = new Map<DocumentKey, DocumentState[]>();
  readonly #ways: Ways;
  #documents = new Documents();
  /** Names of acts that were done, by document. */
  #steps = new Map<DocumentKey, Set<string>>();
  /** Units that left, by actor and hold. */
  #shipped = new Map<string, number>();

  constructor(ways: Ways) {
    this.#ways = ways;
  }

  /** What its items say of stock. */
  get catalogue(): Documents['catalogue'] {
    return this.#documents.catalogue;
  }

  /** Events of a document so far. */
  seq(key: DocumentKey): number {
    return this.#documents.get(key)?.seq ?? 0;
  }

  version(key: DocumentKey, seq: number): DocumentState | undefined {
    return this.versions.get(key)?.[seq];
  }

  /** S8: what an act is refused for, at this place of the journal; undefined where it would be done. */
  refusal(c: DocumentCommand, room: Stockroom, nowMs: number): Refused | undefined {
    const outcome = this.#documents.run(c, room, nowMs);
    return outcome.ok ? undefined : outcome;
  }

  /** The steps that an accepted act takes. Throws where it is not to be accepted, or was done before. */
  planned(c: DocumentCommand, told: Told, room: Stockroom, timeMs: number): Plan | undefined {
    const state = this.#documents.get(c.key);
    const look = (key: ActorKey) => room.get(key);
    const planned = plan(state, c, look, timeMs);
    const say = (what: string): Failure => new Failure('D4 act', `${c.act} ${c.key}: ${what}`);
    if (told.key !== c.key) throw say(`it was done to ${told.key}`);
    if (planned === AGAIN) {
      if (told.event !== undefined) throw say('it is done again');
      if (told.seq !== state?.seq || told.status !== state.status) {
        throw say(`again is ${told.status} at ${told.seq}, not ${state?.status} at ${state?.seq}`);
      }
      return undefined;
    }
    if ('ok' in planned) throw say(`accepted, should be refused ${planned.code}`);
    if (told.event === undefined) throw say('it is told as done before');
    return planned;
  }

  /** A step of an act does what stock decides at this place of the journal. */
  decided(asked: StockCommand, { key, event }: Change, room: Stockroom, nowMs: number): void {
    const state = room.get(asked.key) ?? stock.empty();
    const should = stock.decide(state, asked, nowMs);
    if (key === asked.key && isDeepStrictEqual(should, event)) return;
    const [is, want] = [JSON.stringify(event), JSON.stringify(should)];
    throw new Failure('D4 act', `${asked.op} ${asked.key} did ${is} to ${key}, should ${want}`);
  }

  /** Stock was moved, for a document or not. */
  moved({ key, event }: Change): void {
    if (event.kind !== 'shipped') return;
    const hold = `${key} ${event.hold}`;
    this.#shipped.set(hold, (this.#shipped.get(hold) ?? 0) + event.qty);
  }

  /** What became of the document, once its stock was moved. */
  acted(told: Told, planned: Plan, changes: readonly Change[], room: Stockroom): void {
    const { key, event } = told;
    if (event === undefined) return;
    const should = planned.event(changes);
    if (!isDeepStrictEqual(should, event)) {
      const [is, want] = [JSON.stringify(event), JSON.stringify(should)];
      throw new Failure('D4 act', `${event.act} ${key} made ${is}, should make ${want}`);
    }
    const state = this.#apply(told);
    this.#ways.changed(state, event.act, changes);
    if (state.kind === 'order')
      for (const line of state.lines) this.#asInStock(state.id, line, room);
  }

  /** The journal lost its end: begin again. */
  clear(): void {
    this.#documents = new Documents();
    this.#steps = new Map();
    this.#shipped = new Map();
  }

  /** Without checks. */
  replay(told: Told): void {
    if (told.event !== undefined) this.#apply(told);
  }

  /** D4: its sequence is linear, and a step of its own is done once. */
  #apply({ key, seq, event, status }: Told): DocumentState {
    const say = (what: string): Failure => new Failure('D4 act', `${key} event ${seq}: ${what}`);
    if (event === undefined || seq !== this.seq(key) + 1) throw say(`follows ${this.seq(key)}`);
    const done = this.#steps.get(key) ?? new Set<string>();
    this.#steps.set(key, done);
    if (event.step !== '' && done.has(event.step)) throw say(`${event.step} is done again`);
    done.add(event.step);
    const state = this.#documents.replay({ key, seq, event });
    if (state?.status !== status) throw say(`is ${state?.status}, the journal says ${status}`);
    const versions = this.versions.get(key) ?? [];
    this.versions.set(key, versions);
    versions[seq] = state;
    return state;
  }

  /** D1: a line's figures are those of the holds that bear its name. */
  #asInStock(doc: string, line: OrderLine, room: Stockroom): void {
    const is = { promised: 0, waiting: 0, picked: 0, packed: 0, shipped: 0 };
    for (const [id, hold] of room.get(line.key)?.holds ?? []) {
      if (!isOpen(hold) || !isOf(id, doc, line)) continue;
      is.promised += promised(hold);
      is.waiting += hold.waiting;
      is.picked += hold.picked;
      is.packed += hold.packed;
    }
    for (let i = 1; i <= line.holds; i++) {
      const name = i === 1 ? `${doc}/${line.line}` : `${doc}/${line.line}+${i}`;
      is.shipped += this.#shipped.get(`${line.key} ${name}`) ?? 0;
    }
    const say = (what: string): Failure =>
      new Failure('D1 order', `${doc} line ${line.line}: ${what}`);
    for (const field of ['promised', 'waiting', 'picked', 'packed', 'shipped'] as const) {
      if (line[field] !== is[field]) throw say(`${field} ${line[field]}, in stock ${is[field]}`);
    }
    const units = line.promised + line.picked + line.packed + line.shipped;
    if (units > line.ordered) throw say(`${units} of ${line.ordered} that are ordered`);
  }
}

const isOf = (id: HoldId, doc: string, { line }: OrderLine): boolean =>
  id === `${doc}/${line}` || id.startsWith(`${doc}/${line}+`);
