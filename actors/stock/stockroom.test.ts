import { describe, expect, it } from 'vitest';
import type { SkuId, WarehouseId } from '../ids.ts';
import { type ActorKey, actorKey, type HoldId, type OwnerId } from '../ids.ts';
import { refuse } from '../outcomes.ts';
import { onHand, stockView } from './balances.ts';
import { type EachCommand, NO_MORE, type StockCommand, type StockOp } from './commands.ts';
import { CLOCK_AHEAD_MS } from './decide.ts';
import { type Change, Stockroom } from './stockroom.ts';

const NOW_MS = 1_700_000_000_000;
const OWNER = 'demo' as OwnerId;
const WAREHOUSE = 'W1' as WarehouseId;
const keyOf = (sku: string): ActorKey => actorKey(OWNER, sku as SkuId, WAREHOUSE);

function command(op: StockOp, sku: string, fields: Partial<StockCommand> = {}): StockCommand {
  return {
    ...{ op, key: keyOf(sku), owner: OWNER, sku: sku as SkuId, warehouse: WAREHOUSE },
    ...{ qty: 0, delta: 0, hold: '' as HoldId, doc: '', reason: '', quality: 0 },
    ...{ ttlMs: 0, partial: false, occurredAtMs: 0, more: NO_MORE, ...fields },
  };
}

const eachOf = (
  step: StockOp,
  skus: string[],
  fields: Partial<EachCommand> & Pick<EachCommand, 'units'>,
): EachCommand => ({
  ...{ op: 'each', step, owner: OWNER, warehouse: WAREHOUSE, skus: skus as SkuId[] },
  ...{ keys: skus.map(keyOf), holds: [], doc: '', reason: '', quality: 0, ttlMs: 0 },
  ...{ partial: false, occurredAtMs: 0, ...fields },
});

const receive = (sku: string, qty: number): StockCommand => command('receive', sku, { qty });
const reserve = (sku: string, hold: string, qty: number): StockCommand =>
  command('reserve', sku, { qty, hold: hold as HoldId });

/** A room in which all of these were done. */
function roomAfter(...commands: StockCommand[]): { room: Stockroom; changes: Change[] } {
  const room = new Stockroom();
  const changes = commands.flatMap((c) => {
    const outcome = room.run(c, NOW_MS);
    return outcome.ok ? outcome.changes : expect.fail(outcome.code);
  });
  return { room, changes };
}

const all = (room: Stockroom, ...commands: StockCommand[]) =>
  room.run({ op: 'all', warehouse: WAREHOUSE, commands }, NOW_MS);

describe('an actor', () => {
  it('is opened by a receipt and by nothing else', () => {
    const { room } = roomAfter(receive('mug', 1));
    expect(room.run(command('adjust', 'cup', { delta: 5 }), NOW_MS)).toMatchObject({
      code: 'unknown_sku',
      line: -1,
    });
    expect(room.run(reserve('cup', 'A', 1), NOW_MS)).toMatchObject({ code: 'unknown_sku' });
    expect([room.size, room.get(keyOf('cup'))]).toEqual([1, undefined]);
  });

  it('S8 that is not there says clock_ahead before unknown_sku', () => {
    const late = command('pick', 'mug', { occurredAtMs: NOW_MS + CLOCK_AHEAD_MS + 1 });
    expect(new Stockroom().run(late, NOW_MS)).toMatchObject({ code: 'clock_ahead' });
    const onTime = { ...late, occurredAtMs: NOW_MS + CLOCK_AHEAD_MS };
    expect(new Stockroom().run(onTime, NOW_MS)).toMatchObject({ code: 'unknown_sku' });
  });

  it('S8 is not opened by a refused receipt', () => {
    const room = new Stockroom();
    const late = { ...receive('mug', 1), occurredAtMs: NOW_MS + CLOCK_AHEAD_MS + 1 };
    expect([room.run(late, NOW_MS).ok, room.size]).toEqual([false, 0]);
  });
});

describe('an event', () => {
  it('S4 has the document and the reason of its command, and when the device saw it', () => {
    const told = { qty: 3, doc: 'ASN-7/2', reason: 'found', occurredAtMs: NOW_MS - 60_000 };
    const { changes } = roomAfter(command('receive', 'mug', told));
    expect(changes[0]?.event).toMatchObject(told);
  });

  it('S4 has the document of its hold where the command names none', () => {
    const hold = 'A' as HoldId;
    const { changes } = roomAfter(
      receive('mug', 5),
      command('reserve', 'mug', { qty: 5, hold, doc: 'SO-1/1' }),
      command('pick', 'mug', { hold }),
      command('pack', 'mug', { hold, doc: 'BOX-9' }),
      command('ship', 'mug', { hold }),
    );
    expect(changes.map((c) => c.event.doc)).toEqual(['', 'SO-1/1', 'SO-1/1', 'BOX-9', 'SO-1/1']);
  });

  it('S4 tells what it left, which no later event changes', () => {
    const { changes } = roomAfter(receive('mug', 5), receive('mug', 2), reserve('mug', 'A', 4));
    expect(changes.map((c) => [c.seq, onHand(c.after, 0)])).toEqual([
      [1, 5],
      [2, 7],
      [3, 7],
    ]);
  });
});

describe('all', () => {
  it('does every line in order, and a line sees what those before it did', () => {
    const room = new Stockroom();
    const outcome = all(room, receive('mug', 4), reserve('mug', 'A', 3), reserve('mug', 'B', 1));
    expect(outcome.ok && outcome.changes.map((c) => c.seq)).toEqual([1, 2, 3]);
    expect(stockView(room.get(keyOf('mug'))?.b ?? [])).toMatchObject({
      allocated: 4,
      available: 0,
    });
  });

  it('S8 names the line that was refused, counted from 0, and does none of the others', () => {
    const { room } = roomAfter(receive('mug', 4));
    const outcome = all(room, receive('cup', 9), reserve('mug', 'A', 3), reserve('mug', 'B', 2));
    expect(outcome).toMatchObject({ code: 'insufficient', line: 2, asked: 2, available: 1 });
    expect(room.size).toBe(1);
    expect(room.get(keyOf('mug'))).toEqual(roomAfter(receive('mug', 4)).room.get(keyOf('mug')));
  });

  it('of no lines does nothing', () => {
    expect(all(new Stockroom())).toEqual({ ok: true, changes: [] });
  });
});

describe('each', () => {
  const bulk = (room: Stockroom, skus: string[], units: number[]) =>
    room.run(
      eachOf('reserve', skus, { units, holds: skus.map((_, i) => `H${i}` as HoldId) }),
      NOW_MS,
    );

  it('does every line that can be done, in order, and says why the others cannot', () => {
    const { room } = roomAfter(receive('mug', 4), receive('cup', 2));
    const outcome = bulk(room, ['mug', 'cup', 'jar', 'mug', 'mug'], [3, 3, 1, 2, 1]);
    expect(outcome.ok && outcome.changes.map((c) => [c.event.hold, c.seq])).toEqual([
      ['H0', 2],
      ['H4', 3],
    ]);
    expect(outcome.ok && outcome.refused).toEqual([
      { ...refuse('insufficient', 3, 2), line: 1 },
      { ...refuse('unknown_sku'), line: 2 },
      { ...refuse('insufficient', 2, 1), line: 3 },
    ]);
  });

  it('leaves the same as its lines one after another', () => {
    const skus = ['mug', 'cup', 'mug', 'mug'];
    const { room } = roomAfter(receive('mug', 4), receive('cup', 2));
    const other = roomAfter(receive('mug', 4), receive('cup', 2)).room;
    bulk(room, skus, [1, 2, 3, 1]);
    for (const [i, qty] of [1, 2, 3, 1].entries())
      other.run(reserve(skus[i] as string, `H${i}`, qty), NOW_MS);
    expect([...room.entries()]).toEqual([...other.entries()]);
  });

  it('adjusts by what each line says', () => {
    const { room } = roomAfter(receive('mug', 4), receive('cup', 2));
    const lost = eachOf('adjust', ['mug', 'cup'], { units: [-1, -3], reason: 'lost' });
    const outcome = room.run(lost, NOW_MS);
    expect(outcome.ok && outcome.changes.map((c) => c.event.qty)).toEqual([-1]);
    expect(outcome.ok && outcome.refused).toMatchObject([{ code: 'exceeds_on_hand', line: 1 }]);
  });
});

describe('replay', () => {
  it('C3 passes over what the actor has done already, and stops at a gap', () => {
    const { room, changes } = roomAfter(receive('mug', 4), reserve('mug', 'A', 1));
    const [first, second] = changes as [Change, Change];
    expect(room.replay(first.key, first.seq, first.event)).toBeUndefined();
    const fresh = new Stockroom();
    expect(() => fresh.replay(second.key, second.seq, second.event)).toThrow(/is at event 0.* 2$/);
    expect(fresh.replay(first.key, first.seq, first.event)).toEqual(first.after);
    expect(fresh.replay(second.key, second.seq, second.event)).toEqual(second.after);
  });
});

describe('ended holds', () => {
  const release = (hold: string): StockCommand =>
    command('release', 'mug', { hold: hold as HoldId });
  /** Holds H0, H1, … that were reserved and released. */
  const ended = (count: number): StockCommand[] =>
    Array.from({ length: count }, (_, i) => [reserve('mug', `H${i}`, 1), release(`H${i}`)]).flat();
  const answer = (room: Stockroom, hold: string): string => {
    const outcome = room.run(command('pick', 'mug', { hold: hold as HoldId }), NOW_MS);
    return outcome.ok ? 'ok' : outcome.code;
  };

  it('S3 the last 16 of an actor are remembered, so that a late caller learns what became of them', () => {
    const { room } = roomAfter(receive('mug', 1), ...ended(17));
    const answers = ['H0', 'H1', 'H16'].map((hold) => answer(room, hold));
    expect(answers).toEqual(['unknown_hold', 'hold_ended', 'hold_ended']);
  });

  it('S8 one that a refused `all` would have pushed out is remembered still', () => {
    const { room } = roomAfter(receive('mug', 1), ...ended(16));
    const before = structuredClone(room.get(keyOf('mug')));
    const outcome = all(room, reserve('mug', 'X', 1), release('X'), reserve('mug', 'H0', 2));
    expect(outcome).toMatchObject({ code: 'insufficient', line: 2 });
    expect(room.get(keyOf('mug'))).toStrictEqual(before);
    expect(answer(room, 'H0')).toBe('hold_ended');
  });
});

describe('the stock of a reply', () => {
  it('S1 is on hand over all qualities; S2 the rest is of qualified goods', () => {
    const { room } = roomAfter(
      receive('mug', 10),
      command('receive', 'mug', { qty: 4, quality: 1 }),
      command('receive', 'mug', { qty: 3, quality: 2 }),
      command('receive', 'mug', { qty: 2, quality: 3 }),
      reserve('mug', 'A', 6),
      command('reserve', 'mug', { qty: 3, hold: 'D' as HoldId, quality: 1 }),
    );
    expect(stockView(room.get(keyOf('mug'))?.b ?? [])).toEqual({
      ...{ onHand: 19, qualified: 10, defective: 4, pending: 3, supplierReturn: 2 },
      ...{ allocated: 6, available: 4, picked: 0, packed: 0, blocked: 0, waiting: 0 },
      ...{ inTransit: 0, granted: 0, safetyHeld: 0 },
      qualities: {
        defective: {
          ...{ onHand: 4, allocated: 3, available: 1 },
          ...{ picked: 0, packed: 0, blocked: 0, waiting: 0, inTransit: 0, safetyHeld: 0 },
        },
      },
    });
  });
});
