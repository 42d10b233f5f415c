import { execFile } from 'node:child_process';
import { existsSync } from 'node:fs';
import { promisify } from 'node:util';
import { connect, type NatsConnection } from '@nats-io/transport-node';
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import { lacksIslands } from '../../cli/islands.ts';
import type { PrivateRegions as Harness } from '../../cli/private-regions.ts';
import { Homes } from '../../cli/replay/partition/homes.ts';
import type { Order } from '../../cli/replay/partition/plan.ts';
import { shipAll } from '../../cli/replay/partition/proof.ts';
import type { Report } from '../../cli/replay/partition/report.ts';
import { ensureTafeng } from '../../cli/tafeng/fetch.ts';
import { systemClock } from '../../engine/clock.ts';
import { Program } from '../support/up.ts';

/** The real programs: nodes are processes, the centre is a thread. */
const built = new URL('../../dist/cli/private-regions.js', import.meta.url);
const SLOW_MS = 240_000;
const missing = await ensureTafeng({ log: () => {} }).then(
  () => undefined,
  (e: Error) => e.message,
);
const noIslands = await lacksIslands();

const running: Program[] = [];
afterEach(async () => {
  for (const program of running.splice(0)) {
    if (program.child.exitCode === null) await program.kill('SIGTERM');
  }
}, SLOW_MS);

async function replay(...args: string[]): Promise<Program> {
  const program = await Program.run(['replay', 'partition', '--json', ...args]);
  running.push(program);
  return program;
}

async function reportOf(...args: string[]): Promise<Report> {
  const program = await replay(...args);
  const code = await program.ended;
  expect({ code, errors: code === 0 ? [] : program.errors }).toEqual({ code: 0, errors: [] });
  return JSON.parse(program.out[0] as string) as Report;
}

const title = missing === undefined ? 'cut links' : `cut links (${missing})`;

describe.skipIf(missing !== undefined || !existsSync(built))(title, () => {
  test(
    'P4 P7 four points sell while links are cut: none oversold, each order shipped once, all equal after',
    async () => {
      const report = await reportOf('--relay', '--seconds', '16', '--rate', '30', '--seed', '3');
      expect(report).toMatchObject({ links: 'relay', oversold: 0, undecided: 0, problems: [] });
      expect(report.shippedUnits).toBe(report.acceptedUnits);
      expect(report.accepted + report.refused).toBe(480);
      for (const some of [report.cuts, report.soldWhileCut, report.accepted]) {
        expect(some).toBeGreaterThan(0);
      }
    },
    SLOW_MS,
  );

  test(
    'nothing is refused that is unsold while links are whole',
    async () => {
      const report = await reportOf('--relay', '--seconds', '8', '--rate', '30', '--cuts', '0');
      const right = { cuts: 0, soldWhileCut: 0, refusedUnsold: 0, unsoldWhy: [], problems: [] };
      expect(report).toMatchObject(right);
      expect(report.grants).toBeGreaterThan(0);
    },
    SLOW_MS,
  );

  test.skipIf(noIslands !== undefined)(
    'a signal in the middle leaves no namespace and no wire behind',
    async () => {
      const program = await replay('--seconds', '60', '--rate', '5');
      const name = `hf-${program.child.pid}-`;
      const seen = async (): Promise<string> => {
        const { stdout } = await promisify(execFile)('ip', ['netns', 'list']);
        const { stdout: links } = await promisify(execFile)('ip', ['-br', 'link']);
        const its = [name, `x${program.child.pid}`, `hfa${program.child.pid}`];
        const lines = `${stdout}\n${links}`.split('\n');
        return lines.filter((line) => its.some((part) => line.includes(part))).join('\n');
      };
      await until(async () => program.errors.some((line) => line.includes('orders in')));
      expect(await seen()).toContain(name);
      expect(await program.kill('SIGTERM')).toBe(130);
      expect(await seen()).toBe('');
    },
    SLOW_MS,
  );
});

async function until(isSo: () => Promise<boolean>): Promise<void> {
  while (!(await isSo())) await new Promise((resolve) => setTimeout(resolve, 50));
}

describe.skipIf(!existsSync(built))('a hub and a region', () => {
  let harness: Harness;
  const links = new Map<string, NatsConnection>();

  beforeEach(async () => {
    const { PrivateRegions } = (await import(built.href)) as { PrivateRegions: typeof Harness };
    harness = await PrivateRegions.start({ regions: ['eu'], sync: '2m' });
    for (const name of ['hub', 'eu']) {
      links.set(name, await connect({ servers: harness.stack.doors[name]?.nats as string }));
    }
    homes = new Homes(links, systemClock);
  }, SLOW_MS);
  afterEach(async () => {
    for (const nats of links.values()) await nats.close();
    await harness.close();
  }, SLOW_MS);

  const line = { warehouse: 'eu-1', sku: 'MUG', qty: 2 };
  const supply = [{ ...line, qty: 20 }];
  let homes: Homes;
  const sell = async (point: string, order: string, qty = line.qty): Promise<unknown> => {
    const asked = JSON.stringify({ op: 'sell', order, lines: [{ ...line, qty }] });
    const nats = links.get(point) as NatsConnection;
    return (await nats.request(`inv.sell.${point}`, asked, { timeout: 5_000 })).json();
  };
  /** Just after a start a point may not have heard its homes yet; an order may always be sent again. */
  const insist = (point: string, order: string): Promise<void> =>
    vi.waitFor(async () => expect(await sell(point, order)).toMatchObject({ ok: true }), {
      timeout: SLOW_MS,
      interval: 200,
    });
  const sold = async (id: string): Promise<Order> => {
    await insist('eu', id);
    await until(async () => (await homes.holds([{ id, line }]))[0] !== undefined);
    return { id, point: 'eu', lines: [line] };
  };

  test(
    'the proof finds an order that is lost, one that is held for too much, and one that nobody was told of',
    async () => {
      await homes.receive(supply);
      const prove = async (accepted: readonly Order[], units: number) =>
        (await shipAll(homes, accepted, supply, { sold: new Map([['MUG', units]]) })).problems;

      expect(await prove([await sold('A')], 2)).toEqual([]);
      const lost: Order = { id: 'B', point: 'eu', lines: [line] };
      expect((await prove([lost], 2)).join('\n')).toMatch(/B, MUG: sold 2, held undefined/);
      const told = { ...(await sold('C')), lines: [{ ...line, qty: 1 }] };
      expect((await prove([told], 3)).join('\n')).toMatch(/C, MUG: sold 1, held .*"qty":2/);
      await sold('D');
      expect((await prove([], 4)).join('\n')).toMatch(/16 on hand and 0 allocated expected/);
    },
    SLOW_MS,
  );

  test(
    'a point that is cut off sells what it has, and says of the rest that it cannot tell',
    async () => {
      await homes.receive(supply);
      await insist('hub', 'A');
      await harness.cut('eu', 'closed');
      const { lines } = (await sell('hub', 'B', 1)) as { lines: { left: number }[] };
      const left = lines[0]?.left as number;
      expect(left).toBeGreaterThan(0);
      expect(await sell('hub', 'C', left)).toMatchObject({ ok: true });
      const home = /home eu\.\d was last heard \d+ s ago/;
      await vi.waitFor(
        async () => {
          const answer = await sell('hub', 'D', 1);
          const message = expect.stringMatching(home);
          expect(answer).toMatchObject({ ok: false, code: 'stranded', message, available: 0 });
        },
        { timeout: SLOW_MS, interval: 100 },
      );
      await harness.heal('eu');
      await homes.receive(supply); // the point may have had all there was
      await vi.waitFor(async () => expect(await sell('hub', 'D', 1)).toMatchObject({ ok: true }), {
        timeout: SLOW_MS,
        interval: 200,
      });
      expect(await sell('hub', 'E', 1_000)).toMatchObject({ ok: false, code: 'insufficient' });
    },
    SLOW_MS,
  );
});
