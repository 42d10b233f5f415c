import { type ChildProcess, spawn } from 'node:child_process';
import { createInterface } from 'node:readline';
import { PROGRAM } from '../../cli/program.ts';
import { endProcess } from '../../loadtest/child.ts';

const LOG_LINES = 500;

/** `holdfast …` as a process that is ended and started again with the same arguments. */
export class Program<Ready> {
  readonly log: string[] = [];
  readonly #command: readonly string[];
  #child: ChildProcess | undefined;
  #ready: Ready | undefined;

  /** `before`: a program and its arguments that runs it, such as one that enters a namespace. */
  constructor(args: readonly string[], before: readonly string[] = []) {
    this.#command = [...before, process.execPath, PROGRAM, ...args];
  }

  /** What it said when it was ready. */
  get ready(): Ready {
    return this.#ready as Ready;
  }

  get pid(): number {
    return this.#child?.pid ?? 0;
  }

  /** Starts it, after it has ended, and waits until it serves. */
  async restart(): Promise<void> {
    const [program, ...args] = this.#command as [string, ...string[]];
    const child = spawn(program, args, { stdio: ['ignore', 'pipe', 'pipe'] });
    this.#child = child;
    createInterface({ input: child.stderr as NodeJS.ReadableStream }).on('line', (line) => {
      this.log.push(line);
      if (this.log.length > LOG_LINES) this.log.shift();
    });
    this.#ready = await new Promise<Ready>((resolve, reject) => {
      createInterface({ input: child.stdout as NodeJS.ReadableStream }).once('line', (line) =>
        resolve(JSON.parse(line) as Ready),
      );
      child.once('error', reject);
      child.once('exit', (code, signal) => {
        const said = this.log.slice(-5).join('\n');
        reject(new Error(`holdfast ended (${signal ?? code}): ${said}`));
      });
    });
  }

  signal(signal: NodeJS.Signals): void {
    this.#child?.kill(signal);
  }

  /** SIGKILL. */
  async kill(): Promise<void> {
    if (this.#child !== undefined) await endProcess(this.#child, 'SIGKILL');
  }

  /** As Ctrl-C does; also if it is frozen. */
  async stop(): Promise<void> {
    if (this.#child === undefined) return;
    this.signal('SIGCONT');
    await endProcess(this.#child, 'SIGTERM');
  }
}
