import { randomBytes } from 'node:crypto';
import { mkdtemp, readdir, rename, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import * as A from '@automerge/automerge';
import { afterEach, describe, expect, it, vi } from 'vitest';
import type { OwnerId, SkuId, WarehouseId } from '../actors/ids.ts';
import { LossyNet } from '../test/rules/lossy-wire.ts';
import { planOf, standingOf } from './compile.ts';
import { commit, documentIdOf, genesisOf, type RulesDoc } from './document.ts';
import type { Json, Op } from './edit.ts';
import { RuleFiles } from './files.ts';
import { RulesStore } from './store.ts';

const DEMO = 'demo' as OwnerId;
const set = (path: string, value: Json): Op => ({ op: 'set', path, value });
const channel = (id: string, name = id): Op => set(`channels/${id}`, { name });
const ended: (() => Promise<unknown>)[] = [];
afterEach(async () => {
  for (const end of ended.splice(0).reverse()) await end();
});

const planIn = (store: RulesStore) => planOf(store.standingOf(DEMO) ?? standingOf({}));

async function folder(): Promise<string> {
  const dir = await mkdtemp(join(tmpdir(), 'rules-'));
  ended.push(() => rm(dir, { recursive: true }));
  return dir;
}

/** Says hello often: each test has to see nodes come and go. */
const HELLO_MS = 50;

async function open(net: LossyNet, node: string, dir?: string) {
  const log = { warn: vi.fn(), error: vi.fn() };
  const wire = net.wireOf(node);
  const at = dir ?? (await folder());
  const store = await RulesStore.open({ dir: at, node, wire, log, helloMs: HELLO_MS });
  ended.push(() => store.close());
  return Object.assign(store, { log, dir: at });
}

const isSame = (stores: readonly RulesStore[], owner = DEMO): void => {
  const [first, ...others] = stores.map((store) => store.show(owner));
  for (const other of others) expect(other).toEqual(first);
};
const agree = (stores: readonly RulesStore[], owner = DEMO) =>
  vi.waitFor(() => isSame(stores, owner), { timeout: 20_000, interval: 10 });

describe('P1 stores of rules', () => {
  it('tell each other of every change, and of owners that only one has heard of', async () => {
    const net = new LossyNet();
    const [a, b, c] = [await open(net, 'a'), await open(net, 'b'), await open(net, 'c')];
    const heard = vi.fn();
    b.onChange(heard);
    await a.edit(DEMO, [channel('app')], 'ann', 0);
    await agree([a, b, c]);
    await vi.waitFor(() => expect(Object.keys(planIn(b).channels)).toEqual(['app']));
    expect(heard).toHaveBeenCalledWith(DEMO, b.standingOf(DEMO));
    expect(c.owners).toEqual([DEMO]);
    expect(c.history(DEMO)).toMatchObject([{ who: 'ann', what: [channel('app')] }]);
  });

  it('that were cut off from each other from the beginning have one document, and both edits', async () => {
    const net = new LossyNet();
    net.cut('a');
    const [a, b] = [await open(net, 'a'), await open(net, 'b')];
    await a.edit(DEMO, [channel('app')], 'ann', 0);
    await b.edit(DEMO, [channel('pc')], 'bob', 0);
    net.heal();
    await vi.waitFor(() => {
      isSame([a, b]);
      expect(Object.keys(planIn(a).channels)).toEqual(['app', 'pc']);
    });
  });

  it('tell what met in one place, the same at both', async () => {
    const net = new LossyNet();
    const [a, b] = [await open(net, 'a'), await open(net, 'b')];
    const goods = { skus: '*', warehouses: '*', kind: 'stock' };
    const rule = { ...goods, parts: { app: { percent: 50 }, pc: { percent: 10 } } };
    await a.edit(DEMO, [channel('app'), channel('pc'), set('allocations/x', rule)], 'ann', 0);
    await agree([a, b]);
    net.cut('a');
    await a.edit(DEMO, [set('allocations/x/parts/app/percent', 90)], 'ann', 0);
    await b.edit(DEMO, [set('allocations/x/parts/pc/percent', 50)], 'bob', 0);
    net.heal();
    await vi.waitFor(() => {
      isSame([a, b]);
      expect(a.show(DEMO).settled).toMatchObject([
        { path: 'allocations/x/parts', what: 'are 140 % together' },
      ]);
    });
    const plan = planIn(b).planOf('MUG' as SkuId, 'W1' as WarehouseId);
    expect(plan.pools.map(({ part }) => part)).toEqual([
      { percent: 64.2857 },
      { percent: 35.7143 },
    ]);
  });

  it('agree at last though messages are lost, come twice and overtake each other, and nodes are cut off', async () => {
    const net = new LossyNet();
    const names = ['a', 'b', 'c'];
    const stores = await Promise.all(names.map((name) => open(net, name)));
    let n = 0;
    net.fate = () => {
      n++;
      if (n % 3 === 0) return [];
      return n % 7 === 0 ? [0, 15] : [n % 5 === 0 ? 12 : 1];
    };
    for (let i = 0; i < 40; i++) {
      const at = stores[i % 3] as RulesStore;
      expect(await at.edit(DEMO, [channel(`c${i % 10}`, `name ${i}`)], 'ann', i)).toMatchObject({
        ok: true,
      });
      if (i % 13 === 5) net.cut(names[i % 3] as string);
    }
    net.heal();
    await agree(stores);
    for (const store of stores) expect(store.history(DEMO)).toHaveLength(40);
  });

  it('carry rules that are larger than a message may be', async () => {
    const net = new LossyNet();
    const a = await open(net, 'a');
    const names = Array.from({ length: 8_000 }, () => randomBytes(40).toString('base64url'));
    const skus = Object.fromEntries(names.map((name) => [name, true]));
    const rule = { skus, warehouses: '*', units: 1 } as unknown as Json;
    await a.edit(DEMO, [set('safety/many', rule)], 'ann', 0);
    const b = await open(net, 'b');
    const { version } = planIn(a);
    await vi.waitFor(() => expect(planIn(b).version).toBe(version), { timeout: 20_000 });
    expect(b.show(DEMO).document.safety).toEqual(a.show(DEMO).document.safety);
  });
});

describe('a store of rules', () => {
  it('P3 has after a restart what it said that it had done', async () => {
    const net = new LossyNet();
    const first = await open(net, 'a');
    const done = await first.edit(DEMO, [channel('app')], 'ann', 5_000);
    // As in a crash: nothing of it is closed.
    const again = await open(new LossyNet(), 'a', first.dir);
    expect(again.show(DEMO)).toEqual(first.show(DEMO));
    expect(done).toEqual({ ok: true, version: planIn(again).version });
    expect(again.history(DEMO)).toMatchObject([{ who: 'ann', atMs: 5_000 }]);
  });

  it('P3 refuses an edit that is invalid by itself whole, and nothing is left of it', async () => {
    const store = await open(new LossyNet(), 'a');
    const ops = [channel('app'), set('channels/pc', { colour: 'red' })];
    const told = await store.edit(DEMO, ops, 'ann', 0);
    expect(told).toMatchObject({ ok: false, problems: [{ path: 'channels/pc/name' }, {}] });
    expect(store.show(DEMO).document.channels).toEqual({});
    expect(store.check(DEMO, ops)).toEqual((told as { problems: unknown }).problems);
  });

  it('P3 has nothing of an owner whose only edit it refused', async () => {
    const net = new LossyNet();
    const [a, b] = [await open(net, 'a'), await open(net, 'b')];
    const told = await a.edit('demoo' as OwnerId, [{ op: 'delete', path: 'channels/app' }], 'x', 0);
    expect(told).toMatchObject({ ok: false, problems: [{ path: 'channels/app' }] });
    await a.edit(DEMO, [channel('app')], 'ann', 0);
    await agree([a, b]);
    expect([a.owners, b.owners]).toEqual([[DEMO], [DEMO]]);
    expect(await readdir(a.dir)).not.toContain(documentIdOf('demoo'));
  });

  it('P3 whose disk takes nothing can be closed, and has said nothing of what is not on it', async () => {
    const store = await open(new LossyNet(), 'a');
    await store.edit(DEMO, [channel('app')], 'ann', 0);
    const document = join(store.dir, documentIdOf(DEMO));
    await rename(document, `${document}.away`);
    await writeFile(document, 'a file where a folder has to be');
    const said = vi.fn();
    void store.edit(DEMO, [channel('pc')], 'ann', 0).then(said, said);
    await vi.waitFor(() => expect(store.log.error).toHaveBeenCalled());
    await store.close();
    expect(said).not.toHaveBeenCalled();
    await rm(document);
    await rename(`${document}.away`, document);
    const again = await open(new LossyNet(), 'a', store.dir);
    expect(Object.keys(planIn(again).channels)).toEqual(['app']);
  });

  it('that cannot read the rules of one owner says so, hears of all others, and has them when it can', async () => {
    const net = new LossyNet();
    const other = 'other' as OwnerId;
    const b = await open(net, 'b');
    const folder = join(b.dir, documentIdOf(other));
    await writeFile(folder, 'a file where a folder has to be');
    const a = await open(net, 'a');
    await a.edit(other, [channel('app')], 'ann', 0);
    await vi.waitFor(() => expect(b.log.error).toHaveBeenCalled(), { timeout: 20_000 });
    await a.edit(DEMO, [channel('pc')], 'ann', 0);
    await agree([a, b]);
    expect(b.owners).toEqual([DEMO]);
    await rm(folder);
    await agree([a, b], other);
  });

  it('whose disk does not say whose rules these are says so, and has them as soon as somebody names the owner', async () => {
    const first = A.load<RulesDoc>(A.save(genesisOf(DEMO)));
    const later = commit(A.clone(first), [channel('app')], new Set(), 'ann', 0);
    const dir = await folder();
    const files = await RuleFiles.open({ dir, onDamaged: vi.fn(), onTrouble: vi.fn() });
    const change = A.saveSince(later, A.getHeads(first));
    await files.save([documentIdOf(DEMO), 'incremental', 'x'], change);
    const store = await open(new LossyNet(), 'a', dir);
    expect(store.log.warn).toHaveBeenCalledTimes(1);
    expect(await store.edit(DEMO, [set('channels/app/name', 'The app')], 'bob', 0)).toMatchObject({
      ok: true,
    });
    expect(store.show(DEMO).document.channels).toEqual({ app: { name: 'The app' } });
  });

  it('whose disk is damaged says so, and gets back from others what it lost', async () => {
    const net = new LossyNet();
    const a = await open(net, 'a');
    const b = await open(net, 'b');
    await a.edit(DEMO, [channel('app')], 'ann', 0);
    await a.edit(DEMO, [channel('pc')], 'ann', 0);
    await agree([a, b]);
    await a.close();
    const files = (await readdir(a.dir, { recursive: true })).filter((f) => f.endsWith('.chunk'));
    for (const file of files) await writeFile(join(a.dir, file), 'rust');
    const again = await open(net, 'a', a.dir);
    await agree([again, b]).catch(() => undefined);
    await b.edit(DEMO, [channel('web')], 'bob', 0);
    await agree([again, b]);
    expect(Object.keys(planIn(again).channels)).toEqual(['app', 'pc', 'web']);
    expect(again.log.error).toHaveBeenCalledTimes(files.length);
  });
});
