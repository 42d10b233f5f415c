import { isRead } from '../../actors/command.ts';
import type { DocumentCommand, DocumentKey } from '../../actors/documents/commands.ts';
import type { DocumentOutcome } from '../../actors/documents/documents.ts';
import type { ActorKey, HoldId } from '../../actors/ids.ts';
import type { Refused } from '../../actors/outcomes.ts';
import { type StockCommand, stepsOf } from '../../actors/stock/commands.ts';
import { faults } from '../../actors/stock/conserved.ts';
import { isOpen, type StockState } from '../../actors/stock/state.ts';
import { type Accepted, type Change, Stockroom } from '../../actors/stock/stockroom.ts';
import type { Stored } from '../../engine/journal/journal.ts';
import { type Entry, GENESIS, hashOf, type JournalRecord, open } from '../../engine/record.ts';
import { holdView } from '../../engine/settled.ts';
import { ShardState } from '../../engine/state.ts';
import type { Conservation } from './conservation.ts';
import { Dossier } from './dossier.ts';
import { Failure } from './failure.ts';
import { pictureOf, type Words } from './picture.ts';
import type { Sent, Wanted } from './sent.ts';
import type { Ways } from './ways.ts';

/** One actor after one of its events. */
export interface Version {
  readonly balances: string;
  readonly holds: ReadonlyMap<HoldId, string>;
}

/** An entry of the journal and where each actor it names stood when it was decided. */
export interface Told {
  readonly entry: Entry;
  readonly number: number;
  /** Versions before it, of the actors, or of the document, that its command names. */
  readonly before: ReadonlyMap<ActorKey | DocumentKey, number>;
}

const NOTHING: Version = { balances: '', holds: new Map() };

/**
 * What one shard's journal really holds, checked as it grows. Replays every
 * record beside the shard, and decides every command again.
 */
export class Truth {
  readonly shard: number;
  readonly records: JournalRecord[] = [];
  readonly told = new Map<string, Told>();
  /** The process run that owns each epoch. */
  readonly owners: string[] = [];
  /** Memory after each record, by the record's hash. */
  readonly pictures = new Map<string, string>();
  readonly versions = new Map<ActorKey, Version[]>();
  readonly dossier: Dossier;
  readonly #sent: Sent;
  readonly #conservation: Conservation;
  readonly #ways: Ways;
  readonly #stored: Stored[] = [];
  /** Of each record: its owner at the time. */
  readonly #writers: string[] = [];
  /** Numbers refused as too old: those that are not there by then must never be. */
  readonly #never = new Set<string>();
  #state = new ShardState();
  #room: Stockroom;
  readonly #words: Words = new WeakMap();
  #owner = '';

  constructor(shard: number, sent: Sent, conservation: Conservation, ways: Ways) {
    this.shard = shard;
    this.#sent = sent;
    this.#conservation = conservation;
    this.#ways = ways;
    this.dossier = new Dossier(ways);
    this.#room = new Stockroom(this.dossier.catalogue);
    this.pictures.set(GENESIS, '');
  }

  get last(): JournalRecord | undefined {
    return this.records.at(-1);
  }

  /** The process run that wrote the newest owner record. */
  get owner(): string {
    return this.#owner;
  }

  get state(): ShardState {
    return this.#state;
  }

  append(stored: Stored, by: string): JournalRecord {
    const record = open(stored.bytes);
    this.#chained(stored, record, by);
    this.#stored.push(stored);
    this.#writers.push(by);
    this.records.push(record);
    if (record.body.kind === 'batch') for (const e of record.body.entries) this.#entry(e, record);
    this.#ways.check();
    this.#state.apply(record);
    this.pictures.set(record.hash, pictureOf(this.#state, this.#words));
    return record;
  }

  /** The journal lost its end: what is left is replayed. Returns the records that are gone. */
  cutTail(last: number): JournalRecord[] {
    const keep = this.#stored.filter((s) => s.seq <= last);
    const gone = this.records.splice(keep.length);
    this.#stored.length = keep.length;
    this.#state = new ShardState();
    for (const record of this.records) this.#state.apply(record);
    for (const record of gone) this.#forget(record);
    this.dossier.clear();
    this.#room = new Stockroom(this.dossier.catalogue);
    this.#ways.stop();
    for (const record of this.records) this.#replay(record);
    this.#writers.length = keep.length;
    this.#owner = this.#writers.at(-1) ?? '';
    return gone;
  }

  version(key: ActorKey, seq: number): Version | undefined {
    return seq === 0 ? NOTHING : this.versions.get(key)?.[seq];
  }

  never(key: string): void {
    if (!this.told.has(key)) this.#never.add(key);
  }

  #chained(stored: Stored, record: JournalRecord, by: string): void {
    const last = this.last;
    const { epoch, number, body } = record;
    const say = (what: string) =>
      new Failure('P5 one writer', `record ${number} of ${by}: ${what}`);
    if (hashOf(stored.bytes) !== stored.id) throw say('its id is not its hash');
    if (record.shard !== this.shard) throw say('wrong shard');
    if (number !== (last?.number ?? 0) + 1) throw say(`follows ${last?.number ?? 0}`);
    if (record.prev !== (last?.hash ?? GENESIS)) throw say('does not follow the one before');
    if (record.timeMs < (last?.timeMs ?? 0)) throw say('its time falls');
    const was = last?.epoch ?? 0;
    if (body.kind === 'owner') {
      if (epoch !== was + 1) throw say(`owner record of epoch ${epoch} after epoch ${was}`);
      this.#owner = by;
      this.owners[epoch] = by;
    } else if (epoch !== was || by !== this.#owner) {
      throw say(`epoch ${epoch} while ${this.#owner} owns epoch ${was}`);
    }
  }

  #entry(entry: Entry, record: JournalRecord): void {
    const { caller, n, outcome } = entry;
    const key = `${caller.client} ${caller.incarnation} ${n}`;
    const command = this.#sent.command(key, entry.fingerprint);
    if (n > 0) {
      if (this.told.has(key)) throw new Failure('S5 once', `${key} is in the journal twice`);
      if (this.#never.has(key))
        throw new Failure('S8 refusal', `${key} was too old, and is applied`);
      if (command === undefined) throw new Failure('S5 sent', `${key}: nobody sent this`);
      this.told.set(key, { entry, number: record.number, before: this.#before(command) });
      if (!outcome.ok) this.#refusedRightly(key, outcome, record.timeMs, command);
    }
    if (!outcome.ok) return;
    if ('document' in outcome) this.#acted(outcome, command, record.timeMs);
    else this.#moved(key, outcome, command, record.timeMs);
  }

  #before(command: Wanted): Told['before'] {
    if (command.op === 'document') {
      return new Map([[command.key, this.dossier.seq(command.key)]]);
    }
    const lines = isRead(command) ? [] : stepsOf(command);
    return new Map(lines.map((c) => [c.key, this.#room.get(c.key)?.seq ?? 0]));
  }

  /** Stock was moved. */
  #moved(key: string, outcome: Accepted, command: Wanted | undefined, timeMs: number): void {
    const refused = new Map(outcome.refused?.map((one) => [one.line, one]));
    const isStock = command !== undefined && command.op !== 'document' && !isRead(command);
    const changes = outcome.changes.values();
    for (const [line, asked] of (isStock ? stepsOf(command) : []).entries()) {
      const why = refused.get(line);
      if (why !== undefined) this.#refusedRightly(`${key} line ${line}`, why, timeMs, asked);
      else this.#changed(changes.next().value as Change, asked, timeMs);
    }
    for (const change of changes) this.#changed(change, undefined, timeMs);
  }

  /** An act was done on a document, by a client or by a courier. */
  #acted(outcome: DocumentOutcome, by: Wanted | undefined, timeMs: number): void {
    const { document, changes } = outcome;
    const asked = by ?? this.#sent.errand(document.key, document.event);
    if (asked === undefined && document.event === undefined) return; // a courier came again
    if (asked?.op !== 'document') throw new Failure('S5 sent', `${document.key}: nobody asked`);
    const planned = this.dossier.planned(asked, document, this.#room, timeMs);
    if (planned === undefined) return;
    if (changes.length !== planned.steps.length) {
      const count = `${changes.length} steps of ${planned.steps.length}`;
      throw new Failure('D4 act', `${asked.act} ${asked.key} took ${count}`);
    }
    for (const [i, step] of planned.steps.entries()) {
      this.dossier.decided(step, changes[i] as Change, this.#room, timeMs);
      this.#changed(changes[i] as Change, step, timeMs, asked);
    }
    this.dossier.acted(document, planned, changes, this.#room);
  }

  #changed(
    change: Change,
    asked: StockCommand | undefined,
    timeMs: number,
    act?: DocumentCommand,
  ): void {
    this.#conservation.changed(change, asked, timeMs);
    this.#ways.moved(change, act?.act);
    this.dossier.moved(change);
    this.#change(change);
  }

  /** S8: what refused it is so at its place in the journal. */
  #refusedRightly(
    key: string,
    refused: Refused,
    timeMs: number,
    command: ReturnType<Sent['command']>,
  ): void {
    if (command === undefined || isRead(command) || refused.code === 'clock_ahead') return;
    if (command.op === 'document') return this.#actRefused(key, refused, timeMs, command);
    const again = this.#room.run(command, timeMs);
    if (again.ok) throw new Failure('S8 refusal', `${key} was refused ${refused.code}, and fits`);
    const found = command.op === 'all' ? again : { ...again, line: refused.line };
    if (JSON.stringify(found) !== JSON.stringify(refused)) {
      const should = `${again.code} ${again.available} line ${again.line}`;
      throw new Failure('S8 refusal', `${key} was refused ${refused.code}, should be ${should}`);
    }
  }

  #actRefused(key: string, refused: Refused, timeMs: number, command: DocumentCommand): void {
    const should = this.dossier.refusal(command, this.#room, timeMs);
    if (JSON.stringify(should) === JSON.stringify(refused)) return;
    const words = `${command.act} was refused ${JSON.stringify(refused)}`;
    throw new Failure('S8 refusal', `${key}: ${words}, should be ${JSON.stringify(should)}`);
  }

  #change(change: Change): void {
    const { key, seq, event, after } = change;
    const left = this.#room.replay(key, seq, event);
    if (left === undefined || String(left) !== String(after)) {
      throw new Failure(
        'C3 replay',
        `${key} event ${seq} leaves ${left}, the journal says ${after}`,
      );
    }
    const actor = this.#room.get(key);
    if (actor === undefined) return;
    const [wrong] = faults(actor);
    if (wrong !== undefined)
      throw new Failure(wrong.slice(0, 2), `${key} after event ${seq}: ${wrong}`);
    const kept = keptForSale(actor);
    if (kept !== undefined) throw new Failure('S10 kept', `${key} after event ${seq}: ${kept}`);
    const holds = new Map<HoldId, string>();
    for (const [id, hold] of actor.holds ?? []) {
      if (isOpen(hold)) holds.set(id, JSON.stringify(holdView(hold)));
    }
    const versions = this.versions.get(key) ?? [NOTHING];
    this.versions.set(key, versions);
    versions[seq] = { balances: String(after), holds };
  }

  #replay({ body }: JournalRecord): void {
    if (body.kind !== 'batch') return;
    for (const { outcome } of body.entries) {
      if (!outcome.ok) continue;
      for (const c of outcome.changes) {
        this.#room.replay(c.key, c.seq, c.event);
        this.dossier.moved(c);
      }
      if ('document' in outcome) this.dossier.replay(outcome.document);
    }
  }

  #forget({ body }: JournalRecord): void {
    if (body.kind !== 'batch') return;
    for (const { caller, n, outcome } of body.entries) {
      this.told.delete(`${caller.client} ${caller.incarnation} ${n}`);
      if (!outcome.ok) continue;
      for (const c of outcome.changes) this.#conservation.undone(c);
    }
  }
}

/** S10: units of a batch that is kept from sale, on the shelf and for sale all the same. */
function keptForSale({ detail }: StockState): string | undefined {
  for (const [batch, { kept }] of detail?.batches ?? []) {
    if (kept === '') continue;
    for (const { why, qty } of detail?.find(0, 0, { batch }) ?? []) {
      if (why === '') return `${qty} of batch ${batch} are for sale, which is kept: ${kept}`;
    }
  }
  return undefined;
}
