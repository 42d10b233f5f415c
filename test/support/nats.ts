import { type ChildProcess, spawn } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { connect, type NatsConnection } from '@nats-io/transport-node';
import { type LeafPlace, natsConfig } from '../../cli/nats-config.ts';
import { freePort } from '../../cli/ports.ts';
import { ensureNatsServer } from '../../setup/nats-server.mjs';

export interface NatsOptions {
  /** `always` syncs every message to disk before its PubAck; else an interval. Default `2m`. */
  readonly sync?: string;
  /** Default true. */
  readonly jetstream?: boolean;
  /** Port to use; default any free one. */
  readonly port?: number;
  /** Among linked servers. */
  readonly place?: LeafPlace;
}

/** A real nats-server of the test's own: its own folder and port, gone when the test is. */
export interface NatsServer {
  readonly port: number;
  readonly url: string;
  /** Its folder: `nats.conf`, `nats.log` and the JetStream store in `store`. */
  readonly dir: string;
  /** A connection that comes back by itself; closed with {@link stop}. */
  connect(name?: string): Promise<NatsConnection>;
  /** Ends it in order; its folder stays for {@link restart}. */
  shutdown(): Promise<void>;
  /** SIGKILL. */
  kill(): Promise<void>;
  /** Starts it again on the same folder and port, ending it first if it runs. */
  restart(): Promise<void>;
  /** Ends it and removes its folder. */
  stop(): Promise<void>;
}

export async function startNats(options: NatsOptions = {}): Promise<NatsServer> {
  const binary = await ensureNatsServer();
  const dir = mkdtempSync(join(tmpdir(), 'holdfast-nats-'));
  const port = options.port ?? (await freePort());
  const url = `nats://127.0.0.1:${port}`;
  const config = join(dir, 'nats.conf');
  writeFileSync(config, configuration(options, dir, port));
  const run = (): ChildProcess => spawn(binary, ['-c', config], { stdio: 'ignore' });
  const connections: NatsConnection[] = [];
  let child = run();
  const killAtExit = (): void => {
    child.kill('SIGKILL');
  };
  process.once('exit', killAtExit);
  await untilReady(url);
  return {
    port,
    url,
    dir,
    async connect(name = 'test') {
      const nats = await connect({ servers: url, name, ...FOR_EVER });
      connections.push(nats);
      return nats;
    },
    shutdown: () => end(child, 'SIGTERM'),
    kill: () => end(child, 'SIGKILL'),
    async restart() {
      await end(child, 'SIGTERM');
      child = run();
      await untilReady(url);
    },
    async stop() {
      await Promise.all(connections.map((nats) => nats.close()));
      await end(child, 'SIGKILL');
      process.off('exit', killAtExit);
      rmSync(dir, { recursive: true, force: true });
    },
  };
}

/** By default nats.js gives up after ten tries. */
const FOR_EVER = { maxReconnectAttempts: -1, reconnectTimeWait: 50, reconnectJitter: 50 } as const;

function configuration(options: NatsOptions, dir: string, port: number): string {
  const { sync, jetstream, place } = options;
  if (place !== undefined) {
    return natsConfig({
      ...{ name: place.domain, listen: `127.0.0.1:${port}`, place, sync: sync ?? '2m' },
      ...{ storeDir: join(dir, 'store'), logFile: join(dir, 'nats.log') },
    });
  }
  const lines = [
    `listen: 127.0.0.1:${port}`,
    `log_file: ${JSON.stringify(join(dir, 'nats.log'))}`,
    'max_payload: 1048576',
  ];
  if (jetstream !== false) {
    lines.push(
      `jetstream { store_dir: ${JSON.stringify(join(dir, 'store'))}, sync_interval: ${sync ?? '2m'} }`,
    );
  }
  return `${lines.join('\n')}\n`;
}

async function untilReady(url: string): Promise<void> {
  for (let attempt = 0; ; attempt++) {
    try {
      const nats = await connect({ servers: url, reconnect: false });
      await nats.close();
      return;
    } catch (e) {
      if (attempt === 200) throw e;
      await new Promise((resolve) => setTimeout(resolve, 25));
    }
  }
}

async function end(child: ChildProcess, signal: NodeJS.Signals): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return;
  const gone = new Promise((resolve) => child.once('exit', resolve));
  child.kill(signal);
  await gone;
}
