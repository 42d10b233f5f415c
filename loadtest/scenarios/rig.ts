import { connect, type NatsConnection } from '@nats-io/transport-node';
import { ChildStack } from '../../cli/child-stack.ts';
import { StartError } from '../../engine/errors.ts';
import { RECONNECT } from '../../engine/reconnect.ts';
import type { Opened } from '../opened.ts';
import type { Address } from '../scan/greet.ts';
import { Driver, type Load } from './driven.ts';
import type { Accounts, Run } from './orders.ts';
import { natsPidOf, openFilesLimit, usageOf } from './processes.ts';
import { type Bench, type Settings, type Use, unexpected } from './scenario.ts';
import { lookAtAll, problemsOf } from './verify.ts';
import type { WorkPlan } from './work.ts';

/** A gateway, the NATS server behind it, and the processes to watch. */
export interface Target {
  readonly address: Address;
  readonly nats: string;
  readonly serverPid: number;
  readonly natsPid: number;
}

/** Files that a process has open besides its connections. */
const OTHER_FILES = 200;

/** `holdfast up` as a process of its own, in a new folder. */
async function startStack(sync: string, opened: Opened): Promise<Target> {
  const { stack, ready } = await ChildStack.start({ sync });
  opened.add(() => stack.stop());
  return {
    address: { url: ready.ws, token: ready.token },
    nats: ready.nats,
    serverPid: ready.pid,
    natsPid: natsPidOf(ready.data),
  };
}

/** A private stack and the scanners before it. */
export class Rig {
  readonly target: Target;
  readonly nats: NatsConnection;
  readonly driver: Driver;

  private constructor(target: Target, nats: NatsConnection, driver: Driver) {
    this.target = target;
    this.nats = nats;
    this.driver = driver;
  }

  static async open(target: Target, { opened }: Bench): Promise<Rig> {
    const nats = await connect({ servers: target.nats, ...RECONNECT });
    opened.add(() => nats.close());
    return new Rig(target, nats, await Driver.start(target.address, opened));
  }

  /** Puts a load on it, and says what that took. */
  async measure(load: Load): Promise<{ run: Run; use: Use }> {
    const { result: run, use } = await this.watch(() => this.driver.run(load));
    return { run, use };
  }

  /** What the processes of the stack take while something else puts a load on them. */
  async watch<T>(work: () => Promise<T>): Promise<{ result: T; use: Use }> {
    const { serverPid, natsPid } = this.target;
    const before = [usageOf(serverPid), usageOf(natsPid)] as const;
    const result = await work();
    const after = [usageOf(serverPid), usageOf(natsPid)] as const;
    const use: Use = {
      serverCpuSeconds: after[0].cpuSeconds - before[0].cpuSeconds,
      natsCpuSeconds: after[1].cpuSeconds - before[1].cpuSeconds,
      serverRssBytes: after[0].rssBytes,
    };
    return { result, use };
  }

  /** Holds node, centre and ledger against every answer, and against those that others than the driver got. */
  async verify(others: Accounts = new Map()): Promise<string[]> {
    const told = new Map([...(await this.driver.books()), ...others]);
    return problemsOf(told, await lookAtAll(this.nats, this.target.address));
  }
}

/** The usual beginning: a stack, the goods, the connections. */
export async function openRig(settings: Settings, plan: WorkPlan, bench: Bench): Promise<Rig> {
  const rig = await stockedRig(settings, plan, bench);
  bench.say(`connecting ${settings.scanners} scanners`);
  await rig.driver.connect(settings.scanners);
  return rig;
}

/** The same without the connections. */
export async function stockedRig(
  { sync, scanners }: Settings,
  plan: WorkPlan,
  bench: Bench,
): Promise<Rig> {
  requireFiles(scanners);
  bench.say('starting a private stack');
  const rig = await Rig.open(await startStack(sync, bench.opened), bench);
  await rig.driver.receive(plan);
  return rig;
}

/** The usual end: what of these runs must not be, in words. `others` had answers besides the driver. */
export async function problemsOfRuns(
  runs: readonly Run[],
  rig: Rig,
  { say }: Bench,
  others?: Accounts,
): Promise<string[]> {
  say('verifying');
  return [...runs.flatMap(unexpected), ...(await rig.verify(others))];
}

/** Each connection is an open file of the server, and one of the driver. Node raises the soft limit by itself. */
function requireFiles(scanners: number): void {
  const limit = openFilesLimit();
  if (limit === undefined || limit >= scanners + OTHER_FILES) return;
  throw new StartError(
    `${scanners} scanners need ${scanners + OTHER_FILES} open files and the hard limit is ${limit}: ` +
      'raise it (ulimit -Hn, as root), or name fewer with --scanners',
  );
}
