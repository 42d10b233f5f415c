import { mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { runNetworkAdapterTests } from '@automerge/automerge-repo/helpers/tests/network-adapter-tests.js';
import { runStorageAdapterTests } from '@automerge/automerge-repo/helpers/tests/storage-adapter-tests.js';
import { afterEach, describe, expect, it, vi } from 'vitest';
import { RuleFiles } from '../../rules/files.ts';
import { WireAdapter } from '../../rules/sync/adapter.ts';
import { LossyNet } from '../rules/lossy-wire.ts';

const ended: (() => Promise<unknown>)[] = [];
afterEach(async () => {
  for (const end of ended.splice(0)) await end();
});

async function open(dir?: string) {
  const at = dir ?? (await mkdtemp(join(tmpdir(), 'rule-files-')));
  const [onDamaged, onTrouble] = [vi.fn(), vi.fn()];
  const files = await RuleFiles.open({ dir: at, onDamaged, onTrouble });
  const teardown = () => rm(at, { recursive: true, force: true });
  if (dir === undefined) ended.push(teardown);
  return { adapter: files, teardown: () => void teardown(), dir: at, onDamaged, onTrouble };
}
const DATA = new Uint8Array([1, 2, 3]);
const chunksIn = async (dir: string): Promise<string[]> =>
  (await readdir(dir, { recursive: true })).filter((file) => file.endsWith('.chunk')).sort();

runStorageAdapterTests(open, 'RuleFiles');

runNetworkAdapterTests(async () => {
  const net = new LossyNet();
  const adapters = ['a', 'b', 'c'].map(
    (node) =>
      new WireAdapter({
        ...{ wire: net.wireOf(node), helloMs: 20, silentMs: 1_000 },
        ...{ ownerOf: () => 'demo', prepare: () => Promise.resolve(true), onTrouble: vi.fn() },
      }),
  );
  const teardown = () => {
    for (const adapter of adapters) adapter.disconnect();
  };
  return { adapters: adapters as [WireAdapter, WireAdapter, WireAdapter], teardown };
}, 'WireAdapter');

describe('P3 RuleFiles', () => {
  it('sets a damaged chunk aside, says which, and has all others', async () => {
    const { adapter, dir, onDamaged } = await open();
    await adapter.save(['doc', 'snapshot', 'a'], DATA);
    await adapter.save(['doc', 'incremental', 'b'], DATA);
    await adapter.save(['doc', 'incremental', 'c'], DATA);
    const [first, second] = (await chunksIn(dir)) as [string, string, string];
    await writeFile(join(dir, first), 'HF');
    const bytes = await readFile(join(dir, second));
    bytes[bytes.length - 1] = 9;
    await writeFile(join(dir, second), bytes);
    expect(await adapter.loadRange(['doc'])).toEqual([
      { key: ['doc', 'snapshot', 'a'], data: DATA },
    ]);
    expect(onDamaged.mock.calls.map(([path]) => path)).toEqual(
      [first, second].map((file) => `${join(dir, file)}.damaged`),
    );
    expect(await adapter.load(['doc', 'incremental', 'b'])).toBeUndefined();
  });

  it('finds after a crash what it had saved, and nothing half written', async () => {
    const { adapter, dir } = await open();
    await adapter.save(['doc', 'snapshot', 'a'], DATA);
    await writeFile(join(dir, 'doc', 'snapshot', 'b.chunk.7.tmp'), 'half');
    const again = await open(dir);
    expect(await again.adapter.load(['doc', 'snapshot', 'a'])).toEqual(DATA);
    expect(await readdir(join(dir, 'doc', 'snapshot'))).toEqual(['a.chunk']);
    expect(await again.adapter.names()).toEqual(['doc']);
  });

  it('tries again until the disk takes it, and says so meanwhile', async () => {
    const { adapter, dir, onTrouble } = await open();
    await writeFile(join(dir, 'doc'), 'a file where a folder has to be');
    const saved = adapter.save(['doc', 'snapshot', 'a'], DATA);
    await vi.waitFor(() => expect(onTrouble).toHaveBeenCalled());
    await rm(join(dir, 'doc'));
    await saved;
    expect(await adapter.load(['doc', 'snapshot', 'a'])).toEqual(DATA);
  });

  it('gives chunks in the order of their saves, however fast these follow each other', async () => {
    const { adapter } = await open();
    const names = Array.from({ length: 50 }, (_, n) => `${99 - n}`);
    await Promise.all(names.map((name) => adapter.save(['doc', 'incremental', name], DATA)));
    const found = await adapter.loadRange(['doc']);
    expect(found.map(({ key }) => key[2])).toEqual(names);
  });

  it('takes any name for a key', async () => {
    const { adapter } = await open();
    const key = ['a/b', '..', 'ü %'];
    await adapter.save(key, DATA);
    expect(await adapter.load(key)).toEqual(DATA);
    expect(await adapter.loadRange(['a/b'])).toEqual([{ key, data: DATA }]);
  });
});
