import { spawnSync } from 'node:child_process';
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { ensureNatsServer } from '../../setup/nats-server.mjs';
import { ownFolder, Program } from '../support/up.ts';

let dir: string;
let remove: () => Promise<void>;
beforeEach(async () => {
  ({ dir, remove } = await ownFolder());
});
afterEach(() => remove());

const out = (): string => join(dir, 'out');
async function files(...more: string[]): Promise<{ code: number | null; errors: string }> {
  const program = await Program.run(['regions', '--out', out(), ...more]);
  return { code: await program.ended, errors: program.errors.join('\n') };
}

test('holdfast regions writes what nats-server takes, and what to start', async () => {
  expect(await files('--hub', 'hub.example.com:7422', '--regions', 'eu,us')).toMatchObject({
    code: 0,
  });
  expect(readdirSync(out()).sort()).toEqual(['START.txt', 'eu.conf', 'hub.conf', 'us.conf']);
  const binary = await ensureNatsServer();
  for (const name of ['hub', 'eu', 'us']) {
    const said = spawnSync(binary, ['-t', '-c', join(out(), `${name}.conf`)], { encoding: 'utf8' });
    expect([name, said.status, said.stderr]).toEqual([name, 0, expect.stringContaining('valid')]);
  }
  const text = (name: string): string => readFileSync(join(out(), name), 'utf8');
  const secret = /nats-leaf:\/\/region:([0-9a-f]{32})@hub\.example\.com:7422/.exec(
    text('us.conf'),
  )?.[1];
  expect(text('hub.conf')).toContain(`password: "${secret}"`);
  for (const name of ['hub', 'eu', 'us'])
    expect(text(`${name}.conf`)).toContain('no_advertise: true');
  expect(text('START.txt')).toMatch(/^holdfast node --region eu .*--regions eu,us/m);
  const again = await files('--hub', 'hub.example.com:7422', '--regions', 'eu,us');
  expect(again).toMatchObject({ code: 1, errors: expect.stringContaining('is there already') });
});

test.each([
  ['no port', 'hub.example.com'],
  ['the port of nodes', 'hub.example.com:4222'],
  ['a port that is none', 'hub.example.com:99999'],
  ['what would break out of the file', 'x" }]:7422'],
])('holdfast regions refuses an address with %s, and writes nothing', async (_, hub) => {
  expect(await files('--hub', hub, '--regions', 'eu')).toMatchObject({
    code: 1,
    errors: expect.stringContaining('where regions reach the hub'),
  });
  expect(readdirSync(dir)).toEqual([]);
});
