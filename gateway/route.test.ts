import { describe, expect, it } from 'vitest';
import type { OwnerId } from '../actors/ids.ts';
import { rulesOfSaid } from '../engine/routing/said.ts';
import type { Identity } from './auth.ts';
import { isRouted, parseRoute } from './route.ts';

const SHOP: Identity = {
  ...{ client: 'shop', owners: ['demo'], warehouses: ['eu-1'] },
  ...{ roles: ['shop'], expiresAtMs: Number.POSITIVE_INFINITY },
};
const RULES = rulesOfSaid({
  warehouses: { 'eu-1': { country: 'FR', lat: 48, lon: 2 } },
  areas: { 'FR-75': { lat: 48.86, lon: 2.34 } },
});
const parsed = (v: object, who = SHOP, rules: typeof RULES | null = RULES) =>
  parseRoute({ ...v }, who, 'demo', {
    channelsOf: () => ['app'],
    rulesOf: (owner: OwnerId) => (owner === 'demo' ? (rules ?? undefined) : undefined),
  });

const LINE = { sku: 'MUG', qty: 2 };
const SELL = { op: 'sell', order: 'SO-1', lines: [LINE], to: { area: 'FR-75' } };

describe('an order that is routed', () => {
  it('is one that says where it goes, or only asks', () => {
    expect(isRouted(SELL)).toBe(true);
    expect(isRouted({ op: 'route', lines: [] })).toBe(true);
    expect(isRouted({ op: 'sell', lines: [] })).toBe(false);
    expect(isRouted({ op: 'cancel', to: {} })).toBe(false);
    expect(isRouted([SELL])).toBe(false);
  });

  it('goes to the place of its area, and from warehouses that its token covers', () => {
    const ask = parsed(SELL);
    expect(ask).toMatchObject({ owner: 'demo', order: 'SO-1', ttlMs: 0, promiseByMs: 0 });
    if ('ok' in ask) throw new Error(ask.detail);
    expect(ask.to).toEqual({ place: { lat: 48.86, lon: 2.34 }, area: 'FR-75', country: '' });
    expect([ask.mayUse('eu-1'), ask.mayUse('us-1')]).toEqual([true, false]);
  });

  it('may go to a place, a country, or an area that nobody has placed where there are no rules', () => {
    expect(parsed({ ...SELL, to: { lat: 1, lon: 2, area: 'X' } })).toMatchObject({
      to: { place: { lat: 1, lon: 2 }, area: 'X' },
    });
    expect(parsed({ ...SELL, to: { country: 'FR' } })).toMatchObject({ to: { country: 'FR' } });
    expect(parsed({ ...SELL, owner: 'demo', to: { area: 'X' } }, SHOP, null)).toMatchObject({
      to: { place: undefined, area: 'X' },
    });
  });

  it.each([
    ['bad_field', { ...SELL, to: {} }, 'to'],
    ['bad_field', { ...SELL, to: { lat: 1 } }, 'both lat and lon'],
    ['bad_field', { ...SELL, to: { lat: 91, lon: 0 } }, 'lat'],
    ['bad_field', { ...SELL, to: { area: 'MARS' } }, 'not MARS'],
    ['bad_field', { ...SELL, lines: [] }, 'lines'],
    ['bad_field', { ...SELL, lines: [LINE, LINE] }, 'once'],
    ['bad_field', { ...SELL, lines: [{ ...LINE, warehouse: 'eu-1' }] }, 'warehouse'],
    ['bad_field', { ...SELL, warehouse: 'eu-1' }, 'warehouse'],
    ['bad_field', { ...SELL, order: undefined }, 'order'],
    ['bad_field', { ...SELL, op: 'reserve' }, 'ttlMs'],
    ['bad_field', { ...SELL, promiseBy: -1 }, 'promiseBy'],
    ['bad_field', { ...SELL, channel: 'tv' }, 'one of app'],
    ['forbidden', { ...SELL, owner: 'other' }, 'owner other'],
  ])('is refused as %s: %j', (code, v, detail) => {
    const refused = parsed(v);
    expect(refused).toMatchObject({ ok: false, code });
    expect((refused as { detail: string }).detail).toContain(detail);
  });

  it('is only asked about by who may look and not sell', () => {
    const viewer: Identity = { ...SHOP, roles: ['viewer'] };
    expect(parsed(SELL, viewer)).toMatchObject({ code: 'forbidden' });
    expect(parsed({ ...SELL, op: 'route', order: undefined }, viewer)).toMatchObject({ order: '' });
  });
});
