import { type ChildProcess, spawn } from 'node:child_process';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { StartError } from '../engine/errors.ts';
import { freePort } from './ports.ts';
import { PROGRAM } from './program.ts';

export interface Ready {
  readonly ws: string;
  readonly http: string;
  readonly nats: string;
  readonly token: string;
  readonly data: string;
  readonly pid: number;
}

export interface ChildStackOptions {
  /** Kept afterwards; undefined is a new folder that goes with the stack. */
  readonly data?: string;
  readonly sync?: string;
  /** Further options of `holdfast up`. */
  readonly more?: readonly string[];
}

/** `holdfast up` as a process of its own, on free ports; started again if it dies unasked. */
export class ChildStack {
  readonly #data: string;
  readonly #isOurs: boolean;
  readonly #args: readonly string[];
  #child: ChildProcess | undefined;
  #stopping = false;

  private constructor(data: string, isOurs: boolean, args: readonly string[]) {
    this.#data = data;
    this.#isOurs = isOurs;
    this.#args = args;
  }

  static async start(
    options: ChildStackOptions = {},
  ): Promise<{ stack: ChildStack; ready: Ready }> {
    const data = options.data ?? (await mkdtemp(join(tmpdir(), 'holdfast-')));
    const port = await freePort();
    const args = ['up', '--json', '--no-sample', '--data', data, '--port', String(port)];
    if (options.sync !== undefined) args.push('--sync', options.sync);
    args.push(...(options.more ?? []));
    const stack = new ChildStack(data, options.data === undefined, args);
    try {
      return { stack, ready: await stack.#spawn() };
    } catch (e) {
      await stack.stop();
      throw e;
    }
  }

  async stop(): Promise<void> {
    this.#stopping = true;
    const child = this.#child;
    if (child !== undefined && child.exitCode === null && child.signalCode === null) {
      const ended = new Promise((resolve) => child.once('exit', resolve));
      child.kill('SIGTERM');
      await ended;
    }
    if (this.#isOurs) await rm(this.#data, { recursive: true, force: true });
  }

  #spawn(): Promise<Ready> {
    const child = spawn(process.execPath, [PROGRAM, ...this.#args], {
      stdio: ['ignore', 'pipe', 'inherit'],
    });
    this.#child = child;
    return new Promise((resolve, reject) => {
      child.once('exit', (code, signal) => {
        reject(new StartError(`the private stack ended (${signal ?? code})`));
        if (!this.#stopping && signal === 'SIGKILL') this.#spawn().catch(() => {});
      });
      createInterface({ input: child.stdout as NodeJS.ReadableStream }).once('line', (line) => {
        resolve(JSON.parse(line) as Ready);
      });
    });
  }
}
