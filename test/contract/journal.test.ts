import { jetstreamManager } from '@nats-io/jetstream';
import type { NatsConnection } from '@nats-io/transport-node';
import { afterAll, beforeAll, beforeEach, describe, expect, it, vi } from 'vitest';
import { ShardStopped } from '../../engine/errors.ts';
import { JetStreamJournal } from '../../engine/journal/jetstream.ts';
import type { Journal, Stored } from '../../engine/journal/journal.ts';
import { MemoryJournal } from '../../engine/journal/memory.ts';
import { LIMITS } from '../../engine/limits.ts';
import { hashOf } from '../../engine/record.ts';
import { journalStream } from '../../engine/subjects.ts';
import { type NatsServer, startNats } from '../support/nats.ts';

/** What a record holds is no matter to a journal. */
const bytesOf = (text: string): Uint8Array => new TextEncoder().encode(text);
const idOf = (text: string): string => hashOf(bytesOf(text));
const append = (journal: Journal, text: string, expected: number) =>
  journal.append(bytesOf(text), idOf(text), expected);

/** However long the disk takes: what is not known to be stored is sent again, until it is there. */
async function fill(journal: Journal, records: number, from = 0): Promise<void> {
  for (let seq = from; seq < from + records; seq++) {
    const text = `record ${seq + 1}`;
    const told = await append(journal, text, seq);
    if (told.kind !== 'unknown') {
      expect(told).toEqual({ kind: 'stored', seq: seq + 1 });
      continue;
    }
    await vi.waitFor(async () => {
      expect((await append(journal, text, seq)).kind).not.toBe('unknown');
      expect((await journal.firstFrom(seq + 1))?.id).toBe(idOf(text));
    }, 30_000);
  }
}

async function read(journal: Journal, from: number, to: number): Promise<Stored[]> {
  const all: Stored[] = [];
  for await (const stored of journal.read(from, to)) all.push(stored);
  return all;
}

const texts = (records: readonly (Stored | undefined)[]): (string | undefined)[] =>
  records.map((r) => r && new TextDecoder().decode(r.bytes));
const range = (from: number, to: number): string[] =>
  Array.from({ length: to - from + 1 }, (_, i) => `record ${from + i}`);

let server: NatsServer;
let nats: NatsConnection;
let shards = 0;
const openJetStream = (): Promise<JetStreamJournal> => JetStreamJournal.open(nats, 't', ++shards);

beforeAll(async () => {
  server = await startNats();
  nats = await server.connect();
});
afterAll(() => server.stop());

describe.each<[string, () => Promise<Journal>]>([
  ['MemoryJournal', () => Promise.resolve(new MemoryJournal())],
  ['JetStreamJournal', openJetStream],
])('%s', (_, open) => {
  let journal: Journal;
  beforeEach(async () => {
    journal = await open();
  });

  it('is empty at first', async () => {
    expect([await journal.last(), await journal.firstFrom(1), await read(journal, 1, 0)]).toEqual([
      undefined,
      undefined,
      [],
    ]);
  });

  it('stores a record at the sequence after the one that is expected to be last', async () => {
    await fill(journal, 3);
    const third = { seq: 3, bytes: bytesOf('record 3'), id: idOf('record 3') };
    expect([await journal.last(), await journal.firstFrom(3)]).toEqual([third, third]);
    expect(texts([await journal.firstFrom(0), await journal.firstFrom(2)])).toEqual([
      'record 1',
      'record 2',
    ]);
    expect(await journal.firstFrom(4)).toBeUndefined();
  });

  it.each([0, 1, 3, 99])(
    'C4 stores nothing where 2 is last and %i expected; it tells',
    async (e) => {
      await fill(journal, 2);
      expect(await append(journal, 'other', e)).toEqual({ kind: 'conflict', last: 2 });
      expect((await journal.last())?.seq).toBe(2);
    },
  );

  it('C4 stores one of those that come at once with one expectation', async () => {
    await fill(journal, 1);
    const answers = await Promise.all(range(1, 8).map((t) => append(journal, `rival ${t}`, 1)));
    expect(answers.filter((a) => a.kind === 'stored')).toEqual([{ kind: 'stored', seq: 2 }]);
    expect(answers.filter((a) => a.kind === 'conflict')).toHaveLength(7);
  });

  it('C4 says conflict, not duplicate, of an id that it has when others have come since', async () => {
    await fill(journal, 2);
    expect(await append(journal, 'record 1', 0)).toEqual({ kind: 'conflict', last: 2 });
    expect(await append(journal, 'record 2', 1)).toEqual({ kind: 'conflict', last: 2 });
  });

  it('C4 says duplicate, and where, of an id that it has, where the expectation is right', async () => {
    await fill(journal, 2);
    expect(await append(journal, 'record 1', 2)).toEqual({ kind: 'duplicate', seq: 1 });
    expect((await journal.last())?.seq).toBe(2);
  });

  it('C4 drops another payload under the same id: so an id is the hash of its content', async () => {
    await fill(journal, 1);
    const answer = await journal.append(bytesOf('other'), idOf('record 1'), 1);
    expect(answer).toEqual({ kind: 'duplicate', seq: 1 });
    expect(texts(await read(journal, 1, 1))).toEqual(['record 1']);
  });

  it('reads exactly what is asked for, in order', async () => {
    await fill(journal, 9);
    expect(texts(await read(journal, 1, 9))).toEqual(range(1, 9));
    expect(texts(await read(journal, 3, 5))).toEqual(range(3, 5));
    expect(texts(await read(journal, 9, 9))).toEqual(range(9, 9));
    expect((await read(journal, 4, 4))[0]?.id).toBe(idOf('record 4'));
    expect(await read(journal, 5, 4)).toEqual([]);
  });

  it('reads more than fits one pull', async () => {
    await fill(journal, 1_200);
    expect(texts(await read(journal, 1, 1_200))).toEqual(range(1, 1_200));
  });

  it('waits for a record that is not there yet', async () => {
    await fill(journal, 2);
    const all = read(journal, 1, 5);
    await fill(journal, 2, 2);
    await new Promise((resolve) => setTimeout(resolve, 50));
    await fill(journal, 1, 4);
    expect(texts(await all)).toEqual(range(1, 5));
  });

  it('may be left in the middle of reading, and read again', async () => {
    await fill(journal, 5);
    for await (const { seq } of journal.read(1, 5)) if (seq === 2) break;
    expect(texts(await read(journal, 1, 5))).toEqual(range(1, 5));
  });

  it('C3 drops what is below a sequence, and says so to who reads there', async () => {
    await fill(journal, 6);
    await journal.trim(4);
    expect(texts([await journal.firstFrom(1), await journal.last()])).toEqual([
      'record 4',
      'record 6',
    ]);
    expect(texts(await read(journal, 4, 6))).toEqual(range(4, 6));
    await expect(read(journal, 3, 6)).rejects.toBeInstanceOf(ShardStopped);
    await expect(read(journal, 1, 2)).rejects.toBeInstanceOf(ShardStopped);
  });

  it.each([3, 4, 1_000])('C3 never drops the last record: below %i', async (below) => {
    await fill(journal, 3);
    await journal.trim(below);
    expect([(await journal.firstFrom(1))?.seq, (await journal.last())?.seq]).toEqual([3, 3]);
    expect(await append(journal, 'late', 0)).toEqual({ kind: 'conflict', last: 3 });
    await fill(journal, 1, 3);
  });

  it('drops nothing below its first record, or where there is none', async () => {
    await journal.trim(5);
    await fill(journal, 2);
    await journal.trim(0);
    await journal.trim(1);
    expect((await journal.firstFrom(1))?.seq).toBe(1);
  });

  it('takes a record of the largest size', async () => {
    const bytes = new Uint8Array(LIMITS.recordBytes).map((_, i) => i * 31);
    const stored = { kind: 'stored', seq: 1 };
    expect(await journal.append(bytes, hashOf(bytes), 0)).toEqual(stored);
    expect(hashOf((await journal.last())?.bytes ?? bytesOf(''))).toBe(hashOf(bytes));
    expect(hashOf((await read(journal, 1, 1))[0]?.bytes ?? bytesOf(''))).toBe(hashOf(bytes));
  });

  it('keeps what it was given, whatever becomes of the bytes', async () => {
    const bytes = bytesOf('record 1');
    await journal.append(bytes, idOf('record 1'), 0);
    bytes.fill(0);
    expect(texts([await journal.last()])).toEqual(['record 1']);
  });
});

describe('JetStreamJournal', () => {
  const infoOf = async (shard: number) =>
    (await jetstreamManager(nats)).streams.info(journalStream('t', shard));

  it('is a stream on disk that loses nothing by itself and denies deletes', async () => {
    await openJetStream();
    expect((await infoOf(shards)).config).toMatchObject({
      ...{
        subjects: [`inv.log.t.${shards}`],
        storage: 'file',
        retention: 'limits',
        discard: 'new',
      },
      ...{ deny_delete: true, allow_direct: false, max_msgs: -1, max_bytes: -1, max_age: 0 },
    });
  });

  it('is found again as it was', async () => {
    await fill(await openJetStream(), 3);
    const again = await JetStreamJournal.open(nats, 't', shards);
    expect(texts(await read(again, 1, 3))).toEqual(range(1, 3));
  });

  it('C6 is read through the leader, never by direct get, which may be stale', async () => {
    const journal = await openJetStream();
    await fill(journal, 2);
    const asked: string[] = [];
    const spy = nats.subscribe('$JS.API.>', {
      callback: (_, message) => {
        asked.push(message.subject);
      },
    });
    await journal.last();
    await journal.firstFrom(1);
    await read(journal, 1, 2);
    await nats.flush();
    spy.unsubscribe();
    const stream = journalStream('t', shards);
    expect(asked.filter((s) => s === `$JS.API.STREAM.MSG.GET.${stream}`)).toHaveLength(2);
    expect(asked.filter((s) => s.includes('DIRECT'))).toEqual([]);
  });

  it('leaves no consumers behind', async () => {
    const journal = await openJetStream();
    await fill(journal, 3);
    await read(journal, 1, 3);
    for await (const _ of journal.read(1, 3)) break;
    await expect.poll(async () => (await infoOf(shards)).state.consumer_count).toBe(0);
  });

  it('C4 says unknown of what the server does not take', async () => {
    const journal = await openJetStream();
    const bytes = new Uint8Array(2 * LIMITS.natsPayloadBytes);
    expect((await journal.append(bytes, 'id', 0)).kind).toBe('unknown');
    await (await jetstreamManager(nats)).streams.delete(journalStream('t', shards));
    expect((await append(journal, 'record 1', 0)).kind).toBe('unknown');
  });

  it('gives up a read whose consumer has gone silent; it may be read on', async () => {
    const journal = await openJetStream();
    await fill(journal, 3);
    const seen: number[] = [];
    const reading = (async () => {
      for await (const { seq } of journal.read(1, 6)) seen.push(seq);
    })();
    const said = reading.catch((e: unknown) => e);
    await expect.poll(() => seen).toEqual([1, 2, 3]);
    const jsm = await jetstreamManager(nats);
    for await (const { name } of jsm.consumers.list(journalStream('t', shards))) {
      await jsm.consumers.delete(journalStream('t', shards), name);
    }
    const e = await said; // nobody ever writes 4
    expect(e).toBeInstanceOf(Error);
    expect(e).not.toBeInstanceOf(ShardStopped);
    await fill(journal, 3, 3);
    expect(texts(await read(journal, 4, 6))).toEqual(range(4, 6));
  });
});

describe('JetStreamJournal, when its server is gone', () => {
  let own: NatsServer;
  let journal: Journal;
  beforeEach(async () => {
    own = await startNats({ sync: 'always' });
    journal = await JetStreamJournal.open(await own.connect(), 't', 0);
    await fill(journal, 3);
    return () => own.stop();
  });

  it('C4 says unknown and never throws; afterwards the same is sent again', async () => {
    await own.kill();
    for (let i = 0; i < 3; i++) {
      expect((await append(journal, 'record 4', 3)).kind).toBe('unknown');
    }
    await own.restart();
    // What was sent meanwhile may have arrived after all: stored, or there already.
    await expect
      .poll(async () => (await append(journal, 'record 4', 3)).kind)
      .toMatch(/stored|conflict/);
    const there = await journal.firstFrom(4);
    expect([there?.seq, there?.id, (await journal.last())?.seq]).toEqual([4, idOf('record 4'), 4]);
  });

  it('P1 has after a kill what it said that it stored', async () => {
    await fill(journal, 50, 3);
    await own.kill();
    await own.restart();
    await expect.poll(() => journal.last().catch(() => undefined)).toMatchObject({ seq: 53 });
    expect(texts(await read(journal, 1, 53))).toEqual(range(1, 53));
  });

  it('fails reads with an error that may be tried again', async () => {
    await own.kill();
    for (const work of [journal.last(), journal.firstFrom(1), read(journal, 1, 3)]) {
      const e = await work.catch((error: unknown) => error);
      expect(e).toBeInstanceOf(Error);
      expect(e).not.toBeInstanceOf(ShardStopped);
    }
  });

  it('ends a read that it breaks off, or goes on with it; it may be read on', async () => {
    await fill(journal, 1_500, 3);
    const seen: string[] = [];
    for (let next = 1; next <= 1_503; ) {
      try {
        for await (const stored of journal.read(next, 1_503)) {
          seen.push(...(texts([stored]) as string[]));
          next = stored.seq + 1;
          if (next === 700) await own.kill().then(() => own.restart());
        }
      } catch (e) {
        expect(e).not.toBeInstanceOf(ShardStopped);
      }
    }
    expect(seen).toEqual(range(1, 1_503));
  });

  it('is the same when the connection is closed for good', async () => {
    const nats = await own.connect();
    const other = await JetStreamJournal.open(nats, 't', 0);
    await nats.close();
    expect((await append(other, 'record 4', 3)).kind).toBe('unknown');
    await expect(other.last()).rejects.toThrow();
    await expect(read(other, 1, 3)).rejects.toThrow();
  });
});
