import { beforeEach, describe, expect, it } from 'vitest';
import type { HoldId } from '../actors/ids.ts';
import { BLOCKED, onHand } from '../actors/stock/balances.ts';
import { type Command, type More, NO_MORE } from '../actors/stock/commands.ts';
import {
  type Asked,
  allOf,
  command,
  drain,
  eachOf,
  keyOf,
  read,
  recordsOf,
  SCANNER,
  START_MS,
  storedOf,
} from '../test/support/engine.ts';
import { pictureOf, type Reign, World } from '../test/support/world.ts';
import { LIMITS } from './limits.ts';
import type { Entry } from './record.ts';
import { SYSTEM } from './state.ts';

const MINUTE_MS = 60_000;

let world: World;
let reign: Reign;

beforeEach(async () => {
  world = new World();
  reign = await world.reign('A');
});

const receive = (qty: number, sku = 'mug'): Command => command('receive', sku, { qty });
const reserve = (hold: string, qty: number, ttlMs = 0): Command =>
  command('reserve', 'mug', { hold, qty, ttlMs });
const seen = (asked: Asked) => {
  const answer = asked.answers[0]?.answer;
  return answer?.ok && answer.kind === 'seen' ? answer : expect.fail(`it says ${asked.said}`);
};
const shelf = (asked: Asked): number => onHand(seen(asked).after, 0);

/** Nothing reaches the journal until the gate is opened. */
function shutGate(): () => Promise<void> {
  let open = (): void => {};
  const gate = new Promise<void>((resolve) => {
    open = resolve;
  });
  reign.link.before = () => gate;
  return () => {
    open();
    return drain();
  };
}

/** The lease of this node is taken for lost by everybody but itself. */
async function takenOver(): Promise<Reign> {
  world.leases.forget();
  return world.reign('B');
}

const entriesOf = async (): Promise<Entry[]> =>
  (await recordsOf(world.journal)).flatMap(({ body }) =>
    body.kind === 'batch' ? body.entries : [],
  );

describe('C1 nothing leaves before it is committed', () => {
  it('no answer, and nothing to watchers', async () => {
    const open = shutGate();
    const asked = await reign.ask(receive(5), { n: 1 });
    await world.clock.advance(100);
    expect([asked.answers, reign.told]).toEqual([[], []]);
    await open();
    expect(asked.answers).toMatchObject([{ committed: true, answer: { ok: true, kind: 'done' } }]);
    expect(reign.told).toMatchObject([{ seq: 1, key: keyOf('mug') }]);
  });

  it('tells watchers of all that is decided from their coming on, and of nothing before', async () => {
    const open = shutGate();
    reign.isHeard = false;
    await reign.ask(receive(1)); // on its way
    reign.send(receive(1)); // decided meanwhile
    reign.isHeard = true;
    reign.send(receive(1));
    await open();
    expect(reign.told.map(({ seq }) => seq)).toEqual([3]);
  });

  it('but a fate that is not known is asked for, and then the answer leaves once', async () => {
    reign.link.faults = ['dropped', 'unheard', 'dropped'];
    const asked = await reign.ask(receive(5), { n: 1 });
    expect(asked.answers).toEqual([]);
    await world.clock.advance(1_000);
    expect(asked.answers).toHaveLength(1);
    expect(await entriesOf()).toHaveLength(1);
  });

  it('unless it is asked for when decided: `committed` follows', async () => {
    const open = shutGate();
    const asked = await reign.ask(receive(5), { n: 1, decided: true });
    expect([asked.answers, asked.fates]).toMatchObject([[{ committed: false }], []]);
    await open();
    expect([asked.answers, asked.fates]).toMatchObject([[{ committed: false }], [true]]);
  });

  it('or `revoked` does, where it never will be', async () => {
    const open = shutGate();
    const asked = await reign.ask(receive(5), { n: 1, decided: true });
    await takenOver();
    await open();
    expect([asked.said, asked.fates, await reign.end]).toEqual(['ok', [false], 'deposed']);
  });

  it('and what arrives meanwhile is the next record, all of it in one', async () => {
    const open = shutGate();
    const asked = [await reign.ask(receive(1), { n: 1 })];
    for (let n = 2; n <= 50; n++) asked.push(await reign.ask(receive(1), { n }));
    expect([reign.link.appends - 1, reign.shard.waiting]).toEqual([1, 49]);
    await open();
    expect(asked.map((a) => a.said)).toEqual(asked.map(() => 'ok'));
    const batches = (await recordsOf(world.journal)).filter((r) => r.body.kind === 'batch');
    expect(batches.map((r) => r.body.kind === 'batch' && r.body.entries.length)).toEqual([1, 49]);
  });

  it('and memory does not stand still while a turn is open', async () => {
    expect(reign.shard.version).toBe(reign.shard.seq);
    const open = shutGate();
    await reign.ask(receive(1));
    expect(reign.shard.version).toBeNaN();
    await open();
    expect(reign.shard.version).toBe(reign.shard.seq);
  });
});

describe('C6 a read', () => {
  it('leaves after the commit of all that it saw', async () => {
    const open = shutGate();
    const [write, look] = [reign.send(receive(5)), reign.send(read('mug'))];
    await drain();
    const later = await reign.ask(read('mug'));
    expect([write.said, look.said, later.said]).toEqual([undefined, undefined, undefined]);
    await open();
    expect([write.said, shelf(look), shelf(later)]).toEqual(['ok', 5, 5]);
  });

  it('tells what the actor was like then, not what becomes of it', async () => {
    const look = [reign.send(receive(5)), reign.send(read('mug')), reign.send(receive(2))][1];
    await drain();
    await reign.ask(receive(1));
    expect(shelf(look as Asked)).toBe(5);
  });

  it('of a hold tells the hold; of what is not there says so', async () => {
    await reign.ask(receive(5));
    await reign.ask(command('reserve', 'mug', { hold: 'A', qty: 2, ttlMs: MINUTE_MS, doc: 'SO' }));
    expect(seen(await reign.ask(read('mug', 'A'))).hold).toEqual({
      ...{ doc: 'SO', qty: 2, soft: 2, waiting: 0, picked: 0, packed: 0, shipped: 0 },
      expiresAtMs: world.clock.wallMs() + MINUTE_MS,
    });
    expect((await reign.ask(read('mug', 'B'))).said).toBe('unknown_hold');
    expect((await reign.ask(read('cup'))).said).toBe('unknown_sku');
  });

  it('writes nothing to the journal, and is not remembered', async () => {
    await reign.ask(receive(5), { n: 1 });
    const before = reign.shard.seq;
    expect(shelf(await reign.ask(read('mug'), { n: 2 }))).toBe(5);
    expect((await reign.ask(receive(1), { n: 2 })).said).toBe('ok');
    expect(reign.shard.seq).toBe(before + 1);
  });

  it('is answered by the journal where the lease is not valid; so is a refusal or a first outcome', async () => {
    await reign.ask(receive(5), { n: 1 });
    world.leases.failing = Number.POSITIVE_INFINITY;
    await world.clock.advance(LIMITS.leaseMs - LIMITS.leaseMarginMs - LIMITS.leaseRenewMs);
    expect([reign.lease.valid, shelf(await reign.ask(read('mug')))]).toEqual([true, 5]);
    await world.clock.advance(LIMITS.leaseRenewMs);
    expect(reign.lease.valid).toBe(false);
    const fences = async () =>
      (await recordsOf(world.journal)).filter(({ body }) => body.kind === 'fence').length;
    expect([shelf(await reign.ask(read('mug'))), await fences()]).toEqual([5, 1]);
    expect([(await reign.ask(receive(5), { n: 1 })).said, await fences()]).toEqual(['ok', 2]);
    expect([(await reign.ask(reserve('A', 99))).said, await fences()]).toEqual(['insufficient', 3]);
    // What commits a record needs no fence: the record was accepted.
    expect((await reign.ask(receive(1), { n: 2 })).said).toBe('ok');
    expect((await reign.ask(reserve('A', 99), { n: 3 })).said).toBe('insufficient');
  });

  it('is not answered by a node that was taken over from, whatever it remembers', async () => {
    await reign.ask(receive(5), { n: 1 });
    const next = await takenOver();
    await next.ask(receive(1));
    await reign.lease.release();
    const asked = await reign.ask(receive(5), { n: 1, decided: true });
    const look = await reign.ask(read('mug'));
    expect([asked.said, asked.fates, look.said]).toEqual(['ok', [false], 'moved']);
  });

  it('that is strict commits an empty record, and needs no lease then', async () => {
    await reign.ask(receive(5));
    await reign.lease.release();
    expect(shelf(await reign.ask(read('mug', '', true)))).toBe(5);
    expect((await recordsOf(world.journal)).at(-1)?.body).toEqual({ kind: 'fence' });
  });

  it('that is strict shares the record of a change in the same turn', async () => {
    const [write, look] = [reign.send(receive(5)), reign.send(read('mug', '', true))];
    await drain();
    expect([write.said, shelf(look)]).toEqual(['ok', 5]);
    expect((await recordsOf(world.journal)).at(-1)?.body.kind).toBe('batch');
  });

  it('that is strict is never answered by a node that was taken over from', async () => {
    await reign.ask(receive(5));
    const next = await takenOver();
    await next.ask(receive(1));
    expect((await reign.ask(read('mug', '', true))).said).toBe('moved');
    expect(await reign.end).toBe('deposed');
  });
});

describe('C5 a retry', () => {
  const first = { n: 1 };
  const done = { answers: [{ answer: { ok: true, results: [{ seq: 1 }] } }] };

  it('gets the first outcome, in the same turn', async () => {
    const both = [reign.send(receive(5), first), reign.send(receive(5), first)];
    await drain();
    expect(both).toMatchObject([done, done]);
    expect(await entriesOf()).toHaveLength(1);
  });

  it('gets the first outcome, in a later turn', async () => {
    await reign.ask(receive(5), first);
    await reign.ask(receive(2), { n: 2 });
    expect(await reign.ask(receive(5), first)).toMatchObject(done);
    expect(await entriesOf()).toHaveLength(2);
  });

  it('gets the first outcome while the first try is still being committed', async () => {
    const open = shutGate();
    const tries = [await reign.ask(receive(5), first), await reign.ask(receive(5), first)];
    await open();
    expect(tries).toMatchObject([done, done]);
    expect(await entriesOf()).toHaveLength(1);
  });

  it.each([1_000_000, 2])(
    'gets the first outcome after a takeover, with a snapshot every %i records',
    async (everyRecords) => {
      await reign.close();
      reign = await world.reign('A', everyRecords);
      await reign.ask(receive(5), first);
      await reign.ask(reserve('A', 9), { n: 2 });
      for (let n = 3; n < 9; n++) await reign.ask(receive(1), { n });
      const next = await takenOver();
      expect(await next.ask(receive(5), first)).toMatchObject(done);
      expect((await next.ask(reserve('A', 9), { n: 2 })).said).toBe('insufficient');
      expect(shelf(await next.ask(read('mug')))).toBe(11);
    },
  );

  it('of a try whose fate was unknown when its node was deposed is applied once', async () => {
    reign.link.chance = () => 'unheard';
    const lost = reign.send(receive(5), first);
    reign.mayPublish = false;
    await world.clock.until(reign.end);
    const notSent = lost.said;
    reign = await takenOver();
    reign.link.chance = () => 'unheard';
    const unheard = await reign.ask(receive(5), first);
    reign.mayPublish = false;
    await world.clock.until(reign.end);
    const next = await takenOver();
    expect([notSent, unheard.said]).toEqual(['moved', 'moved']);
    expect(await next.ask(receive(5), first)).toMatchObject(done);
    expect(shelf(await next.ask(read('mug')))).toBe(5);
  });

  it('of a refusal gets that refusal, though it would be accepted now', async () => {
    await reign.ask(receive(1));
    expect((await reign.ask(reserve('A', 5), first)).said).toBe('insufficient');
    await reign.ask(receive(9));
    expect((await reign.ask(reserve('A', 5), first)).said).toBe('insufficient');
    expect((await reign.ask(reserve('A', 5), { n: 2 })).said).toBe('ok');
  });

  it('S5 with other content is id_reused, and changes nothing', async () => {
    await reign.ask(receive(5), first);
    expect((await reign.ask(receive(6), first)).said).toBe('id_reused');
    expect(shelf(await reign.ask(read('mug')))).toBe(5);
  });

  it('of a number that was acknowledged is number_too_old, here and after a takeover', async () => {
    await reign.ask(receive(5), first);
    await reign.ask(receive(1), { n: 2, acked: 2 });
    expect((await reign.ask(receive(5), first)).said).toBe('number_too_old');
    const next = await takenOver();
    expect((await next.ask(receive(5), first)).said).toBe('number_too_old');
    expect((await next.ask(receive(1), { n: 2 })).said).toBe('ok');
    expect(shelf(await next.ask(read('mug')))).toBe(6);
  });

  it('of the number that acknowledges gets its outcome: nobody can have read that yet', async () => {
    await reign.ask(receive(5), { n: 3, acked: 9 });
    expect((await reign.ask(receive(5), { n: 3 })).said).toBe('ok');
    expect((await reign.ask(receive(5), { n: 2 })).said).toBe('number_too_old');
    expect((await reign.ask(receive(5), { n: 8 })).said).toBe('ok');
  });

  it('of what has grown too large meanwhile gets the first outcome all the same', async () => {
    const lose = command('adjust', 'mug', { delta: -3_000, reason: 'fire' });
    await reign.ask(receive(10_000));
    expect((await reign.ask(lose, first)).said).toBe('ok');
    for (let i = 0; i < 3_000; i++) reign.send(reserve(`H${i}`, 1));
    await drain();
    expect((await reign.ask(lose, { n: 2 })).said).toBe('too_large');
    expect((await reign.ask(lose, first)).said).toBe('ok');
  });

  it('without a number is another command', async () => {
    await reign.ask(receive(5));
    await reign.ask(receive(5));
    expect(shelf(await reign.ask(read('mug')))).toBe(10);
  });
});

describe('C5 what is in the journal', () => {
  it('is every outcome of a session, refusals included', async () => {
    await reign.ask(receive(1), { n: 1 });
    await reign.ask(reserve('A', 5), { n: 2 });
    await reign.ask(reserve('A', 5)); // no session: nothing to remember it by
    expect(await entriesOf()).toMatchObject([
      { n: 1, caller: SCANNER, outcome: { ok: true } },
      {
        n: 2,
        caller: SCANNER,
        outcome: { ok: false, code: 'insufficient', asked: 5, available: 1 },
      },
    ]);
  });

  it('gives the next owner the same sessions, also where one of them begins by acknowledging', async () => {
    const fresh = { caller: { client: 'fresh', incarnation: 'i1' } };
    reign.send(receive(1), { ...fresh, n: 3, acked: 3 });
    reign.send(receive(1), { ...fresh, n: 4, acked: 4 });
    reign.send(receive(1), { ...fresh, n: 3 });
    await drain();
    const { state } = (await takenOver()).shard;
    expect(pictureOf(state)).toEqual(pictureOf(reign.shard.state));
    expect([...state.sessions.all()].map((s) => s.floor)).toEqual([3]);
  });

  it('gives the next owner the same sessions, also where one speaks in the record that ends it', async () => {
    await reign.ask(receive(1), { n: 1 });
    await reign.lease.release(); // a week of renewals
    await world.clock.advance(LIMITS.sessionIdleMs + 1);
    await reign.ask(receive(1), { n: 2 });
    const { state } = (await takenOver()).shard;
    expect(pictureOf(state)).toEqual(pictureOf(reign.shard.state));
    expect(state.sessions.recall(SCANNER, 1, 0, world.clock.wallMs())).toBeDefined();
  });
});

describe('limits', () => {
  it('S8 a full mailbox says overloaded, at once', async () => {
    const open = shutGate();
    await reign.ask(receive(1));
    const look = read('mug');
    for (let i = 0; i < LIMITS.mailbox; i++) reign.send(look);
    expect(reign.send(receive(1), { n: 1 }).said).toBe('overloaded');
    await open();
    expect((await reign.ask(receive(1), { n: 1 })).said).toBe('ok');
  });

  it('S8 what fits no record says too_large, and changes nothing', async () => {
    const lines = Array.from({ length: LIMITS.allLines }, (_, i) =>
      command('receive', `${'庫'.repeat(60)}${i}`, { qty: 1, doc: '庫'.repeat(64) }),
    );
    expect((await reign.ask(allOf(...lines), { n: 1 })).said).toBe('too_large');
    expect(reign.shard.state.stockroom.size).toBe(0);
    expect((await reign.ask(receive(1), { n: 1 })).said).toBe('ok');
  });

  it('a turn stops at the size of a record; the rest is the next turn', async () => {
    const long = '庫'.repeat(60);
    const asked = Array.from({ length: 4_000 }, (_, n) =>
      reign.send(receive(1, `${long}${n}`), { n: n + 1, acked: n + 1 }),
    );
    await drain();
    expect(asked.filter((a) => a.said !== 'ok')).toEqual([]);
    const stored = await storedOf(world.journal);
    expect(stored.length).toBeGreaterThan(2);
    for (const { bytes } of stored) expect(bytes.length).toBeLessThanOrEqual(LIMITS.recordBytes);
    // And they are well filled, or the group commit would be worth little.
    expect(stored[1]?.bytes.length).toBeGreaterThan(LIMITS.recordBytes / 4);
  });
});

describe('C2 a shard that was deposed', () => {
  it('answers moved to all that waits, the open turn and the mailbox, and to all that comes', async () => {
    const open = shutGate();
    const asked = [await reign.ask(receive(1), { n: 1 })];
    for (let n = 2; n < 6; n++) asked.push(reign.send(receive(1), { n }));
    asked.push(reign.send(read('mug')));
    await takenOver();
    await open();
    expect(await reign.end).toBe('deposed');
    asked.push(reign.send(receive(1), { n: 6 }), reign.send(read('mug')));
    expect(asked.map((a) => a.answers.length)).toEqual(asked.map(() => 1));
    expect(asked.map((a) => a.said)).toEqual(asked.map(() => 'moved'));
    expect([reign.told, reign.shard.serving]).toEqual([[], false]);
  });

  it('can commit nothing after a takeover, whatever was still on its way', async () => {
    reign.link.faults = ['delayed', 'delayed', 'delayed'];
    const asked = reign.send(receive(5), { n: 1 });
    await world.clock.advance(30);
    const next = await takenOver();
    await next.ask(receive(1), { n: 2 });
    await reign.link.deliver();
    await world.clock.until(reign.end);
    await reign.link.deliver();
    expect(asked.said).toBe('moved');
    expect((await entriesOf()).map((e) => e.n)).toEqual([2]);
  });

  it('ends at once when it is idle', async () => {
    reign.shard.depose();
    expect([await reign.end, reign.send(read('mug')).said]).toEqual(['deposed', 'moved']);
  });

  it('ends after a turn that was being committed well, and answers that', async () => {
    const open = shutGate();
    const asked = await reign.ask(receive(1), { n: 1 });
    reign.shard.depose();
    await open();
    expect([asked.said, await reign.end]).toEqual(['ok', 'deposed']);
  });
});

describe('a shard that is closed', () => {
  it('finishes the turn that is open and what it decided ahead, and takes no more', async () => {
    const open = shutGate();
    const asked = await reign.ask(receive(1), { n: 1 });
    const waiting = reign.send(receive(1), { n: 2 });
    reign.shard.close();
    const late = reign.send(receive(1), { n: 3 });
    await open();
    expect([asked.said, waiting.said, late.said]).toEqual(['ok', 'ok', 'moved']);
    expect(await reign.end).toBe('closed');
  });

  it('ends at once when it is idle', async () => {
    reign.shard.close();
    expect(await reign.end).toBe('closed');
  });
});

describe('a bug in a decision', () => {
  it('ends the shard with that error, and leaves nobody without an answer', async () => {
    const { stockroom } = reign.shard.state;
    const run = stockroom.run.bind(stockroom);
    let runs = 0;
    stockroom.run = (...args) => {
      if (runs++ > 0) throw new Error('a bug');
      return run(...args);
    };
    const asked = [1, 2, 3].map((n) => reign.send(receive(1), { n, decided: n === 1 }));
    await expect(reign.end).rejects.toThrow('a bug');
    expect(asked.map((a) => [a.said, a.fates])).toEqual([
      ['ok', [false]],
      ['moved', []],
      ['moved', []],
    ]);
  });
});

describe('an all', () => {
  it('S8 changes nothing where one line is refused, and is refused again to a retry', async () => {
    await reign.ask(receive(5));
    const order = allOf(
      ...[command('reserve', 'mug', { hold: 'A', qty: 2 })],
      command('reserve', 'cup', { hold: 'A', qty: 1 }),
    );
    for (let i = 0; i < 2; i++) {
      const { answers } = await reign.ask(order, { n: 1 });
      expect(answers[0]?.answer).toMatchObject({ ok: false, code: 'unknown_sku', line: 1 });
    }
    expect(seen(await reign.ask(read('mug'))).seq).toBe(1);
    expect((await takenOver()).shard.state.stockroom.get(keyOf('mug'))?.holds).toBeUndefined();
  });

  it('is one entry, one answer with a result a line, and the same to a retry', async () => {
    const both = allOf(
      command('receive', 'mug', { qty: 1 }),
      command('receive', 'cup', { qty: 2 }),
    );
    const asked = [await reign.ask(both, { n: 1 }), await reign.ask(both, { n: 1 })];
    expect(asked.map((a) => a.answers[0]?.answer)).toMatchObject([
      { ok: true, all: true, results: [{ qty: 1 }, { qty: 2 }] },
      { ok: true, all: true, results: [{ qty: 1 }, { qty: 2 }] },
    ]);
    expect(await entriesOf()).toHaveLength(1);
  });
});

describe('an each', () => {
  it('is one entry; its answer counts and names lines, the same to a retry and after a takeover', async () => {
    await reign.ask(receive(5));
    const bulk = eachOf('reserve', ['mug', 'cup', 'mug'], {
      ...{ units: [3, 1, 9], holds: ['A', 'B', 'C'] as HoldId[] },
    });
    const should = {
      ...{ ok: true, kind: 'each', done: 1 },
      refused: [
        { code: 'unknown_sku', line: 1 },
        { code: 'insufficient', line: 2, asked: 9, available: 2 },
      ],
    };
    for (let i = 0; i < 2; i++) {
      expect((await reign.ask(bulk, { n: 1 })).answers[0]?.answer).toMatchObject(should);
    }
    reign = await takenOver();
    expect((await reign.ask(bulk, { n: 1 })).answers[0]?.answer).toMatchObject(should);
    expect((await entriesOf()).filter(({ n }) => n === 1)).toHaveLength(1);
    expect(seen(await reign.ask(read('mug'))).seq).toBe(2);
  });
});

describe('a soft hold', () => {
  const available = async (): Promise<number> => {
    const { after } = seen(await reign.ask(read('mug')));
    return onHand(after, 0) - (after[4] as number);
  };
  beforeEach(() => reign.ask(receive(10)));

  it('runs out by the clock, though nobody asks, and the journal says so', async () => {
    await reign.ask(reserve('A', 4, MINUTE_MS));
    await world.clock.advance(MINUTE_MS - 1);
    expect(await available()).toBe(6);
    await world.clock.advance(2);
    expect(await available()).toBe(10);
    expect((await entriesOf()).at(-1)).toMatchObject({
      ...{ caller: SYSTEM, n: 0 },
      outcome: { changes: [{ event: { kind: 'expired', hold: 'A', qty: 4 } }] },
    });
    expect(reign.told.at(-1)?.event.kind).toBe('expired');
  });

  it('runs out at the next owner just as well', async () => {
    await reign.ask(reserve('A', 4, MINUTE_MS));
    const { end } = reign;
    reign = await takenOver();
    await world.clock.advance(MINUTE_MS + 1);
    expect(await available()).toBe(10);
    expect(await end.catch(() => 'ended')).toBe('deposed');
  });

  it('does not run out where it was extended or made hard', async () => {
    await reign.ask(reserve('A', 4, MINUTE_MS));
    await reign.ask(reserve('B', 3, MINUTE_MS));
    await reign.ask(command('extend', 'mug', { hold: 'A', ttlMs: 2 * MINUTE_MS }));
    await reign.ask(command('harden', 'mug', { hold: 'B' }));
    await world.clock.advance(MINUTE_MS + 1);
    expect(await available()).toBe(3);
    await world.clock.advance(MINUTE_MS);
    expect(await available()).toBe(7);
  });

  it('does not run out because the wall clock was set, until it is set right', async () => {
    await reign.ask(reserve('A', 4, 10 * MINUTE_MS));
    world.clock.setWall(24 * 60 * MINUTE_MS);
    await world.clock.advance(MINUTE_MS);
    expect(await available()).toBe(6);
    expect((await reign.ask(reserve('B', 1))).said).toBe('ok'); // sales go on
    world.clock.setWall(-24 * 60 * MINUTE_MS);
    await world.clock.advance(10 * MINUTE_MS);
    expect(await available()).toBe(9);
  });

  it('runs out with many others in several turns, so that sales are not held up', async () => {
    const holds = 2 * LIMITS.expiriesPerTurn + 1;
    await reign.ask(receive(holds));
    for (let i = 0; i < holds; i++) reign.send(reserve(`H${i}`, 1, MINUTE_MS));
    await drain();
    const before = (await recordsOf(world.journal)).length;
    await world.clock.advance(MINUTE_MS + 1);
    expect(await available()).toBe(10 + holds);
    const sizes = (await recordsOf(world.journal))
      .slice(before)
      .map(({ body }) => (body.kind === 'batch' ? body.entries.length : 0));
    expect(sizes).toEqual([LIMITS.expiriesPerTurn, LIMITS.expiriesPerTurn, 1]);
  });

  it('runs out in records that are never too large', async () => {
    const long = '庫'.repeat(60);
    const skus = Array.from({ length: 2 * LIMITS.expiriesPerTurn }, (_, i) => `${long}${i}`);
    const doc = '庫'.repeat(64);
    for (const sku of skus) {
      reign.send(command('receive', sku, { qty: 2 ** 50, quality: 3 }));
      const soft = { hold: `${long}H`, qty: 2 ** 49, quality: 3, ttlMs: MINUTE_MS, doc } as const;
      reign.send(command('reserve', sku, soft));
    }
    await drain();
    await world.clock.advance(MINUTE_MS + 1);
    const stored = await storedOf(world.journal);
    for (const { bytes } of stored) expect(bytes.length).toBeLessThanOrEqual(LIMITS.recordBytes);
    expect((await entriesOf()).filter((e) => e.caller.client === SYSTEM.client)).toHaveLength(
      skus.length,
    );
  });
});

describe('a batch', () => {
  const lotOf = (i: number): More => {
    const atMs = START_MS + MINUTE_MS;
    const dates = { startMs: 0, expiresAtMs: atMs, sellUntilMs: atMs };
    return { ...NO_MORE, lot: { batch: 'L1', location: `A-${i}` }, dates };
  };
  const figures = async (): Promise<{ blocked: number; onHand: number }> => {
    const { after } = seen(await reign.ask(read('tea')));
    return { blocked: after[BLOCKED] as number, onHand: onHand(after, 0) };
  };
  const fill = async (places: number): Promise<void> => {
    for (let i = 0; i < places; i++) {
      reign.send(command('receive', 'tea', { qty: 2, more: lotOf(i) }));
    }
    await drain();
  };

  it('leaves sale when its time comes, though nobody asks, also at the next owner', async () => {
    await fill(3);
    reign = await takenOver();
    await world.clock.advance(MINUTE_MS - 1);
    expect(await figures()).toEqual({ blocked: 0, onHand: 6 });
    await world.clock.advance(2);
    expect(await figures()).toEqual({ blocked: 6, onHand: 6 });
    expect((await entriesOf()).at(-1)).toMatchObject({
      ...{ caller: SYSTEM, n: 0 },
      outcome: { changes: [{ event: { kind: 'blocked', why: 'expired', qty: 6 } }] },
    });
    const late = await reign.ask(command('receive', 'tea', { qty: 1, more: lotOf(9) }));
    expect(late.said).toBe('batch_kept');
  });

  it('that lies in very many places leaves sale in records that are never too large', async () => {
    await fill(2_500);
    await world.clock.advance(MINUTE_MS + 1);
    expect(await figures()).toEqual({ blocked: 5_000, onHand: 5_000 });
    const stored = await storedOf(world.journal);
    for (const { bytes } of stored) expect(bytes.length).toBeLessThanOrEqual(LIMITS.recordBytes);
    const late = await reign.ask(command('receive', 'tea', { qty: 1, more: lotOf(9) }));
    expect(late.said).toBe('batch_kept');
  });
});
