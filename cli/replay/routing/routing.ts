import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { connect, type NatsConnection } from '@nats-io/transport-node';
import { systemClock } from '../../../engine/clock.ts';
import { StartError } from '../../../engine/errors.ts';
import { RECONNECT } from '../../../engine/reconnect.ts';
import { HUB } from '../../../engine/regions.ts';
import { Opened } from '../../../loadtest/opened.ts';
import { PrivateRegions } from '../../private-regions.ts';
import { ensureTafeng, readCsv } from '../../tafeng/fetch.ts';
import { readOrders } from '../../tafeng/orders.ts';
import { Bar } from '../bar.ts';
import { centreCaughtUp } from '../compare.ts';
import { Chance } from '../partition/chance.ts';
import { Homes } from '../partition/homes.ts';
import { type Line, type Order, regionOf } from '../partition/plan.ts';
import { converged, named, wrongHolds, wrongUnits } from '../partition/proof.ts';
import { METHODS, type Method, rulesFor, WAREHOUSES } from './map.ts';
import { type Plan, planOf } from './plan.ts';
import { figuresOf, type Run, tableOf } from './report.ts';
import { placeAll, type Sale } from './shop.ts';

export interface RoutingReplayOptions {
  readonly days: number;
  readonly seed: number;
  /** Undefined: all, one after another. */
  readonly policy?: Method;
  readonly file?: string;
  readonly json: boolean;
}

const REGIONS = Object.keys(WAREHOUSES).map(regionOf);
const CONVERGE_MS = 120_000;
/** Receipts of one command. */
const RECEIVED = 500;

const say = (text: string): void => {
  process.stderr.write(`routing: ${text}\n`);
};

/** Routes the Ta-Feng orders over three warehouses by each policy, on a stack of its own, and holds homes against what was sold. */
export async function replayRouting(options: RoutingReplayOptions): Promise<void> {
  const { days, seed, policy, file, json } = options;
  if (days < 1) throw new StartError('--days is 1 at least');
  const csv = await ensureTafeng({ ...(file === undefined ? {} : { file }), log: say });
  const plan = planOf(readOrders(await readCsv(csv), days), new Chance(seed));
  const all = [];
  for (const method of policy === undefined ? METHODS : [policy]) {
    const opened = new Opened();
    opened.closeOnSignal();
    const run = await replay(method, plan, opened).finally(() => opened.close());
    for (const problem of named(run.problems)) say(`${method}: ${problem}`);
    if (run.problems.length > 0) process.exitCode = 1;
    all.push(figuresOf(run));
  }
  const shape = { days, seed, orders: plan.orders.length, supplyUnits: unitsOf(plan.supply) };
  process.stdout.write(json ? `${JSON.stringify({ ...shape, policies: all })}\n` : tableOf(all));
}

const unitsOf = (lines: readonly Line[]): number => lines.reduce((sum, { qty }) => sum + qty, 0);

async function replay(method: Method, plan: Plan, opened: Opened): Promise<Run> {
  const clock = systemClock;
  const dir = await mkdtemp(join(tmpdir(), 'holdfast-routing-'));
  opened.add(() => rm(dir, { recursive: true, force: true }));
  const routing = join(dir, 'routing.json');
  await writeFile(routing, JSON.stringify(rulesFor(method)));
  const starting = PrivateRegions.start({ regions: REGIONS, routing });
  opened.add(async () => (await starting).close()); // also in the middle of the start
  const { doors } = (await starting).stack;
  const servers = new Map<string, NatsConnection>();
  for (const place of [HUB, ...REGIONS]) {
    const nats = await connect({ servers: doors[place]?.nats as string, ...RECONNECT });
    opened.add(() => nats.close());
    servers.set(place, nats);
  }
  const hub = servers.get(HUB) as NatsConnection;
  const homes = new Homes(servers, clock);
  for (let at = 0; at < plan.supply.length; at += RECEIVED) {
    await homes.receive(plan.supply.slice(at, at + RECEIVED));
  }
  const behind = await centreCaughtUp(hub);
  if (behind !== undefined) throw new StartError(behind);
  say(`${method}: ${plan.orders.length} orders, ${unitsOf(plan.supply)} units`);
  const bar = new Bar(plan.orders.length);
  const begunMs = clock.monoMs();
  const sales = await placeAll(hub, clock, plan.orders, () => bar.add(1));
  const seconds = (clock.monoMs() - begunMs) / 1_000;
  bar.end();
  return { method, sales, seconds, problems: await problemsOf(homes, plan, sales) };
}

/** Every order is held whole where it was said to be, and nothing else is held. */
async function problemsOf(homes: Homes, plan: Plan, sales: readonly Sale[]): Promise<string[]> {
  const sold = sales.filter(({ outcome }) => outcome === 'accepted');
  const accepted = sold.map(({ order, lines }): Order => ({ id: order.id, point: HUB, lines }));
  const nothing = async (): Promise<undefined> => undefined;
  const now = systemClock.monoMs();
  const end = await converged(systemClock, homes, accepted, nothing, now, CONVERGE_MS);
  const problems = end.ms === undefined ? [end.why] : [];
  for (const { order, outcome, code, lines, isToldOtherwise } of sales) {
    if (outcome === 'failed') problems.push(`${order.id}: no answer for good, ${code} at last`);
    if (isToldOtherwise) problems.push(`${order.id}: told otherwise when it was asked again`);
    if (outcome === 'accepted' && unitsOf(lines) !== unitsOf(order.lines as Line[])) {
      problems.push(
        `${order.id}: ${unitsOf(lines)} units sold of ${unitsOf(order.lines as Line[])}`,
      );
    }
  }
  const units = new Map<string, number>();
  for (const { lines } of accepted) {
    for (const { warehouse, sku, qty } of lines) {
      const key = `${sku}@${warehouse}`;
      units.set(key, (units.get(key) ?? 0) + qty);
    }
  }
  const soldOf = ({ sku, warehouse }: Line): number => units.get(`${sku}@${warehouse}`) ?? 0;
  for (const line of plan.supply) {
    const over = soldOf(line) - line.qty;
    if (over > 0) problems.push(`${line.sku} in ${line.warehouse}: ${over} oversold`);
  }
  problems.push(...(await wrongHolds(homes, accepted)));
  const expected = (line: Line): [number, number] => [line.qty, soldOf(line)];
  problems.push(...(await wrongUnits(homes, plan.supply, 'before', expected)));
  return problems;
}
