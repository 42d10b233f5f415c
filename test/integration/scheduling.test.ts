import { existsSync } from 'node:fs';
import { afterAll, beforeAll, describe, expect, test, vi } from 'vitest';
import type { PrivateRegions as Harness } from '../../cli/private-regions.ts';
import type { Explained } from '../../engine/rights/sharer.ts';
import { RegionLinks } from '../support/region-links.ts';

/** The real programs: its nodes are processes, its centre is a thread. */
const built = new URL('../../dist/cli/private-regions.js', import.meta.url);
const SLOW_MS = 120_000;
const SCHEDULE_MS = 500;
const SKU = 'MUG';
const SALES = 60;

interface Answer {
  readonly ok: boolean;
  readonly homes?: readonly Explained[];
  readonly rules?: { readonly sales: Readonly<Record<string, number>> };
  readonly history?: readonly { readonly who: string }[];
}

describe.skipIf(!existsSync(built))('a hub that schedules, and a region', () => {
  let harness: Harness;
  let links: RegionLinks;

  beforeAll(async () => {
    const { PrivateRegions } = (await import(built.href)) as { PrivateRegions: typeof Harness };
    harness = await PrivateRegions.start({ regions: ['eu'], scheduleEveryMs: SCHEDULE_MS });
    links = await RegionLinks.open(harness, ['hub', 'eu']);
    await say('eu', 'inv.cmd.eu-1', { op: 'receive', sku: SKU, qty: 1_000 });
    const patch = {
      channels: { app: { name: 'App' }, pc: { name: 'PC' } },
      allocations: {
        usual: {
          ...{ skus: '*', warehouses: '*', kind: 'stock', by: 'performance' },
          parts: { app: { percent: 30 }, pc: { percent: 30 } },
        },
      },
    };
    expect(await say('hub', 'inv.rules.hub', { op: 'merge', patch })).toMatchObject({ ok: true });
    await eventually(async () => {
      expect(await sell('hub', undefined, 'FIRST-HUB', 1)).toMatchObject({ ok: true });
      expect(await sell('eu', undefined, 'FIRST-EU', 1)).toMatchObject({ ok: true });
    });
  }, SLOW_MS);
  afterAll(async () => {
    await links?.close();
    await harness?.close();
  }, SLOW_MS);

  const say = (region: string, subject: string, body: object): Promise<Answer> =>
    links.ask(region, subject, body, 8_000);

  function sell(
    point: string,
    channel: string | undefined,
    order: string,
    qty: number,
  ): Promise<Answer> {
    const lines = [{ warehouse: 'eu-1', sku: SKU, qty }];
    return say(point, `inv.sell.${point}`, { op: 'sell', order, channel, lines });
  }

  const eventually = (check: () => Promise<void>): Promise<void> =>
    vi.waitFor(check, { timeout: 60_000, interval: 200 });

  /** Of each point, what it usually sells, and by what that is known. */
  async function usual(): Promise<Map<string, readonly [share: number, by: string]>> {
    const { homes } = await say('eu', 'inv.rights.admin.explain', { owner: 'demo', sku: SKU });
    const points = homes?.flatMap(({ pools }) => pools.flatMap((pool) => pool.points)) ?? [];
    return new Map(points.map((one) => [one.name, [one.usual.share, one.usual.by]]));
  }

  async function mostlyAtHub(): Promise<void> {
    const shares = await usual();
    const [share = 0, by] = shares.get('hub') ?? [];
    expect(by).toBe('sales');
    expect(share).toBeGreaterThan(0.7);
    expect(shares.get('eu')?.[0]).toBeLessThan(0.2);
  }

  test(
    'what sells at a point is its usual share at home',
    async () => {
      for (let i = 0; i < SALES; i++) {
        expect(await sell('hub', undefined, `SO-${i}`, 2)).toMatchObject({ ok: true });
      }
      await eventually(mostlyAtHub);
    },
    SLOW_MS,
  );

  test(
    'the rules get what was sold through each channel, once, in the name of the scheduler',
    async () => {
      // Told twice, sold once; and neither is enough for the rules without the other.
      for (let i = 0; i < 2; i++) {
        expect(await sell('hub', 'pc', 'BY-PC', 16)).toMatchObject({ ok: true });
        expect(await sell('eu', 'app', 'BY-APP', 12)).toMatchObject({ ok: true });
      }
      await eventually(async () => {
        const { rules } = await say('eu', 'inv.rules.eu', { op: 'show' });
        expect(rules?.sales).toEqual({ app: 12, pc: 16 });
      });
      const { history } = await say('hub', 'inv.rules.hub', { op: 'history' });
      expect(history?.filter(({ who }) => who === 'scheduler')).toHaveLength(1);
    },
    SLOW_MS,
  );

  test(
    'a home that was started again asks for what it has forgotten',
    async () => {
      await harness.stack.region('eu').restart();
      await links.link('eu');
      await eventually(mostlyAtHub);
    },
    SLOW_MS,
  );
});
