import * as A from '@automerge/automerge';
import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { SkuId, WarehouseId } from '../actors/ids.ts';
import { ENTRY, NAMES } from '../test/rules/documents.ts';
import { collisionsOf, stretchesOf, tornIn } from './collisions.ts';
import { compile } from './compile.ts';
import {
  commit,
  documentIdOf,
  factsOf,
  genesisOf,
  historyOf,
  plainOf,
  type RulesDoc,
  versionOf,
} from './document.ts';
import { apply, type Json, type Op, opsOf, spelledOut, tryEdit } from './edit.ts';
import { settle } from './settle.ts';

type Doc = A.Doc<RulesDoc>;

const set = (path: string, value: Json): Op => ({ op: 'set', path, value });
const del = (path: string): Op => ({ op: 'delete', path });
const open = (): Doc => A.load(A.save(genesisOf('demo')));
const both = (a: Doc, b: Doc): Doc => A.merge(A.clone(a), b);

/** As a node does it: refused whole where it is invalid. */
function edit(doc: Doc, ops: Op[], who = 'ann'): Doc {
  const torn = tornIn(doc);
  const before = plainOf(doc);
  const { problems } = tryEdit(before, ops, torn);
  if (problems.length > 0) return doc;
  return commit(A.clone(doc), ops, torn, who, 1_000);
}
const planIn = (doc: Doc) => {
  const plain = plainOf(doc);
  return compile(plain, factsOf(plain), versionOf(doc));
};

const APP = set('channels/app', { name: 'App' });
const PC = set('channels/pc', { name: 'PC' });
const USUAL = set('allocations/usual', {
  ...{ skus: '*', warehouses: '*', kind: 'stock' },
  parts: { app: { percent: 50 }, pc: { percent: 50 } },
});

describe('the document of an owner', () => {
  it('begins with one change that is the same wherever it is made', () => {
    expect(A.getHeads(genesisOf('demo'))).toEqual([
      '92558a13507e0a66e2e99cda8eb3d60ce9842d7c23ba10b726087db32fe2875a',
    ]);
    expect(documentIdOf('demo')).toBe('2LJjVEjZah5jtRQbAydv3AKyyyJd');
    expect(documentIdOf('demo2')).not.toBe(documentIdOf('demo'));
    expect(settle(plainOf(genesisOf('demo'))).settled).toEqual([]);
  });

  it('says who changed what', () => {
    const doc = edit(edit(open(), [APP, PC], 'ann'), [del('channels/pc')], 'bob');
    expect(historyOf(doc)).toMatchObject([
      { who: 'ann', what: [APP, PC] },
      { who: 'bob', what: [del('channels/pc')] },
    ]);
  });
});

describe('what channels have sold', () => {
  it('counts only where it can be added up, also in rules that another version wrote', () => {
    const sales = { app: 3, pc: 1e300, web: -1, x: null };
    expect(factsOf({ sales })).toEqual({ sales: { app: 3 } });
  });
});

describe('P1 edits that did not know of each other', () => {
  const start = edit(open(), [APP, PC, USUAL]);

  it('are both there where they are of different fields of one rule', () => {
    const ann = edit(start, [set('allocations/usual/parts/app/order', 1)]);
    const bob = edit(start, [set('allocations/usual/priority', 5)]);
    const { rules, settled } = settle(plainOf(both(ann, bob)));
    expect(rules.allocations.usual).toMatchObject({ priority: 5, parts: { app: { order: 1 } } });
    expect([...settled, ...collisionsOf(both(ann, bob))]).toEqual([]);
  });

  it('are settled in sight where together they are invalid', () => {
    const ann = edit(start, [set('allocations/usual/parts', { app: { percent: 80 } })]);
    const bob = edit(start, [
      set('allocations/usual/parts/app/percent', 40),
      set('allocations/usual/parts/pc/percent', 60),
    ]);
    const merged = both(ann, bob);
    const told = [...settle(plainOf(merged)).settled, ...collisionsOf(merged)];
    expect(told.map(({ path }) => path)).toEqual([
      'allocations/usual/parts/app/percent',
      'allocations/usual/parts/pc/percent',
    ]);
  });

  it('of one value: one holds, and the other is told until somebody sets it again', () => {
    const ann = edit(start, [set('allocations/usual/parts/app/percent', 40)]);
    const bob = edit(start, [set('allocations/usual/parts/app/percent', 30)]);
    const [ab, ba] = [both(ann, bob), both(bob, ann)];
    const [told] = collisionsOf(ab);
    expect(collisionsOf(ba)).toEqual([told]);
    expect(told?.path).toBe('allocations/usual/parts/app/percent');
    expect(told?.what).toMatch(/40.*30|30.*40/);
    const holds = plainOf(ab);
    const percent = settle(holds).rules.allocations.usual?.parts['app' as WarehouseId]
      ?.percent as number;
    const again = edit(ab, [set('allocations/usual/parts/app/percent', percent)]);
    expect(collisionsOf(again)).toEqual([]);
  });

  it('of one new name: one rule holds whole, and the other is told', () => {
    const ann = edit(start, [set('channels/web', { name: 'Web' })]);
    const bob = edit(start, [set('channels/web', { name: 'Site', areas: { DE: true } })]);
    const merged = both(ann, bob);
    expect(collisionsOf(merged).map(({ path }) => path)).toEqual(['channels/web']);
    const again = edit(merged, [set('channels/web', { name: 'Web', areas: { DE: true } })]);
    expect(collisionsOf(again)).toEqual([]);
    expect(plainOf(again).channels).toMatchObject({ web: { name: 'Web', areas: { DE: true } } });
  });

  it('where one deletes what the other changes: it stays deleted, and the change is told', () => {
    const ann = edit(start, [del('allocations/usual')], 'ann');
    const bob = edit(start, [set('allocations/usual/parts/app/percent', 10)], 'bob');
    const merged = both(ann, bob);
    expect(collisionsOf(merged)).toMatchObject([
      {
        path: 'allocations/usual/parts/app/percent',
        what: 'was set by bob while ann deleted allocations/usual',
      },
    ]);
    expect(collisionsOf(edit(merged, [del('allocations/usual')]))).toEqual([]);
    expect(collisionsOf(edit(merged, [USUAL]))).toEqual([]);
    const other = { skus: '*', warehouses: '*', kind: 'stock', parts: { pc: { units: 1 } } };
    expect(collisionsOf(edit(merged, [set('allocations/usual', other)]))).toEqual([]);
    expect(collisionsOf(edit(merged, [del('channels/pc')], 'ann'))).toHaveLength(1);
  });

  it('are held against each other, and not against all that was ever edited', () => {
    const promotion = set('safety/once', { skus: '*', warehouses: '*', units: 1 });
    let doc = both(
      edit(start, [set('channels/web', { name: 'Web' })]),
      edit(start, [set('channels/shop', { name: 'Shop' })], 'bob'),
    );
    for (let i = 0; i < 20; i++) doc = edit(edit(doc, [promotion]), [del('safety/once')]);
    const ann = edit(edit(doc, [promotion], 'ann'), [del('safety/once')], 'ann');
    const bob = edit(doc, [set('allocations/usual/parts/app/percent', 10)], 'bob');
    const eve = edit(both(ann, bob), [promotion], 'eve');
    const lengths = stretchesOf(historyOf(eve)).map(({ length }) => length);
    expect(lengths.reduce((sum, one) => sum + one, 0)).toBe(historyOf(eve).length);
    // Those of both forks, and no others.
    expect(lengths.filter((one) => one > 1)).toEqual([3, 4]);
    // While nobody has merged, it is not over.
    expect(stretchesOf(historyOf(both(ann, bob))).at(-1)).toHaveLength(3);
  });

  it('where one deletes a channel that the other gives a part', () => {
    const bare = edit(open(), [APP, PC]);
    const ann = edit(bare, [del('channels/pc')]);
    const bob = edit(bare, [USUAL]);
    const { rules, settled } = settle(plainOf(both(ann, bob)));
    expect(rules.allocations.usual?.parts).toEqual({ app: { percent: 50 } });
    expect(settled.map(({ path }) => path)).toEqual(['allocations/usual/parts/pc']);
  });

  const name = fc.constantFrom(...NAMES);
  const op: fc.Arbitrary<Op> = fc.oneof(
    ...Object.entries(ENTRY).map(([section, entry]) =>
      fc.tuple(name, entry).map(([id, value]) => set(`${section}/${id}`, value as Json)),
    ),
    fc
      .tuple(fc.constantFrom('channels', 'allocations', 'warehouses'), name)
      .map(([section, id]) => del(`${section}/${id}`)),
    fc
      .tuple(name, name, fc.integer({ min: 1, max: 100 }))
      .map(([id, channel, percent]) => set(`allocations/${id}/parts/${channel}`, { percent })),
    fc.tuple(name, fc.nat(100)).map(([channel, units]) => set(`sales/${channel}`, units)),
  );
  const step = fc.oneof(
    {
      weight: 4,
      arbitrary: fc.record({ at: fc.nat(2), ops: fc.array(op, { minLength: 1, maxLength: 2 }) }),
    },
    { weight: 1, arbitrary: fc.record({ at: fc.nat(2), from: fc.nat(2) }) },
  );

  it('on three replicas, merged in any order, give the same rules, the same settlement and the same plan', () => {
    const channels = Object.fromEntries(NAMES.map((one) => [one, { name: one }]));
    const start = edit(open(), [set('channels', channels)]);
    fc.assert(
      fc.property(
        fc.array(step, { maxLength: 25 }),
        fc.integer({ min: 0, max: 5 }),
        (steps, order) => {
          const replicas = [start, start, start].map((doc) => A.clone(doc));
          for (const one of steps) {
            const here = replicas[one.at] as Doc;
            replicas[one.at] =
              'ops' in one ? edit(here, one.ops) : both(here, replicas[one.from] as Doc);
          }
          const [a, b, c] = replicas as [Doc, Doc, Doc];
          const first = both(both(a, b), c);
          const orders: [Doc, Doc, Doc][] = [
            [a, c, b],
            [b, a, c],
            [b, c, a],
            [c, a, b],
            [c, b, a],
            [a, b, c],
          ];
          const [x, y, z] = orders[order] as [Doc, Doc, Doc];
          const other = both(x, both(y, z));
          expect(settle(plainOf(other))).toEqual(settle(plainOf(first)));
          expect(collisionsOf(other)).toEqual(collisionsOf(first));
          expect(historyOf(other)).toEqual(historyOf(first));
          const [one, two] = [planIn(first), planIn(other)];
          expect(two.version).toBe(one.version);
          for (const warehouse of NAMES as WarehouseId[]) {
            const sku = NAMES[0] as SkuId;
            expect(two.planOf(sku, warehouse)).toEqual(one.planOf(sku, warehouse));
            for (const channel of [undefined, ...NAMES]) {
              const pools = one.poolsOf(channel, sku, warehouse, 10 * 3_600_000);
              expect(two.poolsOf(channel, sku, warehouse, 10 * 3_600_000)).toEqual(pools);
            }
          }
        },
      ),
      { numRuns: 60 },
    );
  });
});

describe('P3 an edit', () => {
  const document = plainOf(edit(open(), [APP, PC, USUAL]));
  const refused = (...ops: Op[]) =>
    tryEdit(document, ops).problems.map(({ path, what }) => `${path} ${what}`);

  it.each([
    [
      [set('allocations/usual/parts/app/percent', 60)],
      'allocations/usual/parts are 110 % together',
    ],
    [[del('channels/pc')], 'allocations/usual/parts/pc names a channel that is not there'],
    [[set('channels/x', { nam: 'X' })], 'channels/x/name is missing'],
    [[set('colours/x', 1)], 'colours/x is no part of the rules'],
    [[set('owner', 'other')], 'owner is no part of the rules'],
    [[del('channels/none')], 'channels/none is not there'],
    [[del('routing/weights')], 'routing/weights cannot be deleted'],
    [[set('channels', [])], 'channels has to be a map'],
    [[set('channels/__proto__', { name: 'X' })], 'channels/__proto__ has a name that cannot be'],
    [
      [set('channels/x', JSON.parse('{"__proto__":{}}') as Json)],
      'channels/x has a name that cannot be',
    ],
    [[set('sales/app', -1)], 'sales/app has to be a number of units'],
    [[set('sales/app', 1e300)], 'sales/app has to be a number of units'],
    [[set('routing/weights/cost', 'much')], 'routing/weights/cost is not as it should be'],
  ])('that is invalid by itself is refused whole: %j', (ops, beginning) => {
    const [first] = refused(...ops, APP);
    expect(first?.startsWith(beginning), first).toBe(true);
  });

  it('may be of several steps, none of which would be valid alone', () => {
    expect(refused(del('allocations/usual'), del('channels/pc'))).toEqual([]);
    expect(
      refused(
        ...opsOf({ channels: { pc: null }, allocations: { usual: { parts: { pc: null } } } }),
      ),
    ).toEqual([]);
  });

  it('of rules that a merge left invalid is refused only for what it adds', () => {
    const torn = structuredClone(document);
    apply(torn, [set('allocations/usual/parts/app/percent', 90)]);
    expect(tryEdit(torn, [set('channels/app/name', 'The app')]).problems).toEqual([]);
    expect(tryEdit(torn, [set('allocations/usual/parts/app/percent', 95)]).problems).toHaveLength(
      1,
    );
  });

  it('that would make the rules too long is refused', () => {
    const skus = Object.fromEntries(
      Array.from({ length: 9_999 }, (_, i) => [`x${i}`.padEnd(60, '-'), true]),
    );
    const rule = { skus, warehouses: '*', units: 1 } as Json;
    const rules = ['a', 'b', 'c'].map((id) => set(`safety/${id}`, rule));
    expect(refused(...rules)).toEqual([' the rules would be longer than 2000000 characters']);
    expect(refused(rules[0] as Op)).toEqual([]);
    // Two regions may have added what is too long together: then it can be made shorter, step by step, and no longer.
    const merged = structuredClone(document);
    apply(merged, [...rules, set('safety/d', rule)]);
    expect(tryEdit(merged, [del('safety/d')]).problems).toEqual([]);
    expect(tryEdit(merged, [set('channels/app/name', 'The very app')]).problems).toHaveLength(1);
  });

  it('changes no more than it says', () => {
    const doc = edit(open(), [APP, PC, USUAL]);
    const same = edit(doc, [USUAL]);
    expect(plainOf(same)).toEqual(plainOf(doc));
    const spelled = spelledOut(document, [set('channels', { app: { name: 'App' } })]);
    expect(spelled).toEqual([APP, del('channels/pc')]);
  });
});
