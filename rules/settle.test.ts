import { describe, expect, it } from 'vitest';
import { check, settle } from './settle.ts';

const CHANNELS = { app: { name: 'App' }, pc: { name: 'PC' } };
const USUAL = { skus: '*', warehouses: '*', kind: 'stock' };
const withParts = (parts: object, more: object = {}) => ({
  channels: CHANNELS,
  allocations: { usual: { ...USUAL, parts, ...more } },
});
const partsOf = (raw: unknown) => settle(raw).rules.allocations.usual?.parts;
const said = (raw: unknown) => check(raw).map(({ path, what }) => `${path} ${what}`);
const WINDOW = { from: '2026-11-27T12:00:00Z', until: '2026-11-27T10:00:00Z' };

describe('rules that are valid', () => {
  it('are left as they are', () => {
    const rules = withParts({ app: { percent: 60 }, pc: { percent: 40 } });
    expect(settle(rules)).toMatchObject({ rules, settled: [] });
    expect(settle(undefined)).toMatchObject({ settled: [] });
  });
});

describe('P2 what edits that were valid each for itself made invalid is settled:', () => {
  it('percents above 100 are scaled down in proportion', () => {
    const rules = withParts({ app: { percent: 90 }, pc: { percent: 60 } });
    expect(partsOf(rules)).toEqual({ app: { percent: 60 }, pc: { percent: 40 } });
    expect(settle(rules).settled).toEqual([
      {
        path: 'allocations/usual/parts',
        what: 'are 150 % together',
        todo: 'make them 100 % at most',
        done: 'they are scaled down in proportion',
      },
    ]);
  });

  it('more entries than a call has room for are each told', () => {
    const many = Object.fromEntries(Array.from({ length: 130_000 }, (_, i) => [`s${i}`, 0]));
    expect(check({ safety: many })).toHaveLength(130_000);
  });

  it('percents are scaled down to none that would be no percent', () => {
    const parts = { app: { percent: 100 }, pc: { percent: 0.0001 }, web: { percent: 100 } };
    const rules = { ...withParts(parts), channels: { ...CHANNELS, web: { name: 'Web' } } };
    expect(partsOf(rules)).toEqual({
      app: { percent: 49.9999 },
      pc: { percent: 0.0001 },
      web: { percent: 50 },
    });
    expect(check(settle(rules).rules)).toEqual([]);
  });

  it('the part of a channel that was deleted is shared, before percents are scaled', () => {
    const rules = withParts({ app: { percent: 90 }, gone: { percent: 60 } });
    expect(partsOf(rules)).toEqual({ app: { percent: 90 } });
    expect(said(rules)).toEqual(['allocations/usual/parts/gone names a channel that is not there']);
  });

  it('of a part that says two things, the surest holds', () => {
    const rules = withParts({ app: { percent: 50, units: 10 }, pc: { percent: 50, least: 5 } });
    expect(partsOf(rules)).toEqual({ app: { units: 10 }, pc: { least: 5 } });
    expect(said(rules)[0]).toBe('allocations/usual/parts/app has units and percent');
    expect(partsOf(withParts({ app: { order: 1 } }))).toEqual({});
  });

  it('a rule that names a warehouse that was deleted holds for the others', () => {
    const rules = withParts({ app: { percent: 50 } }, { warehouses: { W1: true } });
    expect(settle(rules).rules.allocations.usual?.warehouses).toEqual({});
    expect(said(rules)).toEqual([
      'allocations/usual/warehouses/W1 names a warehouse that is not there',
    ]);
  });

  it('a window that ends before it begins is off', () => {
    const rules = withParts({ app: { percent: 50 } }, { window: WINDOW });
    expect(settle(rules).rules.allocations).toEqual({});
    expect(said(rules)[0]).toMatch(/^allocations\/usual\/window ends .* before it begins/);
  });

  it('a cap all of whose channels were deleted is off, not open to all', () => {
    const spring = { skus: '*', warehouses: '*', units: 5, channels: { gone: true } };
    const { rules, settled } = settle({ channels: CHANNELS, presale: { spring } });
    expect(rules.presale).toEqual({});
    expect(settled.map(({ path }) => path)).toEqual([
      'presale/spring/channels/gone',
      'presale/spring/channels',
    ]);
  });

  it('a buffer of no warehouses keeps nothing back', () => {
    const rules = { buffers: { all: { skus: '*', warehouses: '*', units: 5 } } };
    expect(settle(rules).rules.buffers).toEqual({});
    expect(said(rules)).toEqual(['buffers/all is for none of the warehouses']);
  });

  it('weights that are all 0 are the usual ones', () => {
    const weights = { distance: 0, cost: 0, split: 0, capacity: 0, age: 0, promise: 0 };
    const rules = { routing: { weights, maxWarehouses: 2 } };
    expect(settle(rules).rules.routing).toMatchObject({ maxWarehouses: 2, weights: { split: 2 } });
    expect(said(rules)[0]).toMatch(/^routing\/weights are all 0/);
  });
});

describe('P2 an entry that is not as it should be is off, and says why:', () => {
  const one = (entry: object) => said({ channels: CHANNELS, allocations: { a: entry } });
  it.each([
    [{ ...USUAL, parts: {}, colour: 'red' }, 'allocations/a does not know colour'],
    [{ ...USUAL, parts: { app: { percent: 101 } } }, 'allocations/a/parts/app/percent has to be'],
    [{ ...USUAL, parts: { app: { percent: 0.00001 } } }, 'allocations/a/parts/app/percent has to'],
    [{ ...USUAL, parts: { app: { units: 1.5 } } }, 'allocations/a/parts/app/units has to be'],
    [{ ...USUAL, skus: ['A'], parts: {} }, 'allocations/a/skus has to be "*", or a set'],
    [{ ...USUAL, parts: {}, kind: 'gift' }, 'allocations/a/kind is not as it should be'],
    [
      { ...USUAL, parts: {}, window: { from: 'noon', until: 'x' } },
      'allocations/a/window/from has',
    ],
  ])('%j', (entry, beginning) => {
    expect(one(entry)[0]?.startsWith(beginning), one(entry)[0]).toBe(true);
    expect(settle({ allocations: { a: entry } }).rules.allocations).toEqual({});
  });

  it('names that pools need are taken', () => {
    for (const name of ['shared', 'promo-x', 'for-x', '-', 'a.b']) {
      expect(said({ channels: { [name]: { name: 'X' } } })).toHaveLength(1);
    }
  });

  it('names that every object has are names like others', () => {
    const rules = withParts({ constructor: { percent: 50 } });
    expect(said(rules)).toEqual([
      'allocations/usual/parts/constructor names a channel that is not there',
    ]);
  });

  it('a part that is none of the rules is told', () => {
    expect(said({ colours: {}, owner: 'demo' })).toEqual(['colours is no part of the rules']);
  });
});
