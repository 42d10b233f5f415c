import { mkdir, mkdtemp, readdir, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { jetstreamManager } from '@nats-io/jetstream';
import type { NatsConnection } from '@nats-io/transport-node';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { FileSnapshots } from '../../engine/snapshots/file.ts';
import { MemorySnapshots } from '../../engine/snapshots/memory.ts';
import { ObjectSnapshots } from '../../engine/snapshots/object.ts';
import type { SnapshotStore } from '../../engine/snapshots/store.ts';
import { type NatsServer, startNats } from '../support/nats.ts';

let folder: string;
let server: NatsServer;
let nats: NatsConnection;
let made = 0;

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'holdfast-snapshots-'));
  server = await startNats();
  nats = await server.connect();
});
afterAll(async () => {
  await server.stop();
  await rm(folder, { recursive: true });
});

const newDir = (): string => join(folder, 'not', 'there', 'yet', String(++made));
const pieces = (count: number, size: number): Uint8Array[] =>
  Array.from({ length: count }, (_, i) => new Uint8Array(size).map((_, j) => i * 7 + j));

async function store(into: SnapshotStore, name: string, parts = pieces(3, 10)): Promise<void> {
  const writer = await into.create(name);
  for (const part of parts) await writer.write(part);
  await writer.finish();
}

async function contents(of: SnapshotStore, name: string): Promise<Buffer> {
  const parts: Uint8Array[] = [];
  for await (const part of of.read(name)) parts.push(part);
  return Buffer.concat(parts);
}

describe.each<[string, () => Promise<SnapshotStore>]>([
  ['MemorySnapshots', () => Promise.resolve(new MemorySnapshots())],
  ['FileSnapshots', () => FileSnapshots.open(newDir())],
  ['ObjectSnapshots', () => ObjectSnapshots.open(nats, 't', ++made)],
])('C3 %s', (_, open) => {
  let snapshots: SnapshotStore;
  beforeEach(async () => {
    snapshots = await open();
  });

  it('hold none at first', async () => {
    expect(await snapshots.list()).toEqual([]);
  });

  it.each([
    ['small', pieces(3, 10)],
    ['empty', []],
    ['of one byte', pieces(1, 1)],
    ['of many pieces', pieces(500, 1_000)],
    ['larger than what a message may hold', pieces(3, 1_500_000)],
  ])('give back what was stored: %s', async (_, parts) => {
    await store(snapshots, 'one', parts);
    expect(Buffer.compare(await contents(snapshots, 'one'), Buffer.concat(parts))).toBe(0);
  });

  it('are listed by name, so that the newest is last', async () => {
    for (const name of ['00020-b', '00003-z', '00020-a']) await store(snapshots, name);
    expect(await snapshots.list()).toEqual(['00003-z', '00020-a', '00020-b']);
  });

  it('are not listed before they are finished', async () => {
    await store(snapshots, 'one');
    const writer = await snapshots.create('two');
    for (const piece of pieces(3, 200_000)) await writer.write(piece);
    expect(await snapshots.list()).toEqual(['one']);
    await writer.finish();
    expect(await snapshots.list()).toEqual(['one', 'two']);
  });

  it('leave nothing of one that was given up', async () => {
    const writer = await snapshots.create('one');
    for (const piece of pieces(3, 200_000)) await writer.write(piece);
    await writer.abort();
    expect(await snapshots.list()).toEqual([]);
    await expect(contents(snapshots, 'one')).rejects.toThrow();
    await store(snapshots, 'one');
    expect(await snapshots.list()).toEqual(['one']);
  });

  it('leave nothing of one that was given up before its first byte', async () => {
    await (await snapshots.create('one')).abort();
    expect(await snapshots.list()).toEqual([]);
  });

  it('keep what they were given, whatever becomes of the bytes', async () => {
    const bytes = Uint8Array.of(1, 2, 3);
    const writer = await snapshots.create('one');
    await writer.write(bytes);
    bytes.fill(0);
    await writer.finish();
    expect([...(await contents(snapshots, 'one'))]).toEqual([1, 2, 3]);
  });

  it('are removed one by one, and it is no error if there is none', async () => {
    for (const name of ['one', 'two']) await store(snapshots, name);
    await snapshots.remove('one');
    await snapshots.remove('one');
    await snapshots.remove('never');
    expect(await snapshots.list()).toEqual(['two']);
    await expect(contents(snapshots, 'one')).rejects.toThrow();
    expect(await contents(snapshots, 'two')).toHaveLength(30);
  });

  it('throw at a name that is not there', async () => {
    await expect(contents(snapshots, 'never')).rejects.toThrow();
  });
});

describe('C3 FileSnapshots', () => {
  it('are there again when they are opened again', async () => {
    const dir = newDir();
    await store(await FileSnapshots.open(dir), 'one');
    const again = await FileSnapshots.open(dir);
    expect([await again.list(), await contents(again, 'one')]).toEqual([
      ['one'],
      Buffer.concat(pieces(3, 10)),
    ]);
  });

  it('are cleared of what a crash left half written, and of nothing else', async () => {
    const dir = newDir();
    await store(await FileSnapshots.open(dir), 'one');
    const crashed = await (await FileSnapshots.open(dir)).create('two');
    await crashed.write(Uint8Array.of(1));
    await mkdir(join(dir, 'kept'));
    await writeFile(join(dir, 'notes.txt'), 'an operator was here');
    const again = await FileSnapshots.open(dir);
    expect(await again.list()).toEqual(['one']);
    expect((await readdir(dir)).sort()).toEqual(['kept', 'notes.txt', 'one.snap']);
    await crashed.abort();
  });

  it('tell who writes that it failed', async () => {
    const dir = newDir();
    const snapshots = await FileSnapshots.open(dir);
    const writer = await snapshots.create('one');
    await writer.write(Uint8Array.of(1));
    await rm(dir, { recursive: true });
    await expect(writer.finish()).rejects.toThrow();
    await expect(snapshots.create('two')).rejects.toThrow();
  });
});

describe('C3 ObjectSnapshots', () => {
  it('are there again when they are opened again', async () => {
    await store(await ObjectSnapshots.open(nats, 't', ++made), 'one');
    expect(await (await ObjectSnapshots.open(nats, 't', made)).list()).toEqual(['one']);
  });

  it('tell who writes that it failed, however much was still to be written', async () => {
    const snapshots = await ObjectSnapshots.open(nats, 't', ++made);
    const writer = await snapshots.create('one');
    await writer.write(new Uint8Array(1_000));
    await (await jetstreamManager(nats)).streams.delete(`OBJ_SNAP_t_${made}`);
    const rest = (async () => {
      for (let i = 0; i < 50; i++) await writer.write(new Uint8Array(200_000));
      await writer.finish();
    })();
    await expect(rest).rejects.toThrow();
    await writer.abort().catch(() => {}); // the bucket is gone
  });
});
