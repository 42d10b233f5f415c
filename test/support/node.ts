import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { NatsConnection } from '@nats-io/transport-node';
import { exportJWK, generateKeyPair } from 'jose';
import { type Logger, pino } from 'pino';
import { NatsChild } from '../../cli/nats-child.ts';
import { RegionNode } from '../../engine/node.ts';
import { type Identity, type KeyPair, signToken, verifierOf } from '../../gateway/auth.ts';
import { loadUws } from '../../gateway/door/native.ts';
import type { Preference } from '../../gateway/door/open.ts';
import { type Gateway, openGateway, SCAN_PATH } from '../../gateway/gateway.ts';
import type { ConnectionLimits } from '../../gateway/limits.ts';
import { ensureNatsServer } from '../../setup/nats-server.mjs';

export const REGION = 'test';
export const OWNER = 'demo';

/** Who asks over NATS without a token. */
export const TRUSTED: Identity = {
  client: 'nats',
  owners: [OWNER],
  warehouses: ['*'],
  roles: ['admin'],
  expiresAtMs: Number.POSITIVE_INFINITY,
};

/** The doors that open on this machine. */
export const DOORS: readonly Preference[] = loadUws().ok ? ['uws', 'ws'] : ['ws'];

export interface TestNodeOptions {
  readonly door?: Preference;
  readonly limits?: Partial<ConnectionLimits>;
  /** By default {@link TRUSTED}. */
  readonly trusted?: Identity | 'nobody';
}

export interface LogLine {
  readonly level: number;
  readonly msg: string;
  readonly [field: string]: unknown;
}

const HOUR_MS = 3_600_000;
/** pino's numbers. */
export const WARN = 40;

/** One real region node: nats-server, shards and doors, without the centre. */
export class TestNode {
  readonly keys: KeyPair;
  readonly nats: NatsConnection;
  /** Every line at debug and above, over restarts. */
  readonly log: LogLine[] = [];
  readonly #options: TestNodeOptions;
  readonly #dir: string;
  readonly #server: NatsChild;
  readonly #logger: Logger;
  #running: { readonly node: RegionNode; readonly gateway: Gateway } | undefined;
  #port = 0;

  private constructor(options: TestNodeOptions, dir: string, keys: KeyPair, nats: Connected) {
    this.#options = options;
    this.#dir = dir;
    this.keys = keys;
    this.#server = nats.server;
    this.nats = nats.connection;
    const write = (line: string): void => void this.log.push(JSON.parse(line) as LogLine);
    this.#logger = pino({ level: 'debug', base: null }, { write });
  }

  static async start(options: TestNodeOptions = {}): Promise<TestNode> {
    const dir = await mkdtemp(join(tmpdir(), 'holdfast-node-'));
    const test = new TestNode(options, dir, await newKeys(), await connectNats(dir));
    try {
      await test.#open();
    } catch (e) {
      await test.stop();
      throw e;
    }
    return test;
  }

  get node(): RegionNode {
    return this.#parts.node;
  }

  get gateway(): Gateway {
    return this.#parts.gateway;
  }

  /** The same after a restart. */
  get url(): string {
    return `ws://127.0.0.1:${this.#port}${SCAN_PATH}`;
  }

  get http(): string {
    return `http://127.0.0.1:${this.#port}`;
  }

  get natsUrl(): string {
    return this.#server.url;
  }

  /** By default one of an administrator of {@link OWNER} everywhere. */
  token(who: Partial<Identity> = {}, lifeMs = HOUR_MS): Promise<string> {
    const { client = 'admin', owners = [OWNER], warehouses = ['*'], roles = ['admin'] } = who;
    return signToken(this.keys, { client, owners, warehouses, roles }, lifeMs);
  }

  /** What a person would be told: warnings and worse, but for a lease that a busy machine lost. */
  get problems(): readonly LogLine[] {
    return this.log.filter(({ level, msg }) => level >= WARN && !/^(lease lost|refused)/.test(msg));
  }

  /** Closes the doors and gives the shards back; nats-server goes on. */
  async down(): Promise<void> {
    const parts = this.#running;
    this.#running = undefined;
    await parts?.gateway.close();
    await parts?.node.close();
  }

  /** Stops and starts again, on the same port, from what the journal and the disk have. */
  async restart(): Promise<void> {
    await this.down();
    await this.#open();
  }

  async stop(): Promise<void> {
    await this.down();
    await this.nats.close();
    await this.#server.stop();
    await rm(this.#dir, { recursive: true, force: true });
  }

  get #parts(): { readonly node: RegionNode; readonly gateway: Gateway } {
    if (this.#running === undefined) throw new Error('the node is down');
    return this.#running;
  }

  async #open(): Promise<void> {
    const node = await RegionNode.start({
      nats: this.nats,
      region: REGION,
      name: 'node-1',
      url: 'ws://127.0.0.1/v1/scan',
      dataDir: join(this.#dir, 'shards'),
      log: this.#logger,
    });
    try {
      await node.settled();
      const gateway = await this.#openGateway(node);
      this.#running = { node, gateway };
      this.#port = gateway.door.port;
    } catch (e) {
      await node.close();
      throw e;
    }
  }

  async #openGateway(node: RegionNode): Promise<Gateway> {
    const { door = DOORS[0] as Preference, limits = {}, trusted = TRUSTED } = this.#options;
    const before = process.env.HOLDFAST_DOOR;
    process.env.HOLDFAST_DOOR = door;
    try {
      return await openGateway({
        node,
        nats: this.nats,
        natsUrl: this.natsUrl,
        region: REGION,
        verifier: await verifierOf(this.keys.publicKey),
        trusted: trusted === 'nobody' ? undefined : trusted,
        defaultOwner: OWNER,
        host: '127.0.0.1',
        port: this.#port,
        version: '0.0.0-test',
        log: this.#logger,
        limits,
      });
    } finally {
      if (before === undefined) delete process.env.HOLDFAST_DOOR;
      else process.env.HOLDFAST_DOOR = before;
    }
  }
}

interface Connected {
  readonly server: NatsChild;
  readonly connection: NatsConnection;
}

async function connectNats(dir: string): Promise<Connected> {
  const binary = process.env.HOLDFAST_NATS_SERVER ?? (await ensureNatsServer());
  const log = pino({ level: 'silent' });
  const server = await NatsChild.start({ dir: join(dir, 'nats'), binary, sync: '2m', log });
  return { server, connection: await server.connect('test') };
}

export async function newKeys(): Promise<KeyPair> {
  const made = await generateKeyPair('EdDSA', { extractable: true });
  return {
    privateKey: await exportJWK(made.privateKey),
    publicKey: await exportJWK(made.publicKey),
  };
}
