import { existsSync } from 'node:fs';
import { headers } from '@nats-io/transport-node';
import { afterAll, beforeAll, describe, expect, test, vi } from 'vitest';
import type { PrivateRegions as Harness } from '../../cli/private-regions.ts';
import { type Role, signToken } from '../../gateway/auth.ts';
import type { Settlement } from '../../rules/settle.ts';
import { RegionLinks } from '../support/region-links.ts';

/** The real programs: nodes are processes, rules are a thread of each. */
const built = new URL('../../dist/cli/private-regions.js', import.meta.url);
const SLOW_MS = 120_000;
const REGIONS = ['hub', 'eu', 'us'];
const USUAL = { skus: '*', warehouses: '*', kind: 'stock' };

interface Told {
  readonly ok: boolean;
  readonly code?: string;
  readonly message?: string;
  readonly version?: string;
  readonly rules?: unknown;
  readonly settled?: readonly Settlement[];
  readonly problems?: readonly { path: string }[];
  readonly history?: readonly { who: string; what: unknown[] }[];
  readonly effects?: readonly { pool: string; before: number; after: number }[];
}

describe.skipIf(!existsSync(built))('rules of regions', () => {
  let harness: Harness;
  let links: RegionLinks;

  beforeAll(async () => {
    const { PrivateRegions } = (await import(built.href)) as { PrivateRegions: typeof Harness };
    harness = await PrivateRegions.start({ regions: ['eu', 'us'] });
    links = await RegionLinks.open(harness, REGIONS);
    await edit('hub', {
      channels: { app: { name: 'App' }, pc: { name: 'PC' } },
      allocations: { usual: { ...USUAL, parts: { app: { percent: 50 }, pc: { percent: 30 } } } },
    });
    await agree();
  }, SLOW_MS);
  afterAll(async () => {
    await links?.close();
    await harness?.close();
  }, SLOW_MS);

  async function ask(region: string, body: unknown, client = 'ann', token = ''): Promise<Told> {
    const head = headers();
    head.set('Holdfast-Client', client);
    if (token !== '') head.set('Holdfast-Token', token);
    const options = { timeout: 10_000, headers: head };
    const asked = typeof body === 'string' ? body : JSON.stringify(body);
    const nats = links.at(region);
    return (await nats.request(`inv.rules.${region}`, asked, options)).json<Told>();
  }

  async function edit(region: string, patch: object, client?: string): Promise<void> {
    expect(await ask(region, { op: 'merge', patch }, client)).toMatchObject({ ok: true });
  }

  /** Resolves to the rules when all regions have the same. */
  async function agree(regions = REGIONS): Promise<Told> {
    return vi.waitFor(
      async () => {
        const told = await Promise.all(regions.map((region) => ask(region, { op: 'show' })));
        for (const one of told) expect(one).toEqual(told[0]);
        return told[0] as Told;
      },
      { timeout: SLOW_MS, interval: 200 },
    );
  }

  test(
    'P1 both edits of one rule survive where its fields differ, made in two regions that are cut off',
    async () => {
      await harness.cut('eu', 'closed');
      await harness.cut('us', 'closed');
      await edit('eu', { allocations: { usual: { parts: { app: { order: 1 } } } } }, 'eva');
      await edit('us', { allocations: { usual: { priority: 3 } } }, 'uma');
      await edit('hub', { channels: { web: { name: 'Web' } } });
      const [eu, us] = await Promise.all(['eu', 'us'].map((r) => ask(r, { op: 'show' })));
      expect(eu?.version).not.toBe(us?.version);
      await harness.heal('eu');
      await harness.heal('us');
      const { rules, settled } = await agree();
      expect(rules).toMatchObject({
        channels: { web: { name: 'Web' } },
        allocations: { usual: { priority: 3, parts: { app: { percent: 50, order: 1 } } } },
      });
      expect(settled).toEqual([]);
      const { history } = await ask('hub', { op: 'history' });
      expect(history?.map(({ who }) => who)).toEqual(
        expect.arrayContaining(['nats/eva', 'nats/uma', 'nats/ann']),
      );
    },
    SLOW_MS,
  );

  test(
    'what two regions made invalid together is settled in the same way in all, and told until somebody edits it',
    async () => {
      await harness.cut('eu', 'silent');
      await edit('eu', { allocations: { usual: { parts: { app: { percent: 70 } } } } });
      await edit('us', { allocations: { usual: { parts: { pc: { percent: 50 } } } } });
      await harness.heal('eu');
      const { settled } = await vi.waitFor(
        async () => {
          const told = await agree();
          expect(told.settled).toHaveLength(1);
          return told;
        },
        { timeout: SLOW_MS },
      );
      expect(settled).toMatchObject([
        { path: 'allocations/usual/parts', what: 'are 120 % together' },
      ]);
      await edit('us', { allocations: { usual: { parts: { pc: { percent: 30 } } } } });
      await vi.waitFor(async () => expect((await agree()).settled).toEqual([]), {
        timeout: SLOW_MS,
      });
    },
    SLOW_MS,
  );

  test(
    'a region that was started again has its rules, and hears what it missed',
    async () => {
      await harness.stack.region('eu').stop();
      await edit('us', { channels: { shop: { name: 'Shop' } } });
      await harness.stack.region('eu').restart();
      await links.link('eu');
      const { rules } = await vi.waitFor(() => agree(), { timeout: SLOW_MS });
      expect(rules).toMatchObject({ channels: { shop: {}, app: {} } });
    },
    SLOW_MS,
  );

  test('what a rule says is what a channel can sell, in every region', async () => {
    const nats = links.at('hub');
    const say = async (subject: string, body: object): Promise<Told> =>
      (await nats.request(subject, JSON.stringify(body), { timeout: 10_000 })).json<Told>();
    const goods = { sku: 'LAMP', warehouse: 'hub-1' };
    await edit('us', {
      allocations: {
        lamps: {
          ...{ skus: { LAMP: true }, warehouses: '*', kind: 'stock' },
          parts: { app: { units: 10 }, pc: { percent: 100 } },
        },
      },
    });
    await agree();
    const received = await say('inv.cmd.hub-1', { op: 'receive', sku: 'LAMP', qty: 40, doc: 'PO' });
    expect(received).toMatchObject({ ok: true });
    const sell = (order: string, channel: string, qty: number, point = 'eu') =>
      say(`inv.sell.${point}`, { op: 'sell', order, channel, lines: [{ ...goods, qty }] });
    expect(await sell('SO-1', 'app', 11)).toMatchObject({ ok: false, code: 'insufficient' });
    await vi.waitFor(
      async () => expect(await sell('SO-2', 'app', 10)).toMatchObject({ ok: true }),
      {
        timeout: SLOW_MS,
      },
    );
    expect(await sell('SO-3', 'app', 1, 'hub')).toMatchObject({ ok: false, code: 'insufficient' });
    await vi.waitFor(async () => expect(await sell('SO-4', 'pc', 30)).toMatchObject({ ok: true }), {
      timeout: SLOW_MS,
    });
    expect(await sell('SO-5', 'nobody', 1)).toMatchObject({ ok: false, code: 'bad_field' });
  });

  test('a dry run says what pools would have, and changes nothing', async () => {
    const before = await ask('hub', { op: 'show' });
    const edits = [{ op: 'set', path: 'allocations/usual/parts/app/percent', value: 20 }];
    const figures = [{ sku: 'MUG', warehouse: 'hub-1', stock: 200 }];
    const { effects } = await ask('hub', { op: 'dry-run', edits, figures });
    expect(effects).toContainEqual({
      ...{ sku: 'MUG', warehouse: 'hub-1', pool: 'stock/app' },
      ...{ before: 140, after: 40 },
    });
    expect(await ask('hub', { op: 'show' })).toEqual(before);
  });

  test('P3 an edit that is invalid by itself is refused whole, with all that is wrong', async () => {
    const before = await ask('hub', { op: 'show' });
    const patch = { channels: { x: { name: 'X' }, y: { colour: 'red' } } };
    const told = await ask('hub', { op: 'merge', patch });
    expect(told).toMatchObject({ ok: false, code: 'bad_field', retry: false });
    expect(told.problems?.map(({ path }) => path)).toEqual(['channels/y/name', 'channels/y']);
    expect(await ask('hub', { op: 'check', edits: [{ op: 'merge', patch }] })).toMatchObject({
      ok: true,
      problems: told.problems,
    });
    expect(await ask('hub', { op: 'show' })).toEqual(before);
  });

  test.each<[Role, string, boolean, boolean]>([
    ['controller', '*', true, true],
    ['controller', 'hub-1', true, false],
    ['viewer', '*', true, false],
    ['shop', '*', false, false],
    ['floor', '*', false, false],
  ])('a %s of warehouse %s may look: %s, and edit: %s', async (role, warehouse, looks, edits) => {
    const who = { client: 'tom', owners: ['demo'], warehouses: [warehouse], roles: [role] };
    const token = await signToken(harness.stack.hub.data.keys, who, SLOW_MS);
    const as = (body: object) => ask('hub', body, 'tom', token);
    const refused = { ok: false, code: 'forbidden' };
    expect(await as({ op: 'show' })).toMatchObject(looks ? { ok: true } : refused);
    const set = { op: 'set', path: 'channels/app/name', value: `App of a ${role}` };
    expect(await as(set)).toMatchObject(edits ? { ok: true } : refused);
  });

  test.each([
    ['no JSON', '{', 'malformed'],
    ['an op that there is not', { op: 'burn' }, 'bad_field'],
    ['a field that there is not', { op: 'show', colour: 'red' }, 'bad_field'],
    ['a value that is missing', { op: 'set', path: 'channels/app' }, 'bad_field'],
    ['a place where nothing is', { op: 'show', path: 'channels/none' }, 'bad_field'],
    ['another owner', { op: 'show', owner: 'other' }, 'forbidden'],
    ['a name that cannot be', '{"op":"set","path":"channels/__proto__","value":{}}', 'bad_field'],
  ])('refused with a reason: %s', async (_, body, code) => {
    const told = await ask('hub', body);
    expect(told).toMatchObject({ ok: false, code });
    expect(told.message?.length).toBeGreaterThan(10);
  });
});
