import { type ChildProcess, spawn, spawnSync } from 'node:child_process';
import { randomUUID } from 'node:crypto';
import { existsSync, readFileSync } from 'node:fs';
import { mkdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { connect, type NatsConnection } from '@nats-io/transport-node';
import type { Logger } from 'pino';
import { sleep, systemClock } from '../engine/clock.ts';
import { StartError } from '../engine/errors.ts';
import { RECONNECT } from '../engine/reconnect.ts';
import { bornAt, isAlive } from './data.ts';
import { type LeafPlace, natsConfig } from './nats-config.ts';
import { NatsHealth } from './nats-health.ts';
import { freePort } from './ports.ts';

export interface NatsChildOptions {
  /** Its own folder: configuration, JetStream store, log. */
  readonly dir: string;
  readonly binary: string;
  /** `always` syncs every record to disk before its PubAck; else an interval such as `2m`. */
  readonly sync: string;
  readonly log: Logger;
  /** Among linked servers: the hub, or one that connects to a hub, `host:port`. Undefined: alone. */
  readonly place?: ChildPlace;
  /** Of a hub: the address on which regions connect; undefined: the loopback. */
  readonly leafHost?: string | undefined;
  /** Where it runs, if not here. */
  readonly placed?: Placed | undefined;
}

/** Another network on this machine: what runs a program there, and the address that it has there. */
export interface Placed {
  readonly before: readonly string[];
  readonly host: string;
}

const LOOPBACK = '127.0.0.1';

export type ChildPlace =
  | { readonly kind: 'hub'; readonly domain: string }
  | { readonly kind: 'region'; readonly domain: string; readonly hub: string };

const AT_LEAST = [2, 12] as const;
const READY_MS = 15_000;
const STOP_MS = 5_000;
/** Between a look whether a port is free and the server's own, another program may take it. */
const TRIES = 4;

/** A nats-server of our own, started again when it ends unasked. */
export class NatsChild {
  readonly port: number;
  /** Of a hub: where regions connect, `host:port`. */
  readonly leafs: string;
  readonly #options: NatsChildOptions;
  readonly #name: string;
  readonly #health: NatsHealth;
  #child: ChildProcess;
  #stopping = false;
  #hasAnswered = false;
  /** It ended before it ever answered, or another server did: its ports were not free. */
  #isHomeless = false;

  private constructor(
    options: NatsChildOptions,
    { port, monitorPort, leafPort }: Ports,
    name: string,
  ) {
    this.#options = options;
    this.#name = name;
    this.port = port;
    this.leafs = `${leafHostOf(options)}:${leafPort}`;
    this.#child = this.#spawn();
    this.#health = new NatsHealth({
      address: `${hostOf(options)}:${monitorPort}`,
      dir: options.dir,
      log: options.log,
      restart: () => end(this.#child.pid), // and `exit` has it started again
    });
  }

  get url(): string {
    return `nats://${hostOf(this.#options)}:${this.port}`;
  }

  /** Starts it and waits until it answers. */
  static async start(options: NatsChildOptions): Promise<NatsChild> {
    requireVersion(options.binary);
    await mkdir(options.dir, { recursive: true });
    await endOrphan(options.dir);
    for (let tried = 1; ; tried++) {
      const child = await NatsChild.#begin(options);
      try {
        await child.#isReady();
        return child;
      } catch (e) {
        await child.stop();
        if (tried === TRIES || !child.#isHomeless) throw e;
      }
    }
  }

  /** At the ports of the start before, as far as they are free. */
  static async #begin(options: NatsChildOptions): Promise<NatsChild> {
    const before = remembered(options.dir);
    const ports: Ports = {
      port: await freePort(before.port),
      monitorPort: await freePort(),
      leafPort: options.place?.kind === 'hub' ? await freePort(before.leafPort) : 0,
    };
    const name = nameOf(options);
    await writeFile(join(options.dir, 'nats.conf'), configuration(options, ports, name));
    return new NatsChild(options, ports, name);
  }

  /** Until it answers, and is no other server at that port. */
  async #isReady(): Promise<void> {
    const nats = await this.connect('holdfast start');
    this.#hasAnswered = nats.info?.server_name === this.#name;
    await nats.close();
    if (this.#hasAnswered) return;
    this.#isHomeless = true;
    throw new StartError(`another NATS server is at ${this.url}`);
  }

  /** A connection that comes back by itself for ever. */
  async connect(name: string): Promise<NatsConnection> {
    const until = systemClock.monoMs() + READY_MS;
    for (;;) {
      try {
        return await connect({ servers: this.url, name, ...RECONNECT });
      } catch (e) {
        if (this.#isHomeless || systemClock.monoMs() > until) {
          const log = join(this.#options.dir, 'nats.log');
          throw new StartError(`nats-server does not answer (${String(e)}); see ${log}`);
        }
        await sleep(systemClock, 50);
      }
    }
  }

  async stop(): Promise<void> {
    this.#stopping = true;
    this.#health.stop();
    await end(this.#child.pid);
  }

  #spawn(): ChildProcess {
    const { binary, dir, log, placed } = this.#options;
    const command = [...(placed?.before ?? []), binary, '-c', join(dir, 'nats.conf')];
    const child = spawn(command[0] as string, command.slice(1), {
      stdio: 'ignore',
      detached: true,
    });
    child.unref(); // Ctrl-C is ours to handle: the server must outlive what is in flight
    void writeFile(join(dir, 'pid'), `${child.pid} ${bornAt(child.pid ?? 0)}`);
    child.once('exit', (code, signal) => {
      if (this.#stopping) return;
      this.#isHomeless ||= !this.#hasAnswered;
      log.error({ code, signal }, 'nats-server ended; starting it again');
      setTimeout(() => {
        if (!this.#stopping) this.#child = this.#spawn();
      }, 100);
    });
    child.once('error', (err) => log.error({ err }, 'nats-server cannot be started'));
    return child;
  }
}

function requireVersion(binary: string): void {
  const said = spawnSync(binary, ['--version'], { encoding: 'utf8' });
  const version = /v(\d+)\.(\d+)\.\d+/.exec(said.stdout ?? '');
  if (version === null) throw new StartError(`${binary} is no nats-server that runs here`);
  const [major, minor] = [Number(version[1]), Number(version[2])];
  if (major > AT_LEAST[0] || (major === AT_LEAST[0] && minor >= AT_LEAST[1])) return;
  throw new StartError(
    `nats-server ${version[0]} is too old; install ${AT_LEAST.join('.')} or newer, or take it off PATH`,
  );
}

interface Ports {
  readonly port: number;
  readonly monitorPort: number;
  /** 0 where it is no hub. */
  readonly leafPort: number;
}

const hostOf = ({ placed }: NatsChildOptions): string => placed?.host ?? LOOPBACK;
const leafHostOf = ({ leafHost }: NatsChildOptions): string => leafHost ?? LOOPBACK;

/** Of this start alone: it tells the server from others. */
const nameOf = ({ place }: NatsChildOptions): string =>
  ['holdfast', ...(place === undefined ? [] : [place.domain]), randomUUID().slice(0, 8)].join('-');

const configuration = (options: NatsChildOptions, ports: Ports, name: string): string => {
  const { dir, sync, place } = options;
  const host = hostOf(options);
  return natsConfig({
    name,
    listen: `${host}:${ports.port}`,
    monitor: `${host}:${ports.monitorPort}`,
    storeDir: join(dir, 'store'),
    logFile: join(dir, 'nats.log'),
    sync,
    ...(place === undefined
      ? {}
      : { place: leafPlace(place, `${leafHostOf(options)}:${ports.leafPort}`) }),
  });
};

const leafPlace = (place: ChildPlace, leafs: string): LeafPlace =>
  place.kind === 'hub' ? { domain: place.domain, leafs } : { domain: place.domain, hub: place.hub };

/** The ports of the start before, 0 where there was none. */
function remembered(dir: string): { port: number; leafPort: number } {
  const path = join(dir, 'nats.conf');
  const text = existsSync(path) ? readFileSync(path, 'utf8') : '';
  const port = (of: RegExp): number => Number(of.exec(text)?.[1] ?? 0);
  return {
    port: port(/^listen: [\d.]+:(\d+)$/m),
    leafPort: port(/^ {2}listen: [\d.]+:(\d+)$/m),
  };
}

/** A server that a killed start left behind still holds the store. */
async function endOrphan(dir: string): Promise<void> {
  const path = join(dir, 'pid');
  if (!existsSync(path)) return;
  const [pid, born] = (await readFile(path, 'utf8')).split(' ');
  if (Number(pid) > 0 && bornAt(Number(pid)) === born) await end(Number(pid));
}

/** Asks a process to end; insists after a while. */
async function end(pid: number | undefined): Promise<void> {
  if (pid === undefined || !isAlive(pid)) return;
  process.kill(pid, 'SIGTERM');
  const until = systemClock.monoMs() + STOP_MS;
  while (isAlive(pid)) {
    if (systemClock.monoMs() > until) process.kill(pid, 'SIGKILL');
    await sleep(systemClock, 20);
  }
}
