import { randomBytes } from 'node:crypto';
import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { StartError } from '../engine/errors.ts';
import { HUB, type Regions } from '../engine/regions.ts';
import { type NatsConfig, natsConfig } from './nats-config.ts';
import { openRegions, type RegionsOptions } from './regions-file.ts';

export interface RegionsFilesOptions extends RegionsOptions {
  /** Where regions reach the hub, `host:port`. */
  readonly hub: string;
  readonly out: string;
}

/** Folder of all that Holdfast keeps on a machine. */
const KEPT = '/var/lib/holdfast';
const CLIENTS = 4222;

/** Writes a configuration of nats-server for the hub and for each region, and says what to start where. */
export async function regions(options: RegionsFilesOptions): Promise<void> {
  const all = await openRegions(options);
  if (all === undefined) throw new StartError('say which regions: --regions eu,us');
  const { host, port } = addressOf(options.hub);
  const secret = randomBytes(16).toString('hex');
  await mkdir(options.out, { recursive: true });
  for (const name of all.names) {
    const file = join(options.out, `${name}.conf`);
    await writeNew(file, natsConfig(configOf(name, host, port, secret)));
  }
  await writeNew(join(options.out, 'START.txt'), startLines(all, options.places));
  const files = [...all.names.map((name) => `${name}.conf`), 'START.txt'];
  process.stdout.write(`${files.map((file) => join(options.out, file)).join('\n')}\n`);
}

function addressOf(text: string): { host: string; port: number } {
  const found = /^([A-Za-z0-9._-]+|\[[0-9A-Fa-f:]+\]):(\d{1,5})$/.exec(text);
  const port = Number(found?.[2]);
  if (found === null || port < 1 || port > 65_535 || port === CLIENTS) {
    throw new StartError(
      `--hub ${text}: where regions reach the hub, host:port, such as hub.example.com:7422; ${CLIENTS} is for nodes`,
    );
  }
  return { host: found[1] as string, port };
}

/** Nothing that a person may have changed is written over. */
async function writeNew(file: string, text: string): Promise<void> {
  try {
    await writeFile(file, text, { flag: 'wx', mode: 0o600 });
  } catch (e) {
    if ((e as { code?: unknown }).code !== 'EEXIST') throw e;
    throw new StartError(
      `${file} is there already; take it away, or name another folder with --out`,
    );
  }
}

const configOf = (name: string, host: string, port: number, secret: string): NatsConfig => ({
  name: `holdfast-${name}`,
  listen: `127.0.0.1:${CLIENTS}`,
  storeDir: `${KEPT}/nats`,
  sync: 'always',
  place:
    name === HUB
      ? { domain: HUB, leafs: `0.0.0.0:${port}`, secret }
      : { domain: name, hub: `${host}:${port}`, secret },
});

function startLines({ names, linked }: Regions, places: string | undefined): string {
  const common = `--nats nats://127.0.0.1:${CLIENTS} --regions ${linked.join(',')}${
    places === undefined ? '' : ` --places ${places}`
  }`;
  const node = (name: string): string =>
    `holdfast node --region ${name} ${common} --data ${KEPT}/node --host 0.0.0.0` +
    ` --advertise ws://<this machine>:7420/v1/scan${name === HUB ? '' : ` --trust ${KEPT}/keys.json`}`;
  return `${names
    .map((name) =>
      [
        name === HUB
          ? `# ${name}: its keys.json, in ${KEPT}/node, goes to ${KEPT}/keys.json of every region`
          : `# ${name}`,
        `nats-server -c ${name}.conf`,
        node(name),
        ...(name === HUB ? [`holdfast oms ${common} --data ${KEPT}/centre`] : []),
      ].join('\n'),
    )
    .join('\n\n')}\n`;
}
