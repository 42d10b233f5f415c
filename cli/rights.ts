import { StartError } from '../engine/errors.ts';
import type { PoolsView } from '../engine/rights/pool-feed.ts';
import type { Buried } from '../engine/rights/selling.ts';
import type { Explained, ExplainedPool } from '../engine/rights/sharer.ts';
import { rightsAdminSubject } from '../engine/subjects.ts';
import { linkTo } from './nats-link.ts';

export interface AskOptions {
  readonly nats: string;
  readonly token?: string;
  readonly json: boolean;
}

/** Nodes that have something to say have said it by then, ms; what writes many records takes longer. */
const WAIT_MS = 1_500;
const WRITE_MS = 10_000;

/** Asks every node that can be reached, and gathers what those have to say that have something to say. */
async function askAll<Told>(
  what: string,
  body: object,
  options: AskOptions,
  maxWait = WAIT_MS,
): Promise<Told[]> {
  const nats = await linkTo(options.nats, `holdfast ${what}`);
  try {
    const { headers } = await import('@nats-io/transport-node');
    const head = headers();
    if (options.token !== undefined) head.set('Holdfast-Token', options.token);
    const told: Told[] = [];
    const answers = await nats.requestMany(rightsAdminSubject(what), JSON.stringify(body), {
      strategy: 'timer',
      maxWait,
      ...(options.token === undefined ? {} : { headers: head }),
    });
    for await (const answer of answers) {
      const one = answer.json<{ ok: boolean; message?: string }>();
      if (!one.ok) throw new StartError(one.message ?? 'refused');
      told.push(one as Told);
    }
    return told;
  } catch (e) {
    if ((e as Error).name === 'NoRespondersError') return [];
    throw e;
  } finally {
    await nats.close();
  }
}

/** Written `owner/sku`. */
function named(ownerAndSku: string): { readonly owner: string; readonly sku: string } {
  const slash = ownerAndSku.indexOf('/');
  if (slash < 1) throw new StartError(`${ownerAndSku}: write it owner/sku`);
  return { owner: ownerAndSku.slice(0, slash), sku: ownerAndSku.slice(slash + 1) };
}

/** What each selling point has of a SKU, what it should have, and why. */
export async function explain(ownerAndSku: string, options: AskOptions): Promise<void> {
  const told = await askAll<{ homes: Explained[] }>('explain', named(ownerAndSku), options);
  const homes = told.flatMap((one) => one.homes);
  if (options.json) process.stdout.write(`${JSON.stringify({ homes })}\n`);
  else process.stdout.write(homes.length === 0 ? NOBODY : homes.map(table).join('\n'));
}

const NOBODY =
  'No selling point that can be reached from here shares this SKU. Orders for it open a lane at its home.\n';

/** One home's account of a SKU, for a person. */
export function table({ sku, home, atRisk, pools, waiting, awaits }: Explained): string {
  const lines = [`${sku}, home ${home}`];
  if (atRisk > 0) lines.push(`  ${atRisk} of the rights out are at risk`);
  if (awaits.length > 0) {
    lines.push(`  Restored; sells nothing before it has heard ${awaits.join(', ')}`);
  }
  const [pool] = pools;
  if (pool !== undefined && pool.points.length > 0) lines.push(`  ${usually(pool)}`);
  for (const pool of pools) lines.push(...poolLines(pool));
  for (const { point, lack } of waiting) lines.push(`  an order at ${point} waits for ${lack}`);
  return `${lines.join('\n')}\n`;
}

function poolLines({ pool, units, quota, free, points }: ExplainedPool): string[] {
  const lines = [`  ${pool}: ${units}, of which ${free} at home; its part is ${quota}`];
  const width = Math.max(0, ...points.map(({ name }) => name.length));
  for (const { name, have, want, why, share, ratePerHour, silentMs } of points) {
    const reason =
      why === 'share' ? percent(share, 'of the demand') : 'two hours’ sales and a margin';
    const silent = silentMs < 0 ? 'never heard' : `heard ${(silentMs / 1_000).toFixed(1)} s ago`;
    lines.push(
      `    ${name.padEnd(width)}  has ${String(have).padStart(6)}  should have ${String(want).padStart(6)}  ` +
        `${reason.padEnd(29)}  asked for ${ratePerHour.toFixed(1)} an hour  ${silent}`,
    );
  }
  return lines;
}

/** What stands in for demand where there is little, the same for all pools, and where it is from. */
function usually({ points }: ExplainedPool): string {
  const home = 1 - points.reduce((sum, { usual }) => sum + usual.share, 0);
  const parts = points.map(({ name, usual }) => `${name} ${percent(usual.share)}`);
  const all = [...parts, `home itself ${percent(Math.max(0, home))}`].join(', ');
  return points.some(({ usual }) => usual.by === 'sales')
    ? `usual, by the last 28 days: ${all}`
    : `usual, equal parts since no sales are known: ${all}`;
}

const percent = (share: number, of = ''): string => `${Math.round(share * 100)} % ${of}`.trimEnd();

export interface PoolsOptions extends AskOptions {
  readonly warehouse: string;
}

/** What each channel may sell of a SKU in one warehouse. */
export async function pools(ownerAndSku: string, options: PoolsOptions): Promise<void> {
  const { warehouse } = options;
  const asked = { ...named(ownerAndSku), warehouse };
  const [told] = await askAll<PoolsView>('pools', asked, options);
  if (told === undefined) {
    throw new StartError(
      `nothing is known of ${ownerAndSku} in ${warehouse}, or its home is cut off`,
    );
  }
  if (options.json) return void process.stdout.write(`${JSON.stringify(told)}\n`);
  const rows = (of: Readonly<Record<string, number>>): string =>
    Object.entries(of)
      .map(([name, units]) => `  ${name.padEnd(24)} ${String(units).padStart(8)}\n`)
      .join('');
  const channels = rows(told.channels);
  process.stdout.write(
    `${ownerAndSku}@${warehouse}: ${told.available} available\n${rows(told.pools)}` +
      (channels === '' ? '' : `what channels may sell:\n${channels}`),
  );
}

export interface BuryOptions extends AskOptions {
  readonly more: number;
}

/** Gives up the rights of a life that cannot come back. */
export async function bury(life: string, options: BuryOptions): Promise<void> {
  const asked = { life, more: options.more };
  const told = await askAll<{ homes: Buried[] }>('bury', asked, options, WRITE_MS);
  const homes = told.flatMap((one) => one.homes);
  if (homes.length === 0) throw new StartError(`no home that can be reached knows life ${life}`);
  const booked = homes.reduce((sum, one) => sum + one.booked, 0);
  const left = homes.reduce((sum, one) => sum + one.lanesLeft, 0);
  if (options.json) process.stdout.write(`${JSON.stringify({ life, booked, homes })}\n`);
  else {
    process.stdout.write(
      `Life ${life} is buried at ${homes.map(({ home }) => home).join(', ')}: ${booked} units are booked as a risk. ` +
        'What it sold and nobody has heard of will come home as late sales, should it be found.\n' +
        (left === 0 ? '' : `${left} of its lanes are not written off yet: run this again.\n`),
    );
  }
}

export interface LeaveOptions extends AskOptions {
  readonly lives: number;
}

/** Takes a selling point out that is gone for good. */
export async function leave(point: string, options: LeaveOptions): Promise<void> {
  const asked = { point, lives: options.lives };
  const told = await askAll<{ homes: Buried[]; isRegion?: boolean }>(
    'leave',
    asked,
    options,
    WRITE_MS,
  );
  if (told.some(({ isRegion }) => isRegion === true)) {
    throw new StartError(
      `${point} is among the regions that a node was started with. Take it out of them, start the nodes again, then run this.`,
    );
  }
  const homes = told.flatMap((one) => one.homes);
  if (homes.length === 0) throw new StartError(`no home that can be reached knows ${point}`);
  const booked = homes.reduce((sum, one) => sum + one.booked, 0);
  const left = homes.filter(({ lanesLeft }) => lanesLeft > 0).map(({ home }) => home);
  if (options.json)
    return void process.stdout.write(`${JSON.stringify({ point, booked, homes })}\n`);
  process.stdout.write(
    `${homes.length} homes do not wait for ${point} any more: ${booked} units are booked as a risk.\n` +
      (left.length === 0 ? '' : `Not yet done at ${left.join(', ')}: run this again.\n`),
  );
}

export interface FlashOptions extends AskOptions {
  readonly warehouse: string;
  readonly minutes: number;
}

/** Splits a SKU over all selling points, and recalls in halves as they drain. */
export async function flash(ownerAndSku: string, options: FlashOptions): Promise<void> {
  const { warehouse, minutes } = options;
  const asked = { ...named(ownerAndSku), warehouse, forMs: minutes * 60_000 };
  const [told] = await askAll<{ home: string }>('flash', asked, options);
  if (told === undefined) throw new StartError(`the home of ${warehouse} cannot be reached`);
  process.stdout.write(
    options.json
      ? `${JSON.stringify(told)}\n`
      : `${told.home} splits it over all selling points.\n`,
  );
}
