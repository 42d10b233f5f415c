import type { Msg, NatsConnection, Subscription } from '@nats-io/transport-node';
import type { Network } from '../network.ts';
import type { Random } from '../random.ts';
import type { Life, World } from '../world.ts';

type Heard = (error: Error | null, message: Msg) => void;

interface Listener {
  readonly life: Life;
  readonly hear: Heard;
}

/** What one message between regions takes longer than one within, ms. */
const FAR_MS = [3, 40] as const;

/**
 * NATS without JetStream, as far as the engine uses it: subjects, requests. Messages between regions are
 * slower, and may be lost, repeated and overtaken; while a link is cut they are lost.
 */
export class Bus {
  /** Share of all messages that are lost, and that come twice. */
  lost = 0;
  repeated = 0;
  /** Told of all that is said, before anybody hears it. */
  onSaid: (subject: string, data: Uint8Array) => void = () => {};
  readonly #world: World;
  readonly #network: Network;
  readonly #random: Random;
  readonly #listeners = new Map<string, Set<Listener>>();
  #inboxes = 0;

  constructor(world: World, network: Network, random: Random) {
    this.#world = world;
    this.#network = network;
    this.#random = random;
  }

  /** The connection of one run of a process. */
  connection(life: Life): NatsConnection {
    const connection = {
      subscribe: (subject: string, { callback }: { callback: Heard }) =>
        this.#subscribe(life, subject, callback),
      publish: (subject: string, data: Uint8Array | string = '') =>
        this.#publish(life, subject, bytesOf(data), undefined),
      request: (subject: string, data: Uint8Array | string, { timeout }: { timeout: number }) =>
        this.#request(life, subject, bytesOf(data), timeout),
    };
    return connection as unknown as NatsConnection;
  }

  #subscribe(life: Life, subject: string, hear: Heard): Subscription {
    const listeners = this.#listeners.get(subject) ?? new Set();
    this.#listeners.set(subject, listeners);
    const listener = { life, hear };
    listeners.add(listener);
    return { unsubscribe: () => void listeners.delete(listener) } as Subscription;
  }

  #publish(from: Life, subject: string, data: Uint8Array, reply: string | undefined): void {
    if (from.dead) return;
    this.onSaid(subject, data);
    const listeners = this.#listeners.get(subject);
    for (const listener of listeners ?? []) {
      if (listener.life.dead) listeners?.delete(listener);
      else this.#carry(from, listener, this.#message(listener.life, subject, data, reply));
    }
  }

  #carry(from: Life, { life, hear }: Listener, message: Msg): void {
    if (this.#random.chance(this.lost)) return;
    const times = this.#random.chance(this.repeated) ? 2 : 1;
    const isFar = regionOf(from.name) !== regionOf(life.name);
    for (let i = 0; i < times; i++) {
      const farMs = isFar ? this.#random.between(...FAR_MS) : 0;
      const to = { name: life.name, life };
      this.#network.send(from, to, () => this.#world.after(farMs, life, () => hear(null, message)));
    }
  }

  #message(at: Life, subject: string, data: Uint8Array, reply: string | undefined): Msg {
    const message = {
      subject,
      data,
      json: () => JSON.parse(new TextDecoder().decode(data)),
      respond: (said: Uint8Array | string = '') => {
        if (reply !== undefined) this.#publish(at, reply, bytesOf(said), undefined);
        return reply !== undefined;
      },
    };
    return message as unknown as Msg;
  }

  /** The first answer; rejects when none has come in time. */
  #request(from: Life, subject: string, data: Uint8Array, timeoutMs: number): Promise<Msg> {
    const inbox = `inbox.${++this.#inboxes}`;
    return new Promise((resolve, reject) => {
      const done = (): void => {
        cancel();
        this.#listeners.delete(inbox);
      };
      const cancel = this.#world.after(timeoutMs / from.skew.rate, from, () => {
        done();
        reject(new Error('timeout'));
      });
      this.#subscribe(from, inbox, (_, message) => {
        done();
        resolve(message);
      });
      this.#publish(from, subject, data, inbox);
    });
  }
}

/** Processes are named `region.what`. */
export const regionOf = (name: string): string => name.slice(0, name.indexOf('.'));

const bytesOf = (data: Uint8Array | string): Uint8Array =>
  typeof data === 'string' ? new TextEncoder().encode(data) : data;
