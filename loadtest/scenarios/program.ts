import { spawn } from 'node:child_process';
import { createInterface } from 'node:readline';
import { PROGRAM } from '../../cli/program.ts';
import { endProcess } from '../child.ts';
import type { Opened } from '../opened.ts';

/** `holdfast …` as a process of its own. */
export interface Program<Ready> {
  /** The line that it said when it was ready. */
  readonly ready: Ready;
  readonly pid: number;
  stop(): Promise<void>;
}

/** Ended with `opened`, if it was not before. */
export async function start<Ready>(
  args: readonly string[],
  opened: Opened,
): Promise<Program<Ready>> {
  const child = spawn(process.execPath, [PROGRAM, ...args, '--json'], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  const stop = (): Promise<void> => endProcess(child, 'SIGTERM');
  opened.add(stop);
  const ready = await new Promise<Ready>((resolve, reject) => {
    child.once('exit', (code, signal) => {
      reject(new Error(`holdfast ${args[0]} ended (${signal ?? code})`));
    });
    createInterface({ input: child.stdout as NodeJS.ReadableStream }).once('line', (line) => {
      resolve(JSON.parse(line) as Ready);
    });
  });
  return { ready, pid: child.pid as number, stop };
}
