import { type ChildProcess, spawn } from 'node:child_process';
import { createInterface } from 'node:readline';
import type { Logger } from 'pino';
import { StartError } from '../engine/errors.ts';
import { PROGRAM } from './program.ts';

export interface NodeChildOptions {
  /** Of `holdfast node`. */
  readonly args: readonly string[];
  readonly log: Logger;
  /** What runs it in another network of this machine. */
  readonly before?: readonly string[] | undefined;
}

/** What a node says of itself when it is ready. */
export interface NodeReady {
  readonly ws: string;
  readonly http: string;
  readonly nats: string;
  readonly pid: number;
}

const AGAIN_MS = 1_000;

/** Another node of the region on this machine, for its other processors; started again when it ends unasked. */
export class NodeChild {
  readonly #options: NodeChildOptions;
  #child: ChildProcess | undefined;
  #ended: Promise<void> = Promise.resolve();
  #isStopping = false;
  #ready: NodeReady | undefined;

  private constructor(options: NodeChildOptions) {
    this.#options = options;
  }

  /** Resolves when it serves, or waits for shards. */
  static async start(options: NodeChildOptions): Promise<NodeChild> {
    const child = new NodeChild(options);
    await child.#spawn();
    return child;
  }

  /** As it said when it was last started. */
  get ready(): NodeReady {
    if (this.#ready === undefined) throw new Error('the node is not ready');
    return this.#ready;
  }

  /** It hands its shards over first. */
  async stop(): Promise<void> {
    this.#isStopping = true;
    this.#child?.kill('SIGTERM');
    await this.#ended;
  }

  #spawn(): Promise<void> {
    const { args, log, before = [] } = this.#options;
    const command = [...before, process.execPath, PROGRAM, 'node', '--json', ...args];
    // The channel tells it when we are gone, however we went.
    const child = spawn(command[0] as string, command.slice(1), {
      stdio: ['ignore', 'pipe', 'inherit', 'ipc'],
      detached: true, // Ctrl-C is ours to handle
    });
    this.#child = child;
    this.#ended = new Promise((resolve) => child.once('exit', () => resolve()));
    return new Promise((resolve, reject) => {
      createInterface({ input: child.stdout as NodeJS.ReadableStream }).once('line', (line) => {
        const { ws, http, nats, pid } = JSON.parse(line) as NodeReady;
        this.#ready = { ws, http, nats, pid };
        resolve();
      });
      child.once('exit', (code, signal) => {
        reject(new StartError(`a node of this machine ended as it started (${signal ?? code})`));
        if (this.#isStopping) return;
        log.error({ code, signal }, 'a node of this machine ended; starting it again');
        setTimeout(() => {
          if (!this.#isStopping) this.#spawn().catch(() => {}); // its end has it started again
        }, AGAIN_MS);
      });
    });
  }
}
