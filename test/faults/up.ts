import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Ready } from '../../cli/child-stack.ts';
import { bornAt, isAlive, openData } from '../../cli/data.ts';
import { freePort } from '../../cli/ports.ts';
import { sleep, systemClock } from '../../engine/clock.ts';
import type { Opened } from '../../loadtest/opened.ts';
import { Program } from './program.ts';

const GONE_MS = 10_000;
/** Often enough that faults hit snapshots and trimming as well. */
const SNAPSHOT_EVERY = '400';

export interface UpOptions {
  /** nats-server's sync_interval. */
  readonly sync: string;
}

/** `holdfast up` as a process of its own, on a port that it keeps, and the nats-server that it starts. */
export class Up extends Program<Ready> {
  readonly data: string;
  #nats: Known | undefined;

  private constructor(data: string, args: readonly string[]) {
    super(args);
    this.data = data;
  }

  /** Ended with `opened`. */
  static async start(opened: Opened, data: string, options: UpOptions): Promise<Up> {
    const args = ['up', '--json', '--no-sample', '--data', data, '--sync', options.sync];
    args.push('--port', String(await freePort()), '--snapshot-every', SNAPSHOT_EVERY);
    const up = new Up(data, args);
    opened.add(() => up.end());
    await up.restart();
    return up;
  }

  /** An empty data folder, so that a disk can be put into it before the first start. */
  static async prepare(data: string): Promise<void> {
    const folder = await openData(data);
    await folder.release();
  }

  /** Of its nats-server, as the data folder says, or said while it could be read; 0 if that one is gone. */
  get natsPid(): number {
    this.#nats = serverOf(this.data) ?? this.#nats;
    return isRunning(this.#nats) ? this.#nats.pid : 0;
  }

  override async restart(): Promise<void> {
    await super.restart();
    this.#nats = serverOf(this.data);
  }

  async killNats(signal: NodeJS.Signals = 'SIGKILL'): Promise<void> {
    const pid = this.natsPid;
    if (pid > 0) await signalAndWait(pid, signal);
  }

  /** Whatever state it is in, nothing of it is left. */
  async end(): Promise<void> {
    await this.stop();
    await this.killNats();
  }
}

/** Sends a signal that ends a process, and waits until it has ended. */
async function signalAndWait(pid: number, signal: NodeJS.Signals): Promise<void> {
  const born = bornAt(pid);
  process.kill(pid, signal);
  const until = systemClock.monoMs() + GONE_MS;
  while (isAlive(pid) && bornAt(pid) === born) {
    if (systemClock.monoMs() > until) throw new Error(`process ${pid} does not end`);
    await sleep(systemClock, 5);
  }
}

/** A process that is not mistaken for a later one with the same number. */
interface Known {
  readonly pid: number;
  readonly born: string | undefined;
}

const isRunning = (known: Known | undefined): known is Known =>
  known !== undefined && isAlive(known.pid) && bornAt(known.pid) === known.born;

function serverOf(data: string): Known | undefined {
  try {
    const [pid, born] = readFileSync(join(data, 'nats', 'pid'), 'utf8').split(' ');
    return Number(pid) > 0 ? { pid: Number(pid), born } : undefined;
  } catch {
    return undefined; // not started yet, or its disk is gone
  }
}
