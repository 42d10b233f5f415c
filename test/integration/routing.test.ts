import { existsSync } from 'node:fs';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { connect, type NatsConnection } from '@nats-io/transport-node';
import { afterAll, beforeAll, describe, expect, test, vi } from 'vitest';
import type { PrivateRegions as Harness } from '../../cli/private-regions.ts';

/** The real programs: its nodes are processes, its centre is a thread. */
const built = new URL('../../dist/cli/private-regions.js', import.meta.url);
const SLOW_MS = 120_000;

const RULES = {
  warehouses: {
    'hub-1': { country: 'DE', lat: 52.52, lon: 13.405, costPerOrder: 3 },
    'eu-1': {
      country: 'FR',
      lat: 48.857,
      lon: 2.352,
      costPerOrder: 3,
      cutoff: '16:00',
      handlingDays: 1,
    },
  },
  routing: { weights: { promise: 0 } },
  areas: { 'DE-10115': { lat: 52.53, lon: 13.38 }, 'FR-75001': { lat: 48.86, lon: 2.34 } },
};

interface Answer {
  readonly ok: boolean;
  readonly code?: string;
  readonly message?: string;
  readonly did?: string;
  readonly line?: number;
  readonly expiresAt?: number;
  readonly lines?: readonly {
    readonly sku: string;
    readonly warehouse: string;
    readonly qty: number;
  }[];
  readonly stock?: Readonly<Record<string, number>>;
  readonly route?: {
    readonly again?: true;
    readonly promiseAt: number;
    readonly why?: {
      readonly source: string;
      readonly parcels: readonly object[];
      readonly tries?: number;
    };
    readonly next?: {
      readonly worse: readonly string[];
      readonly parcels: readonly { readonly warehouse: string }[];
    };
  };
}

describe.skipIf(!existsSync(built))('orders that name no warehouse', () => {
  let harness: Harness;
  let dir: string;
  const links = new Map<string, NatsConnection>();

  beforeAll(async () => {
    const { PrivateRegions } = (await import(built.href)) as { PrivateRegions: typeof Harness };
    dir = await mkdtemp(join(tmpdir(), 'holdfast-routing-'));
    const routing = join(dir, 'routing.json');
    await writeFile(routing, JSON.stringify(RULES));
    harness = await PrivateRegions.start({ regions: ['eu'], routing });
    for (const region of ['hub', 'eu']) {
      const servers = harness.stack.doors[region]?.nats as string;
      links.set(region, await connect({ servers, maxReconnectAttempts: -1 }));
    }
  }, SLOW_MS);
  afterAll(async () => {
    for (const nats of links.values()) await nats.close();
    await harness?.close();
    await rm(dir, { recursive: true, force: true });
  }, SLOW_MS);

  async function say(region: string, subject: string, body: object): Promise<Answer> {
    const nats = links.get(region) as NatsConnection;
    return (await nats.request(subject, JSON.stringify(body), { timeout: 8_000 })).json();
  }
  const sell = (point: string, body: object): Promise<Answer> =>
    say(point, `inv.sell.${point}`, { op: 'sell', ...body });
  const stock = async (warehouse: string, sku: string) =>
    (await say(warehouse.split('-')[0] as string, `inv.cmd.${warehouse}`, { op: 'read', sku }))
      .stock;

  async function receive(units: Readonly<Record<string, number>>, sku: string): Promise<void> {
    for (const [warehouse, qty] of Object.entries(units)) {
      const region = warehouse.split('-')[0] as string;
      await say(region, `inv.cmd.${warehouse}`, { op: 'receive', sku, qty });
    }
    const told = Object.keys(units).sort();
    await vi.waitFor(
      async () => {
        const { warehouses } = (await say('hub', 'inv.oms.availability', { sku })) as unknown as {
          warehouses: Record<string, unknown>;
        };
        expect(Object.keys(warehouses).sort()).toEqual(told);
      },
      { timeout: 15_000, interval: 100 },
    );
  }

  const allocated = (warehouse: string, sku: string, units: number): Promise<void> =>
    vi.waitFor(
      async () => expect(await stock(warehouse, sku)).toMatchObject({ allocated: units }),
      { timeout: 10_000, interval: 100 },
    );

  test(
    'go to the nearest that has all, with why and what was next; nothing is held by asking',
    async () => {
      await receive({ 'hub-1': 10, 'eu-1': 10 }, 'MUG');
      const lines = [{ sku: 'MUG', qty: 2 }];
      const asked = await sell('hub', { op: 'route', lines, to: { area: 'FR-75001' } });
      expect(asked).toMatchObject({
        ...{ ok: true, did: 'route', lines: [{ sku: 'MUG', warehouse: 'eu-1', qty: 2 }] },
        route: { why: { source: 'centre', located: true, exact: true, considered: 2 } },
      });
      expect(asked.route?.next).toMatchObject({
        parcels: [{ warehouse: 'hub-1' }],
        worse: ['distance'],
      });
      const sold = await sell('hub', { order: 'R-1', lines, to: { area: 'FR-75001' } });
      expect(sold).toMatchObject({ ok: true, did: 'sell', route: { why: { tries: 1 } } });
      const home = await sell('hub', { order: 'R-2', lines, to: { lat: 52.5, lon: 13.4 } });
      expect(home.lines).toMatchObject([{ warehouse: 'hub-1', qty: 2 }]);
      await allocated('eu-1', 'MUG', 2);
      await allocated('hub-1', 'MUG', 2);
    },
    SLOW_MS,
  );

  test(
    'sent again they get the same answer, at once or later, though they would go elsewhere now',
    async () => {
      await receive({ 'hub-1': 10, 'eu-1': 4 }, 'TEA');
      const order = { order: 'R-10', lines: [{ sku: 'TEA', qty: 3 }], to: { area: 'FR-75001' } };
      const [first, second] = await Promise.all([sell('eu', order), sell('eu', order)]);
      expect(first.lines).toMatchObject([{ warehouse: 'eu-1', qty: 3 }]);
      expect(second.lines).toMatchObject([{ warehouse: 'eu-1', qty: 3 }]);
      expect([first, second].filter(({ route }) => route?.again)).toHaveLength(1);
      // eu-1 has one unit left now: who has to go somewhere goes to hub-1.
      const other = await sell('eu', { ...order, order: 'R-11' });
      expect(other.lines).toMatchObject([{ warehouse: 'hub-1', qty: 3 }]);
      const again = await sell('eu', order);
      expect(again).toMatchObject({
        ok: true,
        did: 'sell',
        lines: [{ warehouse: 'eu-1', qty: 3 }],
      });
      expect(again.route).toEqual({ again: true, promiseAt: first.route?.promiseAt });
      const different = await sell('eu', { ...order, lines: [{ sku: 'TEA', qty: 1 }] });
      expect(different).toMatchObject({ ok: false, code: 'hold_exists' });
      await allocated('eu-1', 'TEA', 3);
      await allocated('hub-1', 'TEA', 3);
    },
    SLOW_MS,
  );

  test(
    'set aside, they are told again, hardened, and go elsewhere only once that has ended',
    async () => {
      await receive({ 'hub-1': 5, 'eu-1': 5 }, 'SOFT');
      const lines = [{ sku: 'SOFT', qty: 5 }];
      const to = { area: 'FR-75001' };
      const order = { op: 'reserve', order: 'R-20', lines, to, ttlMs: 60_000 };
      const first = await sell('eu', order);
      expect(first).toMatchObject({ did: 'reserve', lines: [{ warehouse: 'eu-1' }] });
      const again = await sell('eu', order);
      expect(again).toMatchObject({
        did: 'reserve',
        expiresAt: first.expiresAt,
        route: { again: true },
      });
      expect(await sell('eu', { ...order, op: 'sell' })).toMatchObject({ code: 'hold_exists' });
      expect(await sell('eu', { op: 'release', order: 'R-20' })).toMatchObject({ ok: true });
      const taken = await sell('eu', { op: 'sell', order: 'R-21', lines, to });
      expect(taken.lines).toMatchObject([{ warehouse: 'eu-1' }]);
      const moved = await sell('eu', order);
      expect(moved.lines).toMatchObject([{ warehouse: 'hub-1' }]);
      expect(await sell('eu', { op: 'harden', order: 'R-20' })).toMatchObject({ ok: true });
      await allocated('hub-1', 'SOFT', 5);
      await allocated('eu-1', 'SOFT', 5);
    },
    SLOW_MS,
  );

  test(
    'are routed again where others were quicker, and refused where there is no more: all lines or none',
    async () => {
      await receive({ 'hub-1': 6, 'eu-1': 6 }, 'HOT');
      await receive({ 'hub-1': 6, 'eu-1': 6 }, 'COLD');
      const lines = [
        { sku: 'HOT', qty: 2 },
        { sku: 'COLD', qty: 1 },
      ];
      const to = { area: 'DE-10115' };
      const answers = await Promise.all(
        Array.from({ length: 8 }, (_, i) =>
          sell(i % 2 ? 'eu' : 'hub', { order: `R-3${i}`, lines, to }),
        ),
      );
      const sold = answers.filter(({ ok }) => ok);
      const refused = answers.filter(({ ok }) => !ok);
      expect(sold).toHaveLength(6);
      for (const { code, line } of refused) {
        expect(['insufficient', 'stranded']).toContain(code);
        expect(line).toBe(0);
      }
      const units = (warehouse: string, sku: string): number =>
        sold
          .flatMap((answer) => answer.lines ?? [])
          .filter((line) => line.warehouse === warehouse && line.sku === sku)
          .reduce((sum, { qty }) => sum + qty, 0);
      for (const warehouse of ['hub-1', 'eu-1']) {
        for (const sku of ['HOT', 'COLD']) await allocated(warehouse, sku, units(warehouse, sku));
      }
    },
    SLOW_MS,
  );

  test(
    'while the centre cannot be reached, go by rights and by hope in the own region',
    async () => {
      await say('eu', 'inv.cmd.eu-1', { op: 'receive', sku: 'NEW', qty: 5 });
      await harness.cut('eu', 'closed');
      try {
        const order = { order: 'R-40', lines: [{ sku: 'NEW', qty: 2 }], to: { area: 'DE-10115' } };
        const sold = await sell('eu', order);
        expect(sold).toMatchObject({ ok: true, lines: [{ warehouse: 'eu-1', qty: 2 }] });
        expect(sold.route?.why?.source).toBe('hope');
        const more = { ...order, order: 'R-41', lines: [{ sku: 'NEW', qty: 9 }] };
        const refused = await sell('eu', more);
        expect(refused.ok).toBe(false);
        expect(['insufficient', 'stranded']).toContain(refused.code);
      } finally {
        await harness.heal('eu');
      }
      await allocated('eu-1', 'NEW', 2);
    },
    SLOW_MS,
  );

  test('are refused where they say too little, or too much', async () => {
    const lines = [{ sku: 'MUG', qty: 1 }];
    const to = { area: 'FR-75001' };
    const bad = async (body: object, what: string): Promise<void> => {
      const answer = await sell('hub', { order: 'R-50', lines, to, ...body });
      expect(answer).toMatchObject({ ok: false, code: 'bad_field' });
      expect(answer.message).toContain(what);
    };
    await bad({ to: {} }, 'an area, lat and lon, or a country');
    await bad({ to: { area: 'MARS' } }, 'not MARS');
    await bad({ to: { lat: 5 } }, 'both lat and lon');
    await bad({ lines: [{ ...lines[0], warehouse: 'eu-1' }] }, 'says where it goes');
    await bad({ lines: [...lines, ...lines] }, 'once in an order');
    await bad({ order: undefined }, 'order');
    await bad({ op: 'reserve' }, 'ttlMs');
    expect(await sell('hub', { op: 'route', lines: [{ sku: 'GOLD', qty: 1 }], to })).toMatchObject({
      code: 'insufficient',
    });
  });
});
