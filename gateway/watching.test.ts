import { beforeEach, describe, expect, it } from 'vitest';
import {
  type ActorKey,
  actorKey,
  type OwnerId,
  type SkuId,
  type WarehouseId,
} from '../actors/ids.ts';
import type { Change } from '../actors/stock/stockroom.ts';
import { Watchers } from '../engine/watch.ts';
import type { Identity } from './auth.ts';
import { type Target, Watching } from './watching.ts';

const WHO: Identity = {
  client: 'dock',
  owners: ['demo', 'other'],
  warehouses: ['W1', 'W2'],
  roles: ['viewer'],
  expiresAtMs: Number.POSITIVE_INFINITY,
};
const DEFAULTS = { owner: 'demo', warehouse: 'W1' };

let watchers: Watchers;
let told: string[];

beforeEach(() => {
  watchers = new Watchers();
  told = [];
});

const watchingOf = (who: Partial<Identity> = {}): Watching =>
  new Watching(watchers, { ...WHO, ...who }, (p) =>
    told.push(`${p.owner}/${p.sku}@${p.warehouse} ${p.seq}`),
  );
const key = (owner: string, sku: string, warehouse: string): ActorKey =>
  actorKey(owner as OwnerId, sku as SkuId, warehouse as WarehouseId);
const change = (of: ActorKey, seq: number): Change =>
  ({ key: of, seq, after: [0, 0, 0, 0, 0, 0, 0] }) as unknown as Change;

function set(watching: Watching, op: string, fields: object, most = 10): number | string {
  const target = watching.target({ op, ...fields }, DEFAULTS);
  if ('ok' in target) return `${target.code} ${target.detail.split(':')[0]}`.trim();
  const done = watching.set(target as Target, op === 'watch', most);
  return done.ok ? done.watching : done.code;
}

describe('a watch', () => {
  it('of one SKU hears of that one only, the last of each turn', () => {
    const watching = watchingOf();
    expect(set(watching, 'watch', { sku: 'A' })).toBe(1);
    const [a, b] = [key('demo', 'A', 'W1'), key('demo', 'B', 'W1')];
    watchers.tell([change(a, 1), change(b, 1), change(a, 2), change(key('demo', 'A', 'W2'), 7)]);
    expect(told).toEqual(['demo/A@W1 2']);
  });

  it('of a warehouse hears of every owner that the token covers', () => {
    expect(set(watchingOf(), 'watch', { warehouse: 'W2' })).toBe(1);
    for (const owner of ['demo', 'other', 'foreign']) {
      watchers.tell([change(key(owner, 'A', 'W2'), 1), change(key(owner, 'A', 'W1'), 1)]);
    }
    expect(told).toEqual(['demo/A@W2 1', 'other/A@W2 1']);
  });

  it('of a warehouse and an owner hears of that owner only', () => {
    expect(set(watchingOf(), 'watch', { warehouse: 'W2', owner: 'other' })).toBe(1);
    watchers.tell([change(key('demo', 'A', 'W2'), 1), change(key('other', 'A', 'W2'), 1)]);
    expect(told).toEqual(['other/A@W2 1']);
  });

  it('of the same name is one watch, and unwatch ends it', () => {
    const watching = watchingOf();
    expect(set(watching, 'watch', { sku: 'A' })).toBe(1);
    expect(set(watching, 'watch', { sku: 'A', owner: 'demo' })).toBe(1);
    watchers.tell([change(key('demo', 'A', 'W1'), 1)]);
    expect(told).toHaveLength(1);
    expect(set(watching, 'unwatch', { sku: 'A' })).toBe(0);
    expect(set(watching, 'unwatch', { sku: 'A' })).toBe(0);
    watchers.tell([change(key('demo', 'A', 'W1'), 2)]);
    expect(told).toHaveLength(1);
  });

  it('ends with its connection', () => {
    const watching = watchingOf();
    set(watching, 'watch', { sku: 'A' });
    set(watching, 'watch', {});
    watching.end();
    watchers.tell([change(key('demo', 'A', 'W1'), 1)]);
    expect(told).toEqual([]);
  });

  it('has a most; what is watched already may be said again', () => {
    const watching = watchingOf();
    expect(['A', 'B', 'C'].map((sku) => set(watching, 'watch', { sku }, 2))).toEqual([
      ...[1, 2],
      'too_large',
    ]);
    expect(set(watching, 'watch', { sku: 'A' }, 2)).toBe(2);
  });

  it.each([
    [{ sku: 7 }, 'bad_field sku'],
    [{ sku: 'A', owner: 7 }, 'bad_field owner'],
    [{ owner: 7 }, 'bad_field owner'],
    [{ warehouse: 'no such' }, 'bad_field warehouse'],
    [{ sku: 'A', owner: 'foreign' }, 'forbidden owner foreign'],
    [{ owner: 'foreign' }, 'forbidden owner foreign'],
    [{ warehouse: 'W3' }, 'forbidden warehouse W3'],
    [{ sku: 'A', warehouse: 'W3' }, 'forbidden warehouse W3'],
  ])('with %j is refused: %s', (fields, said) => {
    expect(set(watchingOf(), 'watch', fields)).toBe(said);
    expect(set(watchingOf(), 'unwatch', fields)).toBe(said);
  });

  it('S8 without a role is forbidden, but what is malformed is told first', () => {
    const nobody = watchingOf({ roles: [] });
    expect(set(nobody, 'watch', { sku: 'A' })).toBe('forbidden op watch');
    expect(set(nobody, 'watch', { sku: 7 })).toBe('bad_field sku');
  });
});
