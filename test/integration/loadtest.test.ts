import { afterEach, describe, expect, test } from 'vitest';
import { Client } from '../../client/client.ts';
import { Opened } from '../../loadtest/opened.ts';
import type { Account } from '../../loadtest/scenarios/books.ts';
import type { Rig } from '../../loadtest/scenarios/rig.ts';
import { findK6 } from '../../setup/k6.mjs';
import { Program } from '../support/up.ts';

const opened = new Opened();
afterEach(() => opened.close());

async function loadtest(...args: string[]): Promise<{ code: number | null; report: unknown }> {
  const program = await Program.run(['loadtest', ...args, '--json']);
  const code = await program.ended;
  if (program.out.length !== 1) throw new Error(program.errors.join('\n'));
  return { code, report: JSON.parse(program.out[0] as string) };
}

const SMALL = ['--seconds', '3', '--rate', '300', '--scanners', '60', '--sync', '2m'];

describe('npm run loadtest', () => {
  test('flash-sale: what was there is sold, not one unit more', async () => {
    expect(await loadtest('flash-sale', ...SMALL)).toMatchObject({
      code: 0,
      report: {
        ok: true,
        problems: [],
        offeredPerSecond: 300,
        accepted: 450,
        refused: { insufficient: 450 },
        figures: {},
      },
    });
  });

  test('storm: what was under way is sent again and counts once', async () => {
    const { code, report } = await loadtest('storm', ...SMALL);
    expect({ code, report }).toMatchObject({
      code: 0,
      report: { ok: true, problems: [], accepted: 960, refused: {} },
    });
    const { figures, sentAgain } = report as {
      figures: Record<string, number>;
      sentAgain: number;
    };
    expect(figures['under way when cut']).toBeGreaterThanOrEqual(60);
    expect(sentAgain).toBeGreaterThanOrEqual(60);
  });

  test('a scenario that k6 does not drive is refused with --k6', async () => {
    const program = await Program.run(['loadtest', 'storm', '--k6']);
    expect(await program.ended).toBe(1);
    expect(program.errors.join()).toContain('k6 does not drive storm');
  });
});

describe('the verification of a load test', () => {
  const PLAN = { kind: 'shift', warehouse: 'W1', skus: 5, units: 100 } as const;
  const KEY = 'W1/SKU-00000';

  /** The compiled one: it starts its driver by file name. */
  async function loaded(): Promise<Rig> {
    const url = new URL('../../dist/loadtest/scenarios/rig.js', import.meta.url).href;
    const { openRig } = (await import(url)) as typeof import('../../loadtest/scenarios/rig.ts');
    const settings = { seconds: 2, rate: 200, scanners: 10, sync: '2m' };
    const rig = await openRig(settings, PLAN, { opened, say: () => {} });
    const { run } = await rig.measure({ plan: PLAN, rate: 200, seconds: 2 });
    expect(run).toMatchObject({ due: 400, accepted: 400 });
    return rig;
  }

  test('fails where a wrong count is told, and where somebody else changed the stock', async () => {
    const rig = await loaded();
    expect(await rig.verify()).toEqual([]);

    const account = (await rig.driver.books()).get(KEY) as Account;
    const oneMore = new Map([[KEY, { ...account, allocated: account.allocated + 1 }]]);
    expect(await rig.verify(oneMore)).toEqual([
      expect.stringMatching(/SKU-00000: told .*at the node/),
      expect.stringMatching(/SKU-00000: told .*at the centre/),
      expect.stringMatching(/SKU-00000: told .*in the ledger/),
    ]);

    const client = await Client.connect(rig.target.address);
    const step = { op: 'receive', warehouse: 'W1', sku: 'SKU-00000', qty: 1 } as const;
    expect(await client.send(step)).toMatchObject({ ok: true, seq: account.lastSeq + 1 });
    client.close();
    expect((await rig.verify()).length).toBe(3);
  });
});

const k6 = await findK6();
const title = k6 === undefined ? 'k6 (there is none: it is built when --k6 is asked for)' : 'k6';

describe.skipIf(k6 === undefined)(title, () => {
  test('drives a flash sale that adds up', async () => {
    expect(await loadtest('flash-sale', ...SMALL, '--k6')).toMatchObject({
      code: 0,
      report: { ok: true, problems: [], accepted: 450, refused: { insufficient: 450 } },
    });
  });
});
