import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pino } from 'pino';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import type { OwnerId } from '../../actors/ids.ts';
import { standingOf } from '../../rules/compile.ts';
import { type Clock, systemClock } from '../clock.ts';
import { RulesThread } from './thread.ts';

const DEMO = 'demo' as OwnerId;
const program = new URL('../../test/rules/mortal.mjs', import.meta.url);

let dir: string;
let thread: RulesThread | undefined;
/** How long it waited between two starts, ms; in truth it is a thousandth. */
let waits: number[];
const clock: Clock = {
  ...systemClock,
  after: (ms, fn) => {
    waits.push(ms);
    return systemClock.after(ms / 1_000, fn);
  },
};

beforeEach(async () => {
  dir = await mkdtemp(join(tmpdir(), 'rules-thread-'));
  waits = [];
  await rulesOf('app');
});
afterEach(async () => {
  await thread?.close();
  thread = undefined;
  await rm(dir, { recursive: true });
});

/** What the next start finds on disk. */
const rulesOf = (channel: string): Promise<void> => {
  const standing = standingOf({ channels: { [channel]: { name: channel } } });
  return writeFile(join(dir, 'standing.json'), JSON.stringify(standing));
};
const start = async (): Promise<RulesThread> => {
  const log = pino({ level: 'silent' });
  thread = await RulesThread.start({ servers: '', dir, node: 'a', log, program, clock });
  return thread;
};
const starts = async (): Promise<number> => (await readFile(join(dir, 'starts'))).length;
const channels = (): string[] => Object.keys(thread?.planOf(DEMO).channels ?? {});
const shown = () => thread?.ask('show', { owner: DEMO });
const die = () => thread?.ask('history', { owner: DEMO });

describe('a thread of rules that ends', () => {
  it('is started again; what it was asked is refused, and its last plans hold until it tells others', async () => {
    const heard = vi.fn();
    (await start()).onChange(heard);
    expect(await shown()).toBe('shown');
    await rulesOf('pc');
    const asked = [die(), shown()];
    for (const { status } of await Promise.allSettled(asked)) expect(status).toBe('rejected');
    expect(channels()).toEqual(['app']);
    await vi.waitFor(async () => expect(await shown()).toBe('shown'));
    expect(channels()).toEqual(['pc']);
    expect(heard).toHaveBeenCalledWith(DEMO);
    expect(waits).toEqual([1_000]);
  });

  it('is tried again until it can start, less and less often', async () => {
    await start();
    await writeFile(join(dir, 'broken'), '');
    await expect(die()).rejects.toThrow();
    await vi.waitFor(() => expect(waits.length).toBeGreaterThan(8), { timeout: 60_000 });
    expect(channels()).toEqual(['app']);
    await rm(join(dir, 'broken'));
    await vi.waitFor(async () => expect(await shown()).toBe('shown'), { timeout: 60_000 });
    expect(waits.slice(0, 8)).toEqual([1_000, 2_000, 4_000, 8_000, 16_000, 32_000, 60_000, 60_000]);
  });

  it('is not started again where it was closed, also while it is away', async () => {
    await start();
    await thread?.close();
    expect(await starts()).toBe(1);
    await start();
    await writeFile(join(dir, 'broken'), '');
    await expect(die()).rejects.toThrow();
    await thread?.close();
    const before = await starts();
    await expect(shown()).rejects.toThrow();
    await new Promise((resolve) => setTimeout(resolve, 100));
    expect(await starts()).toBe(before);
  });

  it('is not kept where it cannot start at first: whoever starts it is told why', async () => {
    await writeFile(join(dir, 'broken'), '');
    await expect(start()).rejects.toThrow('the rules: it is broken');
    await new Promise((resolve) => setTimeout(resolve, 100));
    expect(await starts()).toBe(1);
  });
});
