import { isDeepStrictEqual } from 'node:util';
import pino from 'pino';
import { describe, expect, it } from 'vitest';
import { StockDigest } from '../actors/digest.ts';
import { available, onHand } from '../actors/stock/balances.ts';
import { type Command, stepsOf } from '../actors/stock/commands.ts';
import { faults } from '../actors/stock/conserved.ts';
import {
  Asked,
  allOf,
  command,
  drain,
  FakeCentre,
  FakeClock,
  type Fault,
  FaultyJournal,
  keyOf,
  MemoryLeases,
  read,
} from '../test/support/engine.ts';
import { pictureOf } from '../test/support/world.ts';
import { verified } from './chain.ts';
import { sleep } from './clock.ts';
import { MemoryJournal } from './journal/memory.ts';
import { LIMITS } from './limits.ts';
import { newCounters } from './metrics.ts';
import { type Caller, type JournalRecord, open } from './record.ts';
import { takeOver } from './recovery.ts';
import type { Result } from './settled.ts';
import { Slot } from './slot.ts';
import { MemorySnapshots } from './snapshots/memory.ts';
import { ShardState } from './state.ts';

/*
 * One shard, two nodes that take it from each other, a journal whose answers are
 * lost, late or wrong, leases that nobody can rely on, and clients that send
 * again what was not answered. Each seed is one history, the same every time.
 */

const SEEDS = 30;
const STEPS = 120;
const SKUS = ['mug', 'cup', 'jug'];
const HOLDS = 6;

/** xorshift32: small, seeded, the same everywhere. */
class Chance {
  #state: number;

  constructor(seed: number) {
    this.#state = (seed * 2_654_435_761) >>> 0 || 1;
  }

  below(n: number): number {
    let s = this.#state;
    s ^= s << 13;
    s ^= s >>> 17;
    s ^= s << 5;
    this.#state = s >>> 0;
    return this.#state % n;
  }

  of<T>(list: readonly T[]): T {
    return list[this.below(list.length)] as T;
  }
}

/** A client with one session. It sends the next number only when the last one is settled. */
class Client {
  readonly caller: Caller;
  readonly #chance: Chance;
  #n = 0;
  #command: Command = read('mug');
  #asked: Asked | undefined;
  /** What it was told of each number. */
  readonly told = new Map<number, unknown>();
  /** Numbers that got two different answers. */
  readonly complaints: number[] = [];
  /** C6: how far each SKU is known to be, by answers that anybody got. */
  readonly #known: Map<string, number>;
  reads = 0;
  retries = 0;

  constructor(name: string, chance: Chance, known: Map<string, number>) {
    this.caller = { client: name, incarnation: 'i1' };
    this.#chance = chance;
    this.#known = known;
  }

  /** A strict read sees all that was answered before it was sent. */
  look(slot: Slot): void {
    const sku = this.#chance.of(SKUS);
    const atLeast = this.#known.get(keyOf(sku)) ?? 0;
    const asked = new Asked(read(sku, '', true), { caller: this.caller });
    asked.answer = (said) => {
      if (!said.ok || said.kind !== 'seen') return;
      this.reads++;
      if (said.seq < atLeast) this.complaints.push(-said.seq);
    };
    slot.submit(asked);
  }

  /** Sends, sends again, or waits. */
  step(slots: readonly Slot[]): void {
    const answer = this.#asked?.answers[0]?.answer;
    const isSettled = answer !== undefined && (answer.ok || answer.code !== 'moved');
    const isOpen = answer?.ok === false && ['not_owned', 'stopped'].includes(answer.code);
    if (this.#asked === undefined || (isSettled && !isOpen)) this.#next();
    else if (answer === undefined && this.#chance.below(20) > 0) return;
    else this.retries++;
    const acked = this.#chance.below(2) * this.#n;
    this.#asked = new Asked(this.#command, { caller: this.caller, n: this.#n, acked });
    const slot = this.#chance.of(slots);
    slot.submit(this.#listening(this.#asked));
  }

  #next(): void {
    this.#n++;
    this.#command = this.#chance.below(8) === 0 ? this.#all() : this.#one();
  }

  /** Hears every answer, also one to a try that it has given up. */
  #listening(asked: Asked): Asked {
    const answer = asked.answer.bind(asked);
    const command = this.#command;
    asked.answer = (said, committed) => {
      answer(said, committed);
      if (!said.ok && ['moved', 'not_owned', 'overloaded'].includes(said.code)) return;
      if (said.ok && said.kind === 'done') this.#learn(command, said.results);
      const before = this.told.get(asked.n);
      // A try that comes after its answer was acknowledged is too old, and no news.
      if (before !== undefined && !said.ok && said.code === 'number_too_old') return;
      if (before !== undefined && !isDeepStrictEqual(said, before)) this.complaints.push(asked.n);
      this.told.set(asked.n, structuredClone(said));
    };
    return asked;
  }

  #learn(what: Command, results: readonly Result[]): void {
    const lines = what.op === 'read' ? [what] : stepsOf(what);
    for (const [i, { key }] of lines.entries()) {
      this.#known.set(key, Math.max(this.#known.get(key) ?? 0, results[i]?.seq ?? 0));
    }
  }

  #all(): Command {
    const lines = Array.from({ length: 2 + this.#chance.below(3) }, () => this.#one());
    return allOf(...(lines as Parameters<typeof allOf>));
  }

  #one(): Command {
    const chance = this.#chance;
    const op = chance.of([
      ...(['receive', 'receive', 'reserve', 'reserve', 'reserve', 'extend', 'harden'] as const),
      ...(['release', 'pick', 'pack', 'ship', 'cancel', 'putback', 'adjust'] as const),
    ]);
    const needsHold = !['receive', 'putback', 'adjust'].includes(op);
    return command(op, chance.of(SKUS), {
      hold: needsHold ? `${this.caller.client}-${chance.below(HOLDS)}` : '',
      qty: op === 'receive' || op === 'reserve' ? 1 + chance.below(5) : 0,
      ...{ delta: chance.below(7) - 4 || 1, partial: chance.below(2) === 0 },
      ttlMs: op === 'extend' || chance.below(3) === 0 ? 1 + chance.below(3_000) : 0,
    });
  }
}

class History {
  readonly chance: Chance;
  readonly clock = new FakeClock();
  readonly journal = new MemoryJournal();
  readonly snapshots = new MemorySnapshots();
  readonly leases = new MemoryLeases(this.clock);
  readonly centre = new FakeCentre();
  readonly links: FaultyJournal[] = [];
  readonly nodes = new Map<string, Slot>();
  readonly clients: Client[];
  calm = false;
  #nonces = 0;

  constructor(seed: number) {
    this.chance = new Chance(seed);
    const known = new Map<string, number>();
    this.clients = ['c1', 'c2', 'c3', 'c4'].map((name) => new Client(name, this.chance, known));
    for (const name of ['A', 'B']) this.start(name);
  }

  get slots(): Slot[] {
    return [...this.nodes.values()];
  }

  start(name: string): void {
    const link = new FaultyJournal(this.journal);
    link.chance = () => this.#fault();
    link.before = () => this.#delay();
    this.links.push(link);
    const { clock, leases, snapshots, centre } = this;
    const slot = new Slot({
      ...{ region: 'r1', shard: 0, clock, leases, snapshots, centre, journal: link },
      self: { node: name, url: '' },
      history: { has: () => false, mark: () => Promise.resolve() },
      nonce: () => String(++this.#nonces).padStart(6, '0'),
      ...{ log: pino({ level: 'silent' }), counters: newCounters() },
      ...{ isHeard: () => false, onCommitted: () => {}, onErrand: () => {} },
      snapshotEveryRecords: 15,
    });
    this.nodes.set(name, slot);
    slot.start();
  }

  #fault(): Fault {
    if (this.calm || this.chance.below(4) > 0) return 'none';
    return this.chance.of<Fault>([
      'unheard',
      'dropped',
      'delayed',
      { kind: 'unknown', why: '503' },
    ]);
  }

  async #delay(): Promise<void> {
    if (this.calm || this.chance.below(3) > 0) return;
    await sleep(this.clock, this.chance.below(30));
    if (this.chance.below(20) === 0) throw new Error('no answer');
  }

  async step(): Promise<void> {
    const { chance } = this;
    for (const client of this.clients) {
      if (chance.below(2) === 0) client.step(this.slots);
      if (chance.below(4) === 0) client.look(chance.of(this.slots));
    }
    // A lease that lapses while its node is all right; answers of leases that are lost.
    if (chance.below(15) === 0) this.leases.forget();
    if (chance.below(15) === 0) this.leases.unheard = 2;
    if (chance.below(4) === 0) for (const link of this.links) await link.deliver();
    if (chance.below(40) === 0) await this.#restart();
    if (chance.below(5) === 0) await this.#centreReads();
    await this.clock.advance(chance.below(chance.below(10) === 0 ? LIMITS.leaseMs : 60));
  }

  /** A node is stopped in order and started again. */
  async #restart(): Promise<void> {
    const [name, slot] = this.chance.of([...this.nodes]);
    await this.clock.until(slot.close());
    this.start(name);
  }

  async #centreReads(): Promise<void> {
    const last = await this.journal.last();
    if (last === undefined) return;
    const { epoch, number, hash } = open(last.bytes);
    this.centre.says = { epoch, number, hash, seq: last.seq };
  }
}

/** The journal read by somebody who trusts nobody; what it had before trimming is told to `keep`. */
async function auditOf(journal: MemoryJournal, keep: Map<number, JournalRecord>) {
  const [first, last] = [await journal.firstFrom(1), await journal.last()];
  for await (const stored of journal.read(first?.seq ?? 1, last?.seq ?? 0)) {
    const record = open(stored.bytes);
    const before = keep.get(stored.seq);
    if (before !== undefined) expect(before.hash, `record at ${stored.seq}`).toBe(record.hash);
    const previous = keep.get(stored.seq - 1);
    if (previous !== undefined) verified(0, stored, previous);
    keep.set(stored.seq, record);
  }
}

const inOrder = (kept: Map<number, JournalRecord>): JournalRecord[] =>
  [...kept.entries()].sort(([a], [b]) => a - b).map(([, record]) => record);

const digestOf = (state: ShardState): string => {
  const digest = new StockDigest();
  for (const [key, actor] of state.stockroom.entries()) digest.add(key, actor.seq, actor.b);
  return digest.toString();
};

/** Units that came in less those that went out, by what the events say. */
function balanceOf(records: Iterable<JournalRecord>): Map<string, number> {
  const sums = new Map<string, number>();
  for (const { body } of records) {
    if (body.kind !== 'batch') continue;
    for (const { outcome } of body.entries) {
      for (const { key, event } of outcome.ok ? outcome.changes : []) {
        const sign = event.kind === 'received' || event.kind === 'adjusted' ? 1 : -1;
        const moves = ['received', 'adjusted', 'shipped'].includes(event.kind);
        sums.set(key, (sums.get(key) ?? 0) + (moves ? sign * event.qty : 0));
      }
    }
  }
  return sums;
}

async function live(seed: number): Promise<{ retries: number; owners: number; answers: number }> {
  const history = new History(seed);
  const kept = new Map<number, JournalRecord>();
  for (let step = 0; step < STEPS; step++) {
    await history.step();
    await auditOf(history.journal, kept);
  }
  // Everything heals; then every command that is open gets its answer.
  history.calm = true;
  for (const link of history.links) await link.deliver();
  await history.clock.advance(20_000);
  for (let i = 0; i < 60; i++) {
    for (const client of history.clients) client.step(history.slots);
    await history.clock.advance(100);
  }
  await drain();
  await auditOf(history.journal, kept);

  const serving = history.slots.flatMap(({ state }) => (state.kind === 'serving' ? [state] : []));
  expect(serving).toHaveLength(1);
  const { shard } = serving[0] ?? expect.fail();
  const records = inOrder(kept);
  expect(records.map((r) => r.number)).toEqual(records.map((_, i) => i + 1));

  // C5: whatever was answered is in the journal, once, and says the same.
  const decided = new Map<string, number>();
  for (const { body } of records) {
    for (const { caller, n } of body.kind === 'batch' ? body.entries : []) {
      if (n > 0)
        decided.set(`${caller.client} ${n}`, (decided.get(`${caller.client} ${n}`) ?? 0) + 1);
    }
  }
  expect([...decided.values()].filter((times) => times !== 1)).toEqual([]);
  let answers = 0;
  for (const client of history.clients) {
    expect(client.complaints, 'answers that differ, reads that are old').toEqual([]);
    expect(client.reads).toBeGreaterThan(0);
    for (const [n, said] of client.told) {
      expect(said, 'an answer').not.toMatchObject({ code: 'number_too_old' });
      expect(decided.get(`${client.caller.client} ${n}`), `${client.caller.client} ${n}`).toBe(1);
      answers++;
    }
  }

  // S1–S9, and no unit made or lost.
  const balance = balanceOf(records);
  for (const sku of SKUS) {
    const actor = shard.state.stockroom.get(keyOf(sku));
    if (actor === undefined) continue;
    expect(faults(actor)).toEqual([]);
    expect(onHand(actor.b, 0), sku).toBe(balance.get(keyOf(sku)));
    expect(available(actor.b, 0)).toBeGreaterThanOrEqual(0);
  }

  // C3: what serves, the whole journal read again, and another takeover all agree.
  const wholeOf = (): ShardState => {
    const whole = new ShardState();
    for (const record of inOrder(kept)) whole.apply(record);
    return whole;
  };
  expect(digestOf(shard.state)).toBe(digestOf(wholeOf()));
  expect(pictureOf(shard.state)).toEqual(pictureOf(wholeOf()));
  await Promise.all(history.slots.map((slot) => history.clock.until(slot.close())));
  await auditOf(history.journal, kept);
  const { clock, journal, snapshots, centre } = history;
  const recovered = await clock.until(
    takeOver({
      ...{ clock, journal, snapshots, centre, shard: 0, node: 'C', hasHistory: true },
      ...{ nonce: () => 'c', mayPublish: () => true },
    }),
  );
  expect(recovered.snapshot).toBeDefined();
  expect(pictureOf(recovered.state)).toEqual(pictureOf(wholeOf()));

  const owners = records.filter((r) => r.body.kind === 'owner').length;
  const retries = history.clients.reduce((sum, c) => sum + c.retries, 0);
  return { retries, owners, answers };
}

describe('C1–C6 under faults', () => {
  it.each(Array.from({ length: SEEDS }, (_, i) => i + 1))(
    'every answered command is in the journal once, and every replay agrees: seed %i',
    async (seed) => {
      const { retries, owners, answers } = await live(seed);
      // Or the seed would show nothing.
      expect(retries).toBeGreaterThan(20);
      expect(owners).toBeGreaterThan(3);
      expect(answers).toBeGreaterThan(50);
    },
  );
});
