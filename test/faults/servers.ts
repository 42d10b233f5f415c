import { type ChildProcess, spawn } from 'node:child_process';
import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { connect, type NatsConnection } from '@nats-io/transport-node';
import { findBinary } from '../../cli/nats-binary.ts';
import { freePort } from '../../cli/ports.ts';
import { sleep, systemClock } from '../../engine/clock.ts';
import { LIMITS } from '../../engine/limits.ts';
import { RECONNECT } from '../../engine/reconnect.ts';
import { endProcess } from '../../loadtest/child.ts';
import type { Opened } from '../../loadtest/opened.ts';

const READY_MS = 20_000;

export interface ServersOptions {
  /** 1, or 3 that form a cluster. */
  readonly count: 1 | 3;
  /** Its sync_interval. */
  readonly sync: string;
  readonly dir: string;
  /** Address to listen on. */
  readonly host: string;
}

interface Place {
  readonly name: string;
  readonly host: string;
  readonly port: number;
  readonly clusterPort: number;
}

/** nats-servers as an operator runs them: processes of their own, one or a cluster of three. */
export class Servers {
  readonly urls: string;
  readonly #binary: string;
  readonly #options: ServersOptions;
  readonly #places: readonly Place[];
  readonly #children = new Map<string, ChildProcess>();

  private constructor(binary: string, options: ServersOptions, places: readonly Place[]) {
    this.#binary = binary;
    this.#options = options;
    this.#places = places;
    this.urls = places.map(({ host, port }) => `nats://${host}:${port}`).join(',');
  }

  static async start(opened: Opened, options: ServersOptions): Promise<Servers> {
    const places: Place[] = [];
    for (let i = 0; i < options.count; i++) {
      const [port, clusterPort] = [await freePort(), await freePort()];
      places.push({ name: `nats-${i}`, host: options.host, port, clusterPort });
    }
    const servers = new Servers(await findBinary(), options, places);
    opened.add(() => servers.stop());
    for (const { name } of places) await servers.run(name);
    await servers.#ready();
    return servers;
  }

  get names(): readonly string[] {
    return this.#places.map(({ name }) => name);
  }

  connect(): Promise<NatsConnection> {
    return connect({ servers: this.urls.split(','), ...RECONNECT });
  }

  async kill(name: string): Promise<void> {
    const child = this.#children.get(name);
    if (child !== undefined) await endProcess(child, 'SIGKILL');
  }

  /** Starts one that has ended, or is new. */
  async run(name: string): Promise<void> {
    const place = this.#places.find((p) => p.name === name) as Place;
    const dir = join(this.#options.dir, name);
    await mkdir(dir, { recursive: true });
    await writeFile(join(dir, 'nats.conf'), this.#configuration(place, dir));
    const child = spawn(this.#binary, ['-c', join(dir, 'nats.conf')], { stdio: 'ignore' });
    this.#children.set(name, child);
  }

  async stop(): Promise<void> {
    for (const child of this.#children.values()) await endProcess(child, 'SIGKILL');
  }

  /** JetStream has a leader, where it needs one. */
  async #ready(): Promise<void> {
    const until = systemClock.monoMs() + READY_MS;
    for (;;) {
      try {
        const nats = await connect({ servers: this.urls.split(','), reconnect: false });
        try {
          const answer = await nats.request('$JS.API.INFO', '', { timeout: 1_000 });
          if (answer.json<{ error?: unknown }>().error === undefined) return;
        } finally {
          await nats.close();
        }
      } catch (e) {
        if (systemClock.monoMs() > until) throw e;
      }
      await sleep(systemClock, 100);
    }
  }

  #configuration({ name, host, port, clusterPort }: Place, dir: string): string {
    const routes = this.#places.map((p) => `nats://${p.host}:${p.clusterPort}`).join(', ');
    const cluster =
      this.#places.length === 1
        ? ''
        : `cluster { name: faults, listen: "${host}:${clusterPort}", routes: [${routes}] }\n`;
    return [
      `listen: "${host}:${port}"`,
      `server_name: ${name}`,
      `max_payload: ${LIMITS.natsPayloadBytes}`,
      `log_file: ${JSON.stringify(join(dir, 'nats.log'))}`,
      `jetstream { store_dir: ${JSON.stringify(join(dir, 'store'))}, sync_interval: ${this.#options.sync} }`,
      cluster,
    ].join('\n');
  }
}
