import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { ensureTafeng } from '../../cli/tafeng/fetch.ts';
import known from '../reference/tafeng.json' with { type: 'json' };
import { ownFolder, Program, type Ready } from '../support/up.ts';

const missing = await ensureTafeng({ log: () => {} }).then(
  () => undefined,
  (e: Error) => e.message,
);
const DAYS = '7';
const expected = known[DAYS];

let folder: { dir: string; remove: () => Promise<void> };
const programs: Program[] = [];

beforeEach(async () => {
  folder = await ownFolder();
});

afterEach(async () => {
  for (const { child, ended } of programs.splice(0)) {
    if (child.exitCode === null && child.signalCode === null) child.kill('SIGTERM');
    await ended;
  }
  await folder.remove();
});

async function run(...args: string[]): Promise<Program> {
  const program = await Program.run(args);
  programs.push(program);
  return program;
}

const up = (port: string): Promise<Program> =>
  run('up', '--json', '--no-sample', '--port', port, '--data', join(folder.dir, 'data'));

const replay = (ready: Ready, ...more: string[]): Promise<Program> =>
  run(
    'replay',
    'tafeng',
    '--days',
    DAYS,
    '--json',
    '--url',
    ready.ws,
    '--token',
    ready.token,
    ...more,
  );

const outcome = async (program: Program): Promise<unknown> => {
  const code = await program.ended;
  return { code, figures: program.out.map((l) => JSON.parse(l))[0], errors: program.errors };
};

/** Resolves when about so many commands have been committed. */
async function committed(ready: Ready, most: number): Promise<void> {
  for (;;) {
    const metrics = await (await fetch(`${ready.http}/metrics`)).text();
    const counts = metrics.matchAll(/^holdfast_commands_committed_total\{[^}]*\} (\d+)$/gm);
    if ([...counts].reduce((sum, m) => sum + Number(m[1]), 0) >= most) return;
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
}

const title = missing === undefined ? 'the Ta-Feng orders' : `the Ta-Feng orders (${missing})`;

describe.skipIf(missing !== undefined)(title, { timeout: 180_000 }, () => {
  test('figures of 7 days are those of an independent program, and a second run counts nothing', async () => {
    const ready = await (await up('0')).ready();
    expect(await outcome(await replay(ready))).toMatchObject({ code: 0, figures: expected });
    const again = await outcome(await replay(ready));
    expect(again).toMatchObject({ code: 0, figures: { days: 7, already: true } });
    expect(JSON.stringify(again)).toContain('holds a replay already');
  });

  test('F09 so they are with places, batches that expire and boxes that must be opened', async () => {
    const ready = await (await up('0')).ready();
    expect(await outcome(await replay(ready, '--lots'))).toMatchObject({
      code: 0,
      figures: expected,
    });
  });

  test('P1 so they are when the node is killed in the middle and started again', async () => {
    const first = await up('0');
    const ready = await first.ready();
    const replaying = await replay(ready);
    await committed(ready, 4_000);
    await first.kill('SIGKILL');
    await up(new URL(ready.http).port);
    expect(await outcome(replaying)).toMatchObject({ code: 0, figures: expected });
    expect(replaying.errors.join('\n')).toContain('broke');
  });

  test('P1 so they are when nats-server is killed in the middle', async () => {
    const ready = await (await up('0')).ready();
    const replaying = await replay(ready);
    await committed(ready, 4_000);
    const pid = await readFile(join(ready.data, 'nats', 'pid'), 'utf8');
    process.kill(Number(pid.split(' ')[0]), 'SIGKILL');
    expect(await outcome(replaying)).toMatchObject({ code: 0, figures: expected });
  });
});

describe('a scripted day', { timeout: 120_000 }, () => {
  test('goes from announcement to recall in two warehouses, and every balance follows from the ledger', async () => {
    const told = (await outcome(await run('replay', 'day', '--json'))) as {
      code: number;
      figures: Record<string, readonly Record<string, unknown>[]>;
    };
    expect(told).toMatchObject({ code: 0, figures: { problems: [] } });
    const balance = { warehouse: 'W1', quality: 'qualified', account: 'onHand', opening: 0 };
    expect(told.figures.TEA).toContainEqual({
      ...{ ...balance, closing: 10 },
      by: { asn: 46, order: -30, transfer: -6 },
    });
    expect(told.figures.MUG).toContainEqual({
      ...{ ...balance, closing: 15 },
      by: { asn: 19, order: -4, count: -1, inspection: 1 },
    });
  });
});
