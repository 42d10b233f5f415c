import { Packr } from 'msgpackr';
import { describe, expect, test } from 'vitest';
import type { HoldId } from '../actors/ids.ts';
import { WIDTH } from '../actors/stock/balances.ts';
import { NO_MORE } from '../actors/stock/commands.ts';
import { EVENT_KINDS, type StockEvent } from '../actors/stock/events.ts';
import { JournalMaker } from '../test/support/journal-maker.ts';
import { type Body, GENESIS, open, RECORD_FORMAT, type Sealed, seal } from './record.ts';
import { ChangeReader, openHead, type UnreadRecord } from './record-reader.ts';

interface Read {
  readonly key: string;
  readonly client: string;
  readonly n: number;
  readonly seq: number;
  readonly event: StockEvent;
  readonly after: readonly number[];
}

function readAll(record: UnreadRecord, reader = new ChangeReader()): Read[] {
  const found: Read[] = [];
  reader.begin(record);
  while (reader.next()) {
    const event = reader.event();
    expect(EVENT_KINDS[reader.kind]).toBe(event.kind);
    expect(reader.qty).toBe(event.qty);
    expect(reader.text(reader.holdFrom, reader.holdTo)).toBe(event.hold);
    found.push({
      key: reader.text(reader.keyFrom(), reader.keyTo()),
      client: reader.text(reader.clientFrom, reader.clientTo),
      ...{ n: reader.n, seq: reader.seq, event },
      after: Array.from(reader.after.subarray(0, reader.width)),
    });
  }
  return found;
}

function decoded({ bytes }: Sealed): Read[] {
  const { body } = open(bytes);
  if (body.kind !== 'batch') return [];
  return body.entries.flatMap(({ caller, n, outcome }) =>
    (outcome.ok ? outcome.changes : []).map(({ key, ...change }) => {
      return { key, client: caller.client, n, ...change };
    }),
  );
}

/** Every kind of event, wide and narrow actors, refusals in between, odd texts. */
function busy(): Sealed {
  const m = new JournalMaker(3);
  m.run({ op: 'receive', qty: 20, doc: 'PO \\ 箱', sku: '😀 箱' }, 'dock');
  m.attempt({ op: 'reserve', qty: 99, hold: 'too many', sku: '😀 箱' });
  m.run({ op: 'receive', qty: 20, doc: 'PO-2', occurredAtMs: 1_699_999_999_000 });
  m.run({ op: 'reserve', qty: 9, hold: 'a', ttlMs: 1, doc: 'SO-1', reason: 'web' });
  m.run({ op: 'release', qty: 1, hold: 'a' }).run({ op: 'extend', hold: 'a', ttlMs: 1 });
  m.run({ op: 'harden', qty: 7, hold: 'a' });
  m.head = { ...m.head, timeMs: m.head.timeMs + 10 };
  m.run({ op: 'expire', hold: 'a' }).run({ op: 'pick', qty: 5, hold: 'a' });
  m.run({ op: 'pack', qty: 4, hold: 'a' }).run({ op: 'ship', qty: 3, hold: 'a' });
  m.run({ op: 'reserve', qty: 10, hold: 'b' }).run({ op: 'adjust', delta: -6 });
  m.run({ op: 'receive', qty: 2 }).run({ op: 'cancel', hold: 'a' });
  m.run({ op: 'announce', qty: 7 }).run({ op: 'withdraw', qty: 1 });
  m.run({ op: 'receive', qty: 5, more: { ...NO_MORE, arrived: 4, untilPutaway: true } });
  const missing = { ...NO_MORE, why: 'missing' } as const;
  m.run({ op: 'block', qty: 1, more: missing })
    .run({ op: 'unblock', more: missing })
    .run({ op: 'safety', qty: 3 });
  m.run({ op: 'requality', qty: 1, more: { ...NO_MORE, toQuality: 1 } });
  m.run({ op: 'putback', quality: 1 }).run({ op: 'receive', qty: 1, sku: 'narrow' });
  const lot = { location: 'A-1', batch: 'L 箱' };
  const dates = { startMs: 1, expiresAtMs: 2e12, sellUntilMs: 1.9e12 };
  m.run({
    op: 'receive',
    qty: 2,
    sku: 'lots',
    more: { ...NO_MORE, lot, dates, serials: ['1', '2'] },
  });
  m.run({ op: 'reserve', qty: 1, hold: 'c', sku: 'lots', more: { ...NO_MORE, serials: ['2'] } });
  m.run({ op: 'move', qty: 1, sku: 'lots', more: { ...NO_MORE, serials: ['1'], to: { box: 1 } } });
  m.run({ op: 'short', qty: 1, hold: 'c', sku: 'lots' });
  m.run({ op: 'receive', qty: 4, sku: 'back' }).run({ op: 'unreceive', qty: 1, sku: 'back' });
  m.run({ op: 'reserve', qty: 3, hold: 'd', sku: 'back' });
  m.run({ op: 'pick', hold: 'd', sku: 'back' }).run({ op: 'pack', hold: 'd', sku: 'back' });
  m.run({ op: 'unpack', hold: 'd', sku: 'back' }).run({ op: 'unpick', hold: 'd', sku: 'back' });
  const fromHold = 'd' as HoldId;
  m.run({ op: 'reassign', qty: 1, hold: 'e', sku: 'back', more: { ...NO_MORE, fromHold } });
  m.run({ op: 'receive', qty: 9, sku: 'out' }).run({ op: 'grant', qty: 6, sku: 'out' });
  m.run({ op: 'adjust', delta: -5, sku: 'out' }).run({ op: 'regain', qty: 1, sku: 'out' });
  m.run({ op: 'sell', qty: 5, hold: 'f', sku: 'out', doc: 'SO-3' });
  return m.record();
}

describe('a record reader', () => {
  test('finds the head and the changes that the decoder finds', () => {
    const sealed = busy();
    const { body: _, ...head } = open(sealed.bytes);
    expect(openHead(sealed.bytes)).toMatchObject(head);
    const found = readAll(openHead(sealed.bytes));
    expect(found).toEqual(decoded(sealed));
    expect(new Set(found.map((c) => c.event.kind))).toEqual(new Set(EVENT_KINDS));
    expect(found.some((c) => c.event.shifts.length > 0)).toBe(true);
  });

  test('passes over the lines that were refused of an `each`', () => {
    const { body } = open(busy().bytes);
    if (body.kind !== 'batch') throw new Error('unreachable');
    const refused = body.entries.flatMap(({ outcome }) => (outcome.ok ? [] : [outcome]));
    expect(refused).not.toEqual([]);
    const entries = body.entries.map((entry) => {
      const outcome = entry.outcome.ok ? { ...entry.outcome, refused } : entry.outcome;
      return { ...entry, outcome };
    });
    const head = { epoch: 1, number: 0, hash: GENESIS, timeMs: 5 };
    const sealed = seal(3, head, 1, 5, { ...body, entries });
    expect(readAll(openHead(sealed.bytes))).toEqual(decoded(busy()));
  });

  test('calls plain what the quantity alone describes', () => {
    const reader = new ChangeReader();
    reader.begin(openHead(busy().bytes));
    let plain = 0;
    while (reader.next()) {
      const { kind, hold, doc, reason, qty, expiresAtMs, occurredAtMs, ...rest } = reader.event();
      if (!reader.isPlain) continue;
      plain++;
      expect(qty).toBeGreaterThan(0);
      expect(Object.values(rest)).toEqual([0, 0, 0, 0, 0, 0, 0, [], undefined, '']);
      expect(reader.width).toBe(WIDTH);
    }
    expect(plain).toBeGreaterThan(5);
  });

  test('is used again for another record', () => {
    const reader = new ChangeReader();
    const maker = new JournalMaker();
    const first = busy();
    const second = maker.run({ op: 'receive', qty: 1 }).record();
    expect(readAll(openHead(first.bytes), reader)).toEqual(decoded(first));
    expect(readAll(openHead(second.bytes), reader)).toEqual(decoded(second));
  });

  test.each<Body>([
    { kind: 'owner', node: 'n1', nonce: 'x', lineage: 1, points: ['eu', 'us'] },
    { kind: 'fence' },
    { kind: 'batch', entries: [], acknowledged: [] },
  ])('finds no changes in $kind', (body) => {
    const head = { epoch: 1, number: 4, hash: GENESIS, timeMs: 5 };
    const sealed = seal(0, head, 1, 5, body);
    expect(readAll(openHead(sealed.bytes))).toEqual([]);
  });

  test('throws on a record that is cut off anywhere, or longer than it should be', () => {
    const { bytes } = busy();
    const longer = new Uint8Array([...bytes, 0]);
    const cut = Array.from({ length: bytes.length }, (_, end) => bytes.subarray(0, end));
    for (const broken of [...cut, longer]) {
      expect(() => readAll(openHead(broken))).toThrow();
    }
  });

  test.each([
    ['a kind of event', (line: unknown[]) => (line[2] = 99), 'not an event'],
    ['an actor', (line: unknown[]) => (line[0] = 9), 'not an event'],
  ])('throws on %s that it does not know', (_, damage, why) => {
    const line: unknown[] = [0, 1, 0, 5, [5, 0, 0, 0, 0, 0, 0]];
    damage(line);
    const entry = [0, 0, 0, 0, -1, line];
    const wire = [RECORD_FORMAT, 0, 1, 1, Buffer.alloc(16), 5, 1, ['demo/A@W'], ['x'], [entry], []];
    const bytes = new Packr({ useRecords: false }).pack(wire);
    expect(() => readAll(openHead(bytes))).toThrow(why);
  });

  test.each([
    ['a format', [99, 0, 1, 1, Buffer.alloc(16), 5, 3], 'record format 99'],
    ['a kind', [RECORD_FORMAT, 0, 1, 1, Buffer.alloc(16), 5, 7], 'record kind 7'],
    ['anything else', [RECORD_FORMAT, 0], 'not a journal record'],
  ])('throws on %s that it does not know', (_, wire, why) => {
    expect(() => openHead(new Packr({ useRecords: false }).pack(wire))).toThrow(why);
  });
});
