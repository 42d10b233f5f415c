import { chmod, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pino } from 'pino';
import { afterEach, expect, test } from 'vitest';
import { NatsChild } from '../../cli/nats-child.ts';
import { ensureNatsServer } from '../../setup/nats-server.mjs';

const ended: (() => Promise<unknown>)[] = [];
afterEach(async () => {
  for (const end of ended.splice(0).reverse()) await end();
});

/** A nats-server that does something else where it is started for the first time (`$conf` is its configuration). */
async function onceOtherwise(dir: string, otherwise: string): Promise<string> {
  const path = join(dir, 'server.sh');
  const binary = await ensureNatsServer();
  const script = `#!/bin/sh
if [ "$1" = -c ] && [ ! -e "${dir}/started" ]; then
  conf="$2"
  touch "${dir}/started"
  ${otherwise}
fi
exec "${binary}" "$@"
`;
  await writeFile(path, script);
  await chmod(path, 0o755);
  return path;
}

test.skipIf(process.platform === 'win32').each([
  ['cannot have its port', 'exit 1'],
  ['finds another server at its port', 'sed -i "s/^server_name:.*/server_name: other/" "$conf"'],
])('a server that %s is started at other ports', async (_, otherwise) => {
  const dir = await mkdtemp(join(tmpdir(), 'holdfast-child-'));
  ended.push(() => rm(dir, { recursive: true, force: true }));
  const binary = await onceOtherwise(dir, otherwise);
  const log = pino({ level: 'silent' });
  const child = await NatsChild.start({ dir: join(dir, 'nats'), binary, sync: '2m', log });
  ended.push(() => child.stop());
  const nats = await child.connect('test');
  expect(nats.info?.server_name).toMatch(/^holdfast-[0-9a-f]{8}$/);
  await nats.close();
});
