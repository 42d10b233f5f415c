import { existsSync } from 'node:fs';
import { jetstreamManager } from '@nats-io/jetstream';
import { afterAll, beforeAll, describe, expect, test, vi } from 'vitest';
import type { PrivateRegions as Harness } from '../../cli/private-regions.ts';
import { Client } from '../../client/client.ts';
import { journalStream, slotOf } from '../../engine/subjects.ts';
import type { AvailabilityAnswer } from '../../oms/services/availability.ts';
import type { DigestAnswer } from '../../oms/services/digest.ts';
import { RegionLinks } from '../support/region-links.ts';

/** The real programs: its nodes are processes, its centre is a thread. */
const built = new URL('../../dist/cli/private-regions.js', import.meta.url);
const SLOW_MS = 120_000;
/** So that shards take snapshots, and trim, several times in a test. */
const SNAPSHOT_EVERY = 20;
const SKU = 'MUG';

interface Answer {
  readonly ok: boolean;
  readonly code?: string;
  readonly message?: string;
}

describe.skipIf(!existsSync(built))('a hub and two regions', () => {
  let harness: Harness;
  let links: RegionLinks;
  /** Accepted so far, by warehouse. */
  const received = new Map<string, number>();

  beforeAll(async () => {
    const { PrivateRegions } = (await import(built.href)) as { PrivateRegions: typeof Harness };
    harness = await PrivateRegions.start({ regions: ['eu', 'us'], snapshotEvery: SNAPSHOT_EVERY });
    links = await RegionLinks.open(harness, ['hub', 'eu', 'us']);
  }, SLOW_MS);
  afterAll(async () => {
    await links?.close();
    await harness?.close();
  }, SLOW_MS);

  const say = (region: string, warehouse: string, command: object): Promise<Answer> =>
    links.ask(region, `inv.cmd.${warehouse}`, command, 5_000);

  /** From the region's own server, until each is accepted. */
  async function receive(region: string, warehouse: string, times: number): Promise<void> {
    for (let i = 0; i < times; i++) {
      const answer = await say(region, warehouse, { op: 'receive', sku: SKU, qty: 1, doc: 'PO' });
      expect(answer).toMatchObject({ ok: true });
      received.set(warehouse, (received.get(warehouse) ?? 0) + 1);
    }
  }

  const ask = async <T>(name: string, request: object = {}): Promise<T> =>
    (
      await links.at('hub').request(`inv.oms.${name}`, JSON.stringify(request), { timeout: 5_000 })
    ).json();

  /** R2 for every shard of every region, and every unit that was accepted. Says how long it took. */
  async function converged(): Promise<number> {
    const begun = performance.now();
    await vi.waitFor(
      async () => {
        const { shards } = await ask<DigestAnswer>('digest');
        const off = shards.filter(({ equal }) => equal !== true);
        expect(off.map((s) => `${s.regionName}.${s.shard} ${s.state}`)).toEqual([]);
      },
      { timeout: SLOW_MS, interval: 100 },
    );
    const ms = performance.now() - begun;
    const { warehouses } = await ask<AvailabilityAnswer & { warehouses: Record<string, object> }>(
      'availability',
      { sku: SKU },
    );
    const counts = Object.entries(warehouses).map(([w, v]) => [
      w,
      (v as { onHand: number }).onHand,
    ]);
    expect(new Map(counts as [string, number][])).toEqual(received);
    return ms;
  }

  const isReached = (region: string): Promise<void> =>
    vi.waitFor(
      async () => {
        const { shards } = await ask<DigestAnswer>('digest');
        const its = shards.filter((s) => s.regionName === region);
        expect(its.every((s) => s.region !== null)).toBe(true);
      },
      { timeout: SLOW_MS, interval: 100 },
    );
  const isCut = (region: string): Promise<void> =>
    vi.waitFor(
      async () => {
        const { shards } = await ask<DigestAnswer>('digest');
        expect(shards.some((s) => s.regionName === region && s.region === null)).toBe(true);
      },
      { timeout: SLOW_MS, interval: 100 },
    );

  test(
    'a command may be sent from any region, and its own region answers',
    async () => {
      await receive('eu', 'eu-1', 3);
      await receive('eu', 'us-1', 2);
      await receive('us', 'hub-1', 1);
      await receive('hub', 'eu-1', 1);
      await converged();
      for (const region of ['hub', 'eu', 'us']) {
        expect(await say(region, 'W1', { op: 'receive', sku: SKU, qty: 1 })).toMatchObject({
          ok: false,
          code: 'other_region',
          message: expect.stringContaining('no region has W1'),
        });
      }
    },
    SLOW_MS,
  );

  test(
    'a scanner in the wrong region is told which is the right one',
    async () => {
      const { token } = harness.stack.hub;
      const url = harness.stack.doors.eu?.ws as string;
      const client = await Client.connect({ url, token, client: 'gun' });
      try {
        const wrong = await client.send({ op: 'receive', warehouse: 'us-1', sku: SKU, qty: 1 });
        expect(wrong).toMatchObject({
          ok: false,
          code: 'other_region',
          retry: false,
          message: expect.stringContaining('region us has us-1'),
        });
        const right = await client.send({ op: 'receive', warehouse: 'eu-1', sku: SKU, qty: 1 });
        expect(right).toMatchObject({ ok: true });
        received.set('eu-1', (received.get('eu-1') ?? 0) + 1);
      } finally {
        client.close();
      }
    },
    SLOW_MS,
  );

  test(
    'R2 both sides of a link that is closed go on, and the centre catches up',
    async () => {
      await harness.cut('eu', 'closed');
      await isCut('eu');
      await receive('eu', 'eu-1', 30);
      await receive('us', 'us-1', 30);
      await receive('hub', 'hub-1', 5);
      expect(
        await say('eu', 'eu-1', { op: 'reserve', sku: SKU, qty: 2, hold: 'cut' }),
      ).toMatchObject({
        ok: true,
      });
      await harness.heal('eu');
      console.log(`closed link: converged after ${Math.round(await converged())} ms`);
    },
    SLOW_MS,
  );

  test(
    'R2 so do those of a link that falls silent',
    async () => {
      await harness.cut('us', 'silent');
      await receive('us', 'us-1', 30);
      await isCut('us');
      await receive('eu', 'eu-1', 10);
      await new Promise((resolve) => setTimeout(resolve, 12_000)); // the servers notice that, too
      await receive('us', 'us-1', 10);
      await harness.heal('us');
      console.log(`silent link: converged after ${Math.round(await converged())} ms`);
    },
    SLOW_MS,
  );

  test(
    'a region that trims while it is cut off loses nothing at the centre',
    async () => {
      const stream = journalStream('eu', slotOf('eu-1', 4));
      const kept = async () => {
        const { state } = await (await jetstreamManager(links.at('eu'))).streams.info(stream);
        return { first: state.first_seq, last: state.last_seq };
      };
      // Trimmed as far as the centre has it, which begins only when two snapshots are there.
      await receive('eu', 'eu-1', 3 * SNAPSHOT_EVERY);
      await converged();
      await harness.cut('eu', 'closed');
      await isCut('eu');
      const before = await kept();
      await receive('eu', 'eu-1', 6 * SNAPSHOT_EVERY);
      const after = await kept();
      expect(after.last).toBeGreaterThan(before.last + 5 * SNAPSHOT_EVERY);
      expect(after.first).toBe(before.first); // four snapshots later, and nobody to say what it has
      await harness.heal('eu');
      await converged();
      await vi.waitFor(
        async () => {
          await receive('eu', 'eu-1', SNAPSHOT_EVERY);
          expect((await kept()).first).toBeGreaterThan(after.first);
        },
        { timeout: SLOW_MS },
      );
      await converged();
    },
    SLOW_MS,
  );

  test(
    'a region starts and commits while the hub is out of reach',
    async () => {
      await harness.cut('eu', 'closed');
      await harness.stack.region('eu').restart();
      await links.link('eu');
      await receive('eu', 'eu-1', 5);
      await isCut('eu');
      await harness.heal('eu');
      await isReached('eu');
      console.log(`restarted region: converged after ${Math.round(await converged())} ms`);
    },
    SLOW_MS,
  );

  test(
    'D3 a transfer between regions goes on after a cut, and both ends know',
    async () => {
      const doc = 'TR-1';
      const sku = 'LAMP';
      const ok = async (region: string, warehouse: string, command: object): Promise<void> =>
        expect(await say(region, warehouse, command)).toMatchObject({ ok: true });
      await ok('eu', 'eu-1', { op: 'receive', sku, qty: 6 });
      const lines = [{ sku, qty: 6 }];
      await ok('eu', 'eu-1', { op: 'transfer.place', doc, toWarehouse: 'us-1', lines });
      await harness.cut('us', 'closed');
      await isCut('us');
      await ok('eu', 'eu-1', { op: 'transfer.dispatch', doc });
      expect(
        await say('us', 'us-1', { op: 'transfer.read', doc, fromWarehouse: 'eu-1' }),
      ).toMatchObject({ ok: false, code: 'unknown_document' });
      await harness.heal('us');
      const from = { doc, fromWarehouse: 'eu-1' };
      const arrived = async () =>
        say('us', 'us-1', { op: 'transfer.receive', ...from, lines: [{ line: '1', qty: 6 }] });
      await vi.waitFor(async () => expect(await arrived()).toMatchObject({ ok: true }), {
        timeout: SLOW_MS,
        interval: 200,
      });
      await ok('us', 'us-1', { op: 'transfer.close', ...from });
      await vi.waitFor(
        async () =>
          expect(await say('eu', 'eu-1', { op: 'transfer.read', doc })).toMatchObject({
            document: { status: 'settled' },
          }),
        { timeout: SLOW_MS, interval: 200 },
      );
      await converged();
    },
    SLOW_MS,
  );

  test(
    'it is all the same after a stop in the middle of a cut, and a start',
    async () => {
      await harness.cut('us', 'closed');
      await receive('us', 'us-1', 5);
      await harness.stack.region('us').restart();
      await links.link('us');
      await receive('us', 'us-1', 5);
      await harness.heal('us');
      await converged();
    },
    SLOW_MS,
  );
});
