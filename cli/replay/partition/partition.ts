import { connect, type NatsConnection } from '@nats-io/transport-node';
import { sleep, systemClock } from '../../../engine/clock.ts';
import { StartError } from '../../../engine/errors.ts';
import { RECONNECT } from '../../../engine/reconnect.ts';
import { HUB } from '../../../engine/regions.ts';
import { Opened } from '../../../loadtest/opened.ts';
import { PrivateRegions } from '../../private-regions.ts';
import { ensureTafeng, readCsv } from '../../tafeng/fetch.ts';
import { readOrders } from '../../tafeng/orders.ts';
import { relays, type Ways, waysFor } from '../../ways.ts';
import { centreDiffers } from '../compare.ts';
import { Chance } from './chance.ts';
import { Cutter } from './cutter.ts';
import { Homes } from './homes.ts';
import { judge } from './judge.ts';
import { type Plan, planOf } from './plan.ts';
import { converged, named, shipAll } from './proof.ts';
import { type Report, type Run, reportOf, told } from './report.ts';
import { Shop } from './shop.ts';
import { trafficOf } from './traffic.ts';

export interface PartitionOptions {
  readonly seconds: number;
  readonly rate: number;
  /** Undefined: by chance. */
  readonly seed?: number;
  /** At most so many; undefined: as many as come about. */
  readonly cuts?: number;
  /** Cuts a TCP relay, also where there could be namespaces. */
  readonly relay: boolean;
  readonly days: number;
  readonly skus: number;
  readonly daily: number;
  readonly file?: string;
  readonly json: boolean;
}

const REGIONS = ['eu', 'us', 'ap'] as const;
const POINTS = [HUB, ...REGIONS] as const;
/** Orders may be asked again for so long after the links are whole, ms. */
const DECIDE_MS = 30_000;
const CONVERGE_MS = 120_000;
/** What is promised, ms. */
const CONVERGED_MS = 30_000;

const say = (text: string): void => {
  process.stderr.write(`partition: ${text}\n`);
};

/** Sells the Ta-Feng orders at four points while links are cut, and proves what came of it. */
export async function replayPartition(options: PartitionOptions): Promise<void> {
  const { seconds, rate, skus } = options;
  if (seconds < 1 || rate < 1 || skus < 1) {
    throw new StartError('--seconds, --rate and --skus are 1 at least');
  }
  const seed = options.seed ?? Math.floor(Math.random() * 2 ** 31);
  const plan = await planned(options, new Chance(seed));
  const opened = new Opened();
  opened.closeOnSignal();
  try {
    const run = await replay({ ...options, seed }, plan, opened);
    const report = reportOf(run);
    for (const problem of named(report.problems)) say(problem);
    if (report.problems.length > 0) process.exitCode = 1;
    process.stdout.write(options.json ? line(report) : told(report, run.outages));
  } finally {
    await opened.close();
  }
}

const line = (report: Report): string => `${JSON.stringify(report)}\n`;

async function planned(options: PartitionOptions, chance: Chance): Promise<Plan> {
  const { file, days, seconds, rate, skus, daily } = options;
  const csv = await ensureTafeng({ ...(file === undefined ? {} : { file }), log: say });
  const orders = readOrders(await readCsv(csv), days);
  const places = { regions: REGIONS, points: POINTS };
  const plan = planOf(orders, { count: seconds * rate, skus, daily, ...places }, chance);
  if (plan.orders.length === 0) throw new StartError('no order has any of these products');
  return plan;
}

interface Place {
  readonly ways: Ways;
  readonly regions: PrivateRegions;
}

/** Taken down again if it does not come about. */
async function start(relay: boolean): Promise<Place> {
  const { ways, why } = relay ? { ways: relays() } : await waysFor(REGIONS);
  if (why !== undefined) say(`no network namespaces here (${why}): links are cut by a TCP relay`);
  return { ways, regions: await PrivateRegions.start({ regions: REGIONS, ways }) };
}

async function replay(
  options: PartitionOptions & { readonly seed: number },
  plan: Plan,
  opened: Opened,
): Promise<Run> {
  const clock = systemClock;
  const { seconds, seed } = options;
  const starting = start(options.relay);
  opened.add(async () => (await starting).regions.close()); // also in the middle of the start
  const { ways, regions } = await starting;
  const { doors } = regions.stack;
  const servers = new Map<string, NatsConnection>();
  for (const point of POINTS) {
    const nats = await connect({ servers: doors[point]?.nats as string, ...RECONNECT });
    opened.add(() => nats.close());
    servers.set(point, nats);
  }
  const homes = new Homes(servers, clock);
  await homes.receive(plan.supply);
  say(`${plan.orders.length} orders in ${seconds} s at ${POINTS.join(', ')}; seed ${seed}`);

  const shop = new Shop({ points: servers, clock });
  const chance = new Chance(seed ^ 0x5eed);
  const cutting = { ways, regions: REGIONS, clock, chance, most: options.cuts ?? Infinity };
  const cutter = new Cutter(cutting);
  const nodes = POINTS.map((point) => doors[point]?.http as string);
  const [halfway] = await Promise.all([
    sleep(clock, seconds * 500).then(() => trafficOf(nodes)),
    shop.open(plan.orders, seconds * 1_000),
    cutter.run(seconds * 1_000),
  ]);
  const healedMs = Math.max(clock.monoMs(), ...cutter.outages.map(({ toMs }) => toMs));
  await shop.close(DECIDE_MS);

  const judged = judge(POINTS, shop.sales, plan.supply, cutter.outages);
  const accepted = shop.sales.filter((s) => s.outcome === 'accepted').map(({ order }) => order);
  const hub = servers.get(HUB) as NatsConnection;
  const differs = () => centreDiffers(hub);
  const end = await converged(clock, homes, accepted, differs, healedMs, CONVERGE_MS);
  const shipped = await shipAll(homes, accepted, plan.supply, judged);
  const traffic = await trafficOf(nodes);
  const problems = [...shipped.problems];
  if (end.ms === undefined) problems.push(`not converged: ${end.why}`);
  else if (end.ms > CONVERGED_MS) problems.push(`converged after ${Math.round(end.ms)} ms only`);
  if (judged.oversold > 0) problems.push(`${judged.oversold} units oversold`);
  for (const { order, outcome, code } of shop.sales) {
    if (outcome === 'undecided') problems.push(`${order.id}: no answer for good, ${code} at last`);
  }
  return {
    ...{ links: ways.kind, seconds, seed, products: plan.supply.length },
    supplyUnits: plan.supply.reduce((sum, { qty }) => sum + qty, 0),
    ...{ sales: shop.sales, outages: cutter.outages, judged, traffic, halfway },
    ...{ convergedMs: end.ms ?? null, shippedUnits: shipped.units, problems },
  };
}
