import fc from 'fast-check';
import { beforeEach, describe, expect, it } from 'vitest';
import {
  FakeClock,
  type Fault,
  FaultyJournal,
  recordsOf,
  START_MS,
} from '../test/support/engine.ts';
import { commit, type Fate } from './commit.ts';
import { ShardStopped } from './errors.ts';
import type { Stored } from './journal/journal.ts';
import { MemoryJournal } from './journal/memory.ts';
import { LIMITS } from './limits.ts';
import { GENESIS, type Head, type Sealed, seal } from './record.ts';

/** The record that follows `prev`; equal marks make equal records. */
const recordAfter = (prev: Head, mark: string): Sealed =>
  seal(0, prev, 1, START_MS, { kind: 'owner', node: mark, nonce: mark, lineage: 1, points: [] });

let clock: FakeClock;
let journal: MemoryJournal;
let link: FaultyJournal;
let mayPublish: boolean;
/** What is in the journal already, and the record that is to follow it. */
let before: Sealed[];
let ours: Sealed;

beforeEach(async () => {
  clock = new FakeClock();
  journal = new MemoryJournal();
  link = new FaultyJournal(journal);
  mayPublish = true;
  before = [];
  let head: Head = { epoch: 0, number: 0, hash: GENESIS, timeMs: 0 };
  for (let i = 0; i < 3; i++) {
    const record = recordAfter(head, `before ${i}`);
    await journal.append(record.bytes, record.hash, i);
    before.push(record);
    head = record.head;
  }
  ours = recordAfter(head, 'ours');
});

const commitOurs = (): Promise<Fate> =>
  clock.until(commit({ journal: link, clock, mayPublish: () => mayPublish }, ours, 3));

/** Another owner writes on: so many records of its own from where ours would be. */
async function another(records: number): Promise<Sealed[]> {
  let { head } = before[2] as Sealed;
  const written: Sealed[] = [];
  for (let i = 0; i < records; i++) {
    const record = recordAfter(head, `another ${i}`);
    await journal.append(record.bytes, record.hash, 3 + i);
    written.push(record);
    head = record.head;
  }
  return written;
}

const copies = async (of: Sealed): Promise<number> =>
  (await recordsOf(journal)).filter((r) => r.hash === of.hash).length;

const COMMITTED: Fate = { kind: 'committed', seq: 4 };

describe('C4 a commit', () => {
  it('is one append where nothing goes wrong', async () => {
    expect(await commitOurs()).toEqual(COMMITTED);
    expect([link.appends, await copies(ours)]).toEqual([1, 1]);
  });

  it.each<[string, Fault[]]>([
    ['its answer is lost', ['unheard']],
    ['it is lost on its way', ['dropped']],
    ['many are lost on their way', Array.from({ length: 20 }, () => 'dropped')],
    ['it is lost, then its answer is', ['dropped', 'unheard']],
    ['its answer is lost, then the retry is', ['unheard', 'dropped', 'dropped']],
    ['it is a duplicate, which it is', ['unheard', { kind: 'duplicate', seq: 4 }]],
    ['the journal ends where we thought, and yet says no', [{ kind: 'conflict', last: 3 }]],
  ])('is sent again, the same, until the fate is known: %s', async (_, faults) => {
    link.faults = faults;
    expect(await commitOurs()).toEqual(COMMITTED);
    expect(await copies(ours)).toBe(1);
  });

  it('is in the journal once and is known to be, whatever goes wrong, in whatever order', async () => {
    const fault = fc.constantFrom<Fault[]>(
      'none',
      'unheard',
      'dropped',
      { kind: 'duplicate', seq: 4 },
      { kind: 'conflict', last: 3 },
      { kind: 'conflict', last: 4 },
      { kind: 'conflict', last: 2 },
      { kind: 'unknown', why: '503' },
    );
    await fc.assert(
      fc.asyncProperty(
        fc.array(fault, { maxLength: 8, size: 'max' }),
        fc.nat(6),
        fc.nat(6),
        async (faults, failing, stale) => {
          journal = new MemoryJournal();
          for (const [i, r] of before.entries()) await journal.append(r.bytes, r.hash, i);
          link = new FaultyJournal(journal);
          link.faults = faults;
          [link.failingReads, link.staleReads] = [failing, stale];
          expect(await commitOurs()).toEqual(COMMITTED);
          expect(await copies(ours)).toBe(1);
        },
      ),
      { numRuns: 300 },
    );
  });

  it.each([1, 2, 5])('is lost when another wrote there first, %i records', async (records) => {
    await another(records);
    expect(await commitOurs()).toEqual({ kind: 'lost' });
    expect([link.appends, await copies(ours)]).toEqual([1, 0]);
  });

  it('is lost for good: what was still on its way is refused when it arrives', async () => {
    link.faults = ['delayed', 'delayed'];
    const fate = clock.until(commit({ journal: link, clock, mayPublish: () => true }, ours, 3));
    await another(1);
    expect(await fate).toEqual({ kind: 'lost' });
    expect(await link.deliver()).toEqual([
      { kind: 'conflict', last: 4 },
      { kind: 'conflict', last: 4 },
    ]);
    expect(await copies(ours)).toBe(0);
  });

  it('is committed when another wrote on after it', async () => {
    link.faults = ['unheard', 'dropped'];
    const fate = commit({ journal: link, clock, mayPublish: () => true }, ours, 3);
    await clock.advance(0);
    const next = recordAfter(ours.head, 'another');
    await journal.append(next.bytes, next.hash, 4);
    expect(await clock.until(fate)).toEqual(COMMITTED);
  });

  it('is deposed, fate unknown, when another wrote on and trimmed', async () => {
    await another(4);
    await journal.trim(6);
    expect(await commitOurs()).toEqual({ kind: 'deposed' });
  });

  it('asks again when a read is older than what was said', async () => {
    await another(1);
    link.staleReads = 3;
    expect(await commitOurs()).toEqual({ kind: 'lost' });
    expect(link.appends).toBe(4);
  });

  it('asks again when a read gives a record from before ours', async () => {
    const old = (await journal.firstFrom(2)) as Stored;
    let looks = 0;
    link.see = (stored) => (looks++ < 2 ? old : stored);
    await another(1);
    expect(await commitOurs()).toEqual({ kind: 'lost' });
    expect(looks).toBe(3);
  });

  it('asks again when a read fails', async () => {
    await another(1);
    link.failingReads = 5;
    expect(await commitOurs()).toEqual({ kind: 'lost' });
  });

  it('does not believe in a duplicate of which another record stands there', async () => {
    await another(1);
    link.faults = [{ kind: 'duplicate', seq: 4 }];
    await expect(commitOurs()).rejects.toThrow(
      /says that record 4 is at 4, but another record is there/,
    );
  });

  it('believes in a duplicate only when it has read it', async () => {
    link.faults = ['unheard', { kind: 'duplicate', seq: 4 }, { kind: 'duplicate', seq: 4 }];
    link.failingReads = 1;
    expect(await commitOurs()).toEqual(COMMITTED);
    expect(link.appends).toBe(3);
  });

  it('stops loudly at a record there that cannot be read', async () => {
    await another(1);
    link.see = (stored) => ({ ...stored, bytes: Uint8Array.of(1, 2, 3) });
    await expect(commitOurs()).rejects.toThrow(/journal record at 4 cannot be read/);
  });
});

describe('C4 a journal that went back', () => {
  const back = { kind: 'conflict', last: 2 } as const;

  it('is asked again for a while', async () => {
    link.faults = Array.from({ length: 30 }, () => back);
    expect(await commitOurs()).toEqual(COMMITTED);
  });

  it('stops the shard loudly when it says so for long', async () => {
    link.chance = () => back;
    const begun = clock.monoMs();
    const said = await commitOurs().catch((e: unknown) => e);
    expect(said).toBeInstanceOf(ShardStopped);
    expect(String(said)).toMatch(/went back: it ends at 2, we committed 3\. Its tail was lost/);
    expect(clock.monoMs() - begun).toBeGreaterThan(LIMITS.wentBackMs);
  });

  it('is forgiven when it has said otherwise meanwhile', async () => {
    let last = 2;
    link.chance = () => ({ kind: 'conflict', last });
    const fate = commit({ journal: link, clock, mayPublish: () => true }, ours, 3);
    for (let i = 0; i < 5; i++) {
      last = 2;
      await clock.advance(LIMITS.wentBackMs - 1_000);
      last = 3;
      await clock.advance(1_000);
    }
    link.chance = undefined;
    expect(await clock.until(fate)).toEqual(COMMITTED);
  });
});

describe('C2 a node that may not publish', () => {
  it('sends nothing', async () => {
    mayPublish = false;
    expect(await commitOurs()).toEqual({ kind: 'interrupted' });
    expect(link.appends).toBe(0);
  });

  it('sends nothing again; the fate is left to the next owner', async () => {
    link.chance = () => {
      mayPublish = false;
      return 'unheard';
    };
    expect(await commitOurs()).toEqual({ kind: 'interrupted' });
    expect([link.appends, await copies(ours)]).toEqual([1, 1]);
  });

  it('looks nothing up', async () => {
    await another(1);
    link.chance = () => {
      mayPublish = false;
      return 'none';
    };
    expect(await commitOurs()).toEqual({ kind: 'interrupted' });
  });
});
