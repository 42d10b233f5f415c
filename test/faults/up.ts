import { type ChildProcess, spawn } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import type { Ready } from '../../cli/child-stack.ts';
import { bornAt, isAlive, openData } from '../../cli/data.ts';
import { freePort } from '../../cli/ports.ts';
import { packageRoot } from '../../cli/version.ts';
import { sleep, systemClock } from '../../engine/clock.ts';
import { endProcess } from '../../loadtest/child.ts';
import type { Opened } from '../../loadtest/opened.ts';

export const PROGRAM = join(packageRoot(), 'dist', 'cli', 'main.js');
const LOG_LINES = 500;
const GONE_MS = 10_000;

/** Often enough that faults hit snapshots and trimming as well. */
const SNAPSHOT_EVERY = '400';

export interface UpOptions {
  /** nats-server's sync_interval. */
  readonly sync: string;
}

/** `holdfast up` as a process of its own, on a port that it keeps. */
export class Up {
  readonly data: string;
  readonly log: string[] = [];
  readonly #args: readonly string[];
  #child: ChildProcess | undefined;
  #ready: Ready | undefined;
  #nats: Known | undefined;

  private constructor(data: string, args: readonly string[]) {
    this.data = data;
    this.#args = args;
  }

  /** Ended with `opened`, and the nats-server that it started too. */
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

  get ready(): Ready {
    return this.#ready as Ready;
  }

  get pid(): number {
    return this.#child?.pid ?? 0;
  }

  /** Of its nats-server, as the data folder says, or said while it could be read; 0 if that one is gone. */
  get natsPid(): number {
    this.#nats = serverOf(this.data) ?? this.#nats;
    return isRunning(this.#nats) ? this.#nats.pid : 0;
  }

  /** Starts it, after it has ended, and waits until it serves. */
  async restart(): Promise<void> {
    const child = spawn(process.execPath, [PROGRAM, ...this.#args], {
      stdio: ['ignore', 'pipe', 'pipe'],
    });
    this.#child = child;
    createInterface({ input: child.stderr as NodeJS.ReadableStream }).on('line', (line) => {
      this.log.push(line);
      if (this.log.length > LOG_LINES) this.log.shift();
    });
    this.#ready = await new Promise<Ready>((resolve, reject) => {
      createInterface({ input: child.stdout as NodeJS.ReadableStream }).once('line', (line) =>
        resolve(JSON.parse(line) as Ready),
      );
      child.once('exit', (code, signal) => {
        const said = this.log.slice(-5).join('\n');
        reject(new Error(`holdfast up ended (${signal ?? code}): ${said}`));
      });
    });
    this.#nats = serverOf(this.data);
  }

  /** SIGKILL; the nats-server that it started lives on. */
  async kill(): Promise<void> {
    const child = this.#child;
    if (child !== undefined) await endProcess(child, 'SIGKILL');
  }

  /** As Ctrl-C does. */
  async stop(): Promise<void> {
    const child = this.#child;
    if (child !== undefined) await endProcess(child, 'SIGTERM');
  }

  async killNats(signal: NodeJS.Signals = 'SIGKILL'): Promise<void> {
    const pid = this.natsPid;
    if (pid > 0) await signalAndWait(pid, signal);
  }

  /** Whatever state it is in, nothing of it is left. */
  async end(): Promise<void> {
    if (this.pid > 0 && isAlive(this.pid)) process.kill(this.pid, 'SIGCONT');
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
