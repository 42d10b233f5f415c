import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { openLog } from '../../cli/log.ts';
import { findBinary } from '../../cli/nats-binary.ts';
import { NatsChild } from '../../cli/nats-child.ts';
import { freePort } from '../../cli/ports.ts';
import type { Opened } from '../opened.ts';
import { type Program, start } from './program.ts';
import type { Target } from './rig.ts';

interface NodeReady {
  readonly ws: string;
  readonly token: string;
}

/** A node and a centre as processes of their own, on a nats-server of their own. */
export class Region {
  readonly target: Target;
  readonly #dir: string;
  readonly #opened: Opened;
  #centre: Program<unknown> | undefined;

  private constructor(target: Target, dir: string, opened: Opened) {
    this.target = target;
    this.#dir = dir;
    this.#opened = opened;
  }

  /** The centre is not started yet. */
  static async start(sync: string, opened: Opened): Promise<Region> {
    const dir = await mkdtemp(join(tmpdir(), 'holdfast-'));
    opened.add(() => rm(dir, { recursive: true, force: true }));
    const natsDir = join(dir, 'nats');
    const options = { dir: natsDir, binary: await findBinary(), sync, log: openLog('warn') };
    const server = await NatsChild.start(options);
    opened.add(() => server.stop());
    const port = String(await freePort());
    const node = await start<NodeReady>(
      ['node', '--nats', server.url, '--data', join(dir, 'node'), '--port', port],
      opened,
    );
    const target: Target = {
      address: { url: node.ready.ws, token: node.ready.token },
      nats: server.url,
      serverPid: node.pid,
      natsPid: Number((await readFile(join(natsDir, 'pid'), 'utf8')).split(' ')[0]),
    };
    return new Region(target, dir, opened);
  }

  async startCentre(): Promise<void> {
    const args = ['oms', '--nats', this.target.nats, '--data', join(this.#dir, 'centre')];
    this.#centre = await start(args, this.#opened);
  }

  async stopCentre(): Promise<void> {
    await this.#centre?.stop();
  }
}
