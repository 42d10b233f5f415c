import { connect } from '@nats-io/transport-node';
import { StartError } from '../../engine/errors.ts';
import { RECONNECT } from '../../engine/reconnect.ts';
import { ChildStack, type Ready } from '../child-stack.ts';
import { openLog } from '../log.ts';
import { type Orders, WAREHOUSES } from '../tafeng/basket.ts';
import { ensureTafeng, readCsv } from '../tafeng/fetch.ts';
import { readOrders } from '../tafeng/orders.ts';
import { Bar } from './bar.ts';
import { centreCaughtUp, differences } from './compare.ts';
import { Lane } from './lane.ts';

export interface ReplayOptions {
  readonly days: number;
  readonly json: boolean;
  /** With places, batches that expire and boxes, derived from the data. */
  readonly lots: boolean;
  readonly file?: string;
  /** Data folder of the private stack; kept afterwards. */
  readonly data?: string;
  /** A running one instead of a private stack. */
  readonly url?: string;
  readonly token?: string;
  readonly nats?: string;
}

interface Target {
  readonly url: string;
  readonly token: string;
  readonly nats: string | undefined;
  stop(): Promise<void>;
}

/** Drives the Ta-Feng orders through the gateway, then holds the centre against its answers. */
export async function replayTafeng(options: ReplayOptions): Promise<void> {
  const log = openLog('info');
  const csv = await ensureTafeng({
    ...(options.file === undefined ? {} : { file: options.file }),
    log: (text) => process.stderr.write(`${text}\n`),
  });
  const orders = readOrders(await readCsv(csv), options.days);
  const target = await targetOf(options);
  try {
    const problems = await replay(target, orders, options);
    for (const problem of problems.slice(0, 10)) log.error(problem);
    if (problems.length > 0) process.exitCode = 1;
  } finally {
    await target.stop();
  }
}

async function targetOf(options: ReplayOptions): Promise<Target> {
  const { url, token, nats, data } = options;
  if (url !== undefined) {
    if (token === undefined) throw new StartError('--url needs --token as well');
    return { url, token, nats, stop: () => Promise.resolve() };
  }
  const { stack, ready } = await ChildStack.start(data === undefined ? {} : { data });
  const { ws, token: made, nats: server }: Ready = ready;
  return { url: ws, token: made, nats: server, stop: () => stack.stop() };
}

/** What went wrong; empty when centre and gateway agree. */
async function replay(
  target: Target,
  orders: Orders,
  { json, lots }: Pick<ReplayOptions, 'json' | 'lots'>,
): Promise<string[]> {
  const bar = new Bar(orders.lines);
  const lanes = await Promise.all(
    WAREHOUSES.map((warehouse) =>
      Lane.open(
        { ...target, lots },
        warehouse,
        (lines) => bar.add(lines),
        (up, why) => {
          if (!up) bar.say(`the link to ${warehouse} broke (${why}); going on when it is back`);
        },
      ),
    ),
  );
  try {
    const again = lanes.filter((lane) => lane.hasRun).map((lane) => lane.warehouse);
    if (again.length > 0) {
      bar.say(
        `This data folder holds a replay already (${again.join(', ')}). Nothing was sent again. ` +
          'Use a new data folder to count from the start.',
      );
      process.stdout.write(`${JSON.stringify({ days: orders.days, already: true })}\n`);
      return [];
    }
    const begun = performance.now();
    await Promise.all(
      lanes.map((lane) =>
        lane.run(
          orders.opening.filter((p) => p.warehouse === lane.warehouse),
          orders.baskets.filter((b) => b.warehouse === lane.warehouse),
        ),
      ),
    );
    const seconds = (performance.now() - begun) / 1000;
    bar.end();
    const problems = await check(target.nats ?? lanes[0]?.nats, lanes);
    report(orders, lanes, seconds, json, problems.length === 0);
    return problems;
  } finally {
    for (const lane of lanes) lane.close();
  }
}

async function check(server: string | undefined, lanes: readonly Lane[]): Promise<string[]> {
  if (server === undefined)
    throw new StartError("the token is no administrator's: name the NATS address with --nats");
  const nats = await connect({ servers: server, ...RECONNECT });
  try {
    const behind = await centreCaughtUp(nats);
    if (behind !== undefined) return [behind];
    const found: string[] = [];
    for (const lane of lanes) found.push(...(await differences(nats, lane.warehouse, lane.last)));
    return found;
  } finally {
    await nats.close();
  }
}

function report(
  orders: Orders,
  lanes: readonly Lane[],
  seconds: number,
  json: boolean,
  agreed: boolean,
): void {
  const sum = (read: (lane: Lane) => number): number =>
    lanes.reduce((n, lane) => n + read(lane), 0);
  const figures = {
    days: orders.days,
    lines: orders.lines,
    baskets: orders.baskets.length,
    skuWarehouses: orders.skuWarehouses,
    openingUnits: orders.openingUnits,
    accepted: sum((l) => l.totals.accepted),
    refused: sum((l) => l.totals.refused),
    shippedUnits: sum((l) => l.totals.shippedUnits),
    leftUnits: sum((l) => [...l.last.values()].reduce((n, s) => n + s.onHand, 0)),
    perWarehouse: Object.fromEntries(
      lanes.map((l) => [l.warehouse, { accepted: l.totals.accepted, refused: l.totals.refused }]),
    ),
    seconds: Number(seconds.toFixed(2)),
    linesPerSecond: Math.round(orders.lines / seconds),
  };
  if (json) {
    process.stdout.write(`${JSON.stringify(figures)}\n`);
    return;
  }
  const { days, lines, accepted, refused, shippedUnits, leftUnits, linesPerSecond } = figures;
  process.stdout.write(
    `${days} days, ${lines} lines: ${accepted} orders accepted and shipped (${shippedUnits} units), ` +
      `${refused} refused, ${leftUnits} units left, ${linesPerSecond} lines/s. ` +
      `${agreed ? 'The centre agrees' : 'THE CENTRE DIFFERS'}.\n`,
  );
}
