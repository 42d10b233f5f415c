import { type ChildProcess, spawn } from 'node:child_process';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { PROGRAM } from '../../cli/program.ts';
import { ensureNatsServer } from '../../setup/nats-server.mjs';

export interface Ready {
  ws: string;
  http: string;
  nats: string;
  token: string;
  data: string;
  pid: number;
}

/** `holdfast …` as a process: the real program, from dist/. */
export class Program {
  readonly child: ChildProcess;
  readonly out: string[] = [];
  readonly errors: string[] = [];
  readonly ended: Promise<number | null>;

  private constructor(child: ChildProcess) {
    this.child = child;
    createInterface({ input: child.stdout as NodeJS.ReadableStream }).on('line', (l) =>
      this.out.push(l),
    );
    createInterface({ input: child.stderr as NodeJS.ReadableStream }).on('line', (l) =>
      this.errors.push(l),
    );
    this.ended = new Promise((resolve) => child.once('close', (code) => resolve(code)));
  }

  static async run(args: readonly string[], env: Record<string, string> = {}): Promise<Program> {
    const nats = env.HOLDFAST_NATS_SERVER ?? (await ensureNatsServer());
    const child = spawn(process.execPath, [PROGRAM, ...args], {
      stdio: ['ignore', 'pipe', 'pipe'],
      env: { ...process.env, ...env, HOLDFAST_NATS_SERVER: nats },
    });
    return new Program(child);
  }

  /** The first line on stdout that is a JSON object. Throws if the program ends without one. */
  async ready(): Promise<Ready> {
    for (;;) {
      const line = this.out.find((l) => l.startsWith('{'));
      if (line !== undefined) return JSON.parse(line) as Ready;
      const ended = await Promise.race([this.ended.then(() => true), tick().then(() => false)]);
      if (ended) throw new Error(`it ended: ${this.errors.join('\n')}`);
    }
  }

  async kill(signal: NodeJS.Signals): Promise<number | null> {
    this.child.kill(signal);
    return this.ended;
  }
}

const tick = (): Promise<void> => new Promise((resolve) => setTimeout(resolve, 20));

/** A folder of a test's own, and what takes it away. */
export async function ownFolder(): Promise<{ dir: string; remove: () => Promise<void> }> {
  const dir = await mkdtemp(join(tmpdir(), 'holdfast-test-'));
  return { dir, remove: () => rm(dir, { recursive: true, force: true, maxRetries: 5 }) };
}
