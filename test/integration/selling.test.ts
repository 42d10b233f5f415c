import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test, vi } from 'vitest';
import type { PrivateRegions as Harness } from '../../cli/private-regions.ts';
import type { repair as Repair } from '../../cli/repair.ts';
import { RegionLinks } from '../support/region-links.ts';

/** The real programs: its nodes are processes, its centre is a thread. */
const built = new URL('../../dist/cli/private-regions.js', import.meta.url);
const builtRepair = new URL('../../dist/cli/repair.js', import.meta.url);
const SLOW_MS = 120_000;
const HOME = 'eu-1';
const SKU = 'MUG';

interface Answer {
  readonly ok: boolean;
  readonly code?: string;
  readonly message?: string;
  readonly available?: number;
  readonly stock?: Readonly<Record<string, number>>;
  readonly hold?: { readonly qty: number; readonly doc: string };
  readonly homes?: readonly { readonly awaits?: readonly string[]; readonly booked?: number }[];
}

describe.skipIf(!existsSync(built))('selling points of a hub and two regions', () => {
  let harness: Harness;
  let links: RegionLinks;
  /** Units of each order that was accepted. */
  const sold = new Map<string, number>();
  let asked = 0;

  beforeAll(async () => {
    const { PrivateRegions } = (await import(built.href)) as { PrivateRegions: typeof Harness };
    harness = await PrivateRegions.start({ regions: ['eu', 'us'] });
    links = await RegionLinks.open(harness, ['hub', 'eu', 'us']);
  }, SLOW_MS);
  afterAll(async () => {
    await links?.close();
    await harness?.close();
  }, SLOW_MS);

  const say = (region: string, subject: string, body: object): Promise<Answer> =>
    links.ask(region, subject, body, 8_000);

  const home = (body: object): Promise<Answer> =>
    say('eu', `inv.cmd.${HOME}`, { sku: SKU, ...body });

  async function sell(point: string, qty: number, order = `SO-${++asked}`): Promise<Answer> {
    const lines = [{ warehouse: HOME, sku: SKU, qty }];
    const answer = await say(point, `inv.sell.${point}`, { op: 'sell', order, lines });
    if (answer.ok) sold.set(order, qty);
    return answer;
  }

  /** Every order that was accepted is held at home, with its units, and nothing else is allocated. */
  async function allHome(): Promise<void> {
    await vi.waitFor(
      async () => {
        for (const [order, qty] of sold) {
          const { hold } = await home({ op: 'read', hold: order });
          expect(hold, order).toMatchObject({ qty });
        }
        const units = [...sold.values()].reduce((sum, qty) => sum + qty, 0);
        expect((await home({ op: 'read' })).stock).toMatchObject({ allocated: units });
      },
      { timeout: 30_000, interval: 200 },
    );
  }

  test(
    'sell goods that lie in one region, and its warehouse has every order',
    async () => {
      await home({ op: 'receive', qty: 200 });
      for (const point of ['eu', 'us', 'hub']) {
        // Just after a start it may not have heard its homes yet.
        const order = `SO-${point}`;
        await vi.waitFor(
          async () => expect(await sell(point, 5, order)).toMatchObject({ ok: true }),
          {
            timeout: SLOW_MS,
            interval: 200,
          },
        );
      }
      const again = [...sold].at(-1) as [string, number];
      expect(await sell('hub', 5, again[0])).toMatchObject({ ok: true });
      expect(await sell('hub', 6, again[0])).toMatchObject({ ok: false, code: 'hold_exists' });
      expect(await sell('us', 1_000)).toMatchObject({ ok: false, code: 'insufficient' });
      await allHome();
      expect((await home({ op: 'read' })).stock).toMatchObject({ onHand: 200, waiting: 0 });
    },
    SLOW_MS,
  );

  test(
    'go on on both sides of a link that is cut, as far as each has rights, and say what is stranded',
    async () => {
      await sell('us', 3);
      harness.cut('eu', 'closed');
      const begun = sold.size;
      let last: Answer = { ok: true };
      for (let i = 0; i < 300 && last.ok; i++) last = await sell('us', 2);
      expect(last).toMatchObject({ ok: false, code: 'stranded' });
      expect(last.message).toMatch(/\d+ (with|at home) /);
      expect(await sell('eu', 4)).toMatchObject({ ok: true });
      expect(await home({ op: 'reserve', qty: 1, hold: 'AT-HOME' })).toMatchObject({ ok: true });
      sold.set('AT-HOME', 1);
      expect(sold.size).toBeGreaterThan(begun + 1);
      harness.heal('eu');
      await allHome();
      const { stock } = await home({ op: 'read' });
      expect(stock).toMatchObject({ onHand: 200, waiting: 0 });
      await vi.waitFor(async () => expect(await sell('us', 2)).toMatchObject({ ok: true }), {
        ...{ timeout: 30_000, interval: 500 },
      });
    },
    SLOW_MS,
  );

  test(
    'E5 a region that was restored promises nothing before it has heard every point, and then has what it had',
    async () => {
      await allHome();
      const before = (await home({ op: 'read' })).stock;
      await harness.stack.region('eu').stop();
      const { repair } = (await import(builtRepair.href)) as { repair: typeof Repair };
      const data = harness.stack.hub.data.dir;
      await repair({ data, region: 'eu', declareLoss: false, restored: true });
      expect(existsSync(join(data, 'regions', 'eu', 'shards', 'eu.4', 'lineage'))).toBe(true);
      await harness.stack.region('eu').restart();
      await links.link('eu');
      const refused = await home({ op: 'reserve', qty: 1, hold: 'TOO-SOON' });
      expect(refused).toMatchObject({ ok: false, code: 'awaits_points' });
      // Goods come all the same: earlier tests may have left few.
      expect(await home({ op: 'receive', qty: 50 })).toMatchObject({ ok: true });
      await sell('eu', 1).catch(() => undefined);
      const told = { owner: 'demo', sku: SKU };
      await vi.waitFor(
        async () => {
          const { homes } = await say('eu', 'inv.rights.admin.explain', told);
          expect(homes?.map(({ awaits }) => awaits)).toEqual([['eu.1']]);
        },
        { timeout: 30_000, interval: 300 },
      );
      const buried = await say('eu', 'inv.rights.admin.bury', { life: 'eu.1' });
      expect(buried).toMatchObject({ ok: true });
      await vi.waitFor(
        async () =>
          expect(await home({ op: 'reserve', qty: 1, hold: 'NOW' })).toMatchObject({ ok: true }),
        { timeout: 10_000, interval: 300 },
      );
      sold.set('NOW', 1);
      expect(await sell('us', 1)).toMatchObject({ ok: true });
      expect(await sell('eu', 1)).toMatchObject({ ok: true });
      await allHome();
      expect((await home({ op: 'read' })).stock).toMatchObject({
        onHand: (before?.onHand ?? 0) + 50,
      });
    },
    SLOW_MS,
  );
});
