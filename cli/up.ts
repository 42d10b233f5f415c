import { StartError } from '../engine/errors.ts';
import { openLog } from './log.ts';
import { findBinary } from './nats-binary.ts';
import { type Doors, RegionStack } from './region-stack.ts';
import { openRegions, type RegionsOptions } from './regions-file.ts';
import { receiveSample } from './sample.ts';
import { Stack, type StackOptions } from './stack.ts';
import { stopOnSignal } from './stopping.ts';
import { VERSION } from './version.ts';

export interface UpOptions extends RegionsOptions {
  readonly port: number;
  readonly host: string;
  readonly data: string;
  readonly sample: boolean;
  readonly json: boolean;
  readonly sync: string;
  readonly postgres?: string;
  readonly snapshotEvery?: number;
  readonly routing?: string;
  readonly nodes: number;
  readonly logLevel: string;
}

/** Starts everything, says where, and serves until told to stop. */
export async function up(options: UpOptions): Promise<void> {
  const log = openLog(options.logLevel);
  const starting = start(options, {
    dataDir: options.data,
    port: options.port,
    host: options.host,
    natsBinary: await findBinary(),
    sync: options.sync,
    postgres: options.postgres,
    snapshotEvery: options.snapshotEvery,
    nodes: options.nodes,
    routing: options.routing,
    log,
  });
  // Also while it starts: what was begun is taken down again.
  const isStopping = stopOnSignal(async () => (await starting).close(), log, options.json);
  const { stack, doors } = await starting;
  try {
    if (options.sample && doors === undefined) await receiveSample(stack.ws, stack.token);
  } catch (e) {
    if (isStopping()) return;
    throw e;
  }
  if (isStopping()) return;
  process.stdout.write(options.json ? line(stack, doors) : welcome(stack, doors));
}

interface Up {
  /** Of the hub, where there are regions. */
  readonly stack: Stack;
  /** By region; undefined where there is one. */
  readonly doors: Readonly<Record<string, Doors>> | undefined;
  close(): Promise<void>;
}

async function start(options: UpOptions, common: StackOptions): Promise<Up> {
  const regions = await openRegions(options);
  if (regions === undefined) {
    if (options.routing !== undefined) {
      throw new StartError(
        '--routing is of no use without --regions: orders are routed at selling points',
      );
    }
    const stack = await Stack.start(common);
    return { stack, doors: undefined, close: () => stack.close() };
  }
  if (options.nodes !== 1) {
    throw new StartError('--nodes and --regions do not go together: a region has one node here');
  }
  const all = await RegionStack.start({ ...common, regions, places: options.places });
  return { stack: all.hub, doors: all.doors, close: () => all.close() };
}

const line = ({ ws, http, nats, token, data }: Stack, regions: Up['doors']): string => {
  const ready = { ws, http, nats, token, data: data.dir, pid: process.pid };
  return `${JSON.stringify(regions === undefined ? ready : { ...ready, regions })}\n`;
};

const welcome = (stack: Stack, doors: Up['doors']): string => `
Holdfast ${VERSION} is ready.

${doors === undefined ? places(stack) : placesOf(stack, doors)}
  Data       ${stack.data.dir}

  Token, for owner demo and every warehouse, 30 days:
  ${stack.token}

Say hello, then ${doors === undefined ? 'reserve two mugs' : 'receive two mugs, in any region'}:
  {"op":"hello","token":"<the token>"}
  ${JSON.stringify(doors === undefined ? RESERVE : receiveIn(Object.keys(doors)[1] as string))}

${doors === undefined ? '' : sellIn(Object.keys(doors).slice(1))}Ctrl-C stops it and loses nothing.
`;

const RESERVE = { n: 1, op: 'reserve', warehouse: 'W1', sku: 'MUG-WHITE', qty: 2, hold: 'SO-1/1' };
const receiveIn = (region: string) => {
  const mugs = { sku: 'MUG-WHITE', qty: 2, doc: 'ASN-1' };
  return { n: 1, op: 'receive', warehouse: `${region}-1`, ...mugs };
};

/** Goods of the first region, sold at the last one's point. */
const sellIn = (regions: readonly string[]): string => {
  const lines = [{ warehouse: `${regions[0]}-1`, sku: 'MUG-WHITE', qty: 1 }];
  const order = JSON.stringify({ op: 'sell', order: 'SO-1', lines });
  return `Then sell one by NATS at any selling point, here that of ${regions.at(-1)}:
  nats req inv.sell.${regions.at(-1)} '${order}'

`;
};

const places = ({ ws, http, nats, door }: Stack): string => `\
  Scanners   ${ws}   (${door})
  Health     ${http}/readyz   metrics ${http}/metrics
  NATS       ${nats}`;

/** A warehouse's commands go to its region's doors. */
const placesOf = ({ http }: Stack, doors: Readonly<Record<string, Doors>>): string =>
  [
    ...Object.entries(doors).map(([name, { ws, nats }]) => `  ${name.padEnd(10)} ${ws}   ${nats}`),
    `  Health     ${http}/readyz   metrics ${http}/metrics   and so at every region`,
  ].join('\n');
