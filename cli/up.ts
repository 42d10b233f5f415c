import { openLog } from './log.ts';
import { findBinary } from './nats-binary.ts';
import { receiveSample } from './sample.ts';
import { Stack } from './stack.ts';
import { stopOnSignal } from './stopping.ts';
import { VERSION } from './version.ts';

export interface UpOptions {
  readonly port: number;
  readonly host: string;
  readonly data: string;
  readonly sample: boolean;
  readonly json: boolean;
  readonly sync: string;
  readonly postgres?: string;
  readonly snapshotEvery?: number;
  readonly nodes: number;
  readonly logLevel: string;
}

/** Starts everything, says where, and serves until told to stop. */
export async function up(options: UpOptions): Promise<void> {
  const log = openLog(options.logLevel);
  const starting = Stack.start({
    dataDir: options.data,
    port: options.port,
    host: options.host,
    natsBinary: await findBinary(),
    sync: options.sync,
    postgres: options.postgres,
    snapshotEvery: options.snapshotEvery,
    nodes: options.nodes,
    log,
  });
  // Also while it starts: what was begun is taken down again.
  const isStopping = stopOnSignal(async () => (await starting).close(), log, options.json);
  const stack = await starting;
  try {
    if (options.sample) await receiveSample(stack.ws, stack.token);
  } catch (e) {
    if (isStopping()) return;
    throw e;
  }
  if (!isStopping()) process.stdout.write(options.json ? line(stack) : welcome(stack));
}

const line = ({ ws, http, nats, token, data }: Stack): string =>
  `${JSON.stringify({ ws, http, nats, token, data: data.dir, pid: process.pid })}\n`;

const welcome = ({ ws, http, nats, token, data, door }: Stack): string => `
Holdfast ${VERSION} is ready.

  Scanners   ${ws}   (${door})
  Health     ${http}/readyz   metrics ${http}/metrics
  NATS       ${nats}
  Data       ${data.dir}

  Token, for owner demo and every warehouse, 30 days:
  ${token}

Say hello, then reserve two mugs:
  {"op":"hello","token":"<the token>"}
  {"n":1,"op":"reserve","warehouse":"W1","sku":"MUG-WHITE","qty":2,"hold":"SO-1/1"}

Ctrl-C stops it and loses nothing.
`;
