import type { NatsConnection } from '@nats-io/transport-node';
import { Client } from '../../client/client.ts';
import { sleep, systemClock } from '../../engine/clock.ts';
import type { AvailabilityAnswer } from '../../oms/services/availability.ts';
import { Latencies } from '../latencies.ts';
import type { Address } from '../scan/greet.ts';
import { Books } from './books.ts';
import { ask } from './centre.ts';
import { nowMs } from './metronome.ts';
import type { Step } from './steps.ts';

const WAREHOUSE = 'W1';
/** One after the other, so that no change of a probe hides behind the next of the same SKU. */
const SKUS = 100;
const EVERY_MS = 25;
/** Between two questions. */
const LOOK_MS = 1;

/** Asks the centre for its figures until it has what the gateway has just acknowledged. */
export class Probe {
  readonly #nats: NatsConnection;
  readonly #client: Client;
  readonly books = new Books();
  /** From the acknowledgement to the centre's first answer with the change in it. */
  readonly visible = new Latencies();

  private constructor(nats: NatsConnection, client: Client) {
    this.#nats = nats;
    this.#client = client;
  }

  static async open(nats: NatsConnection, address: Address): Promise<Probe> {
    return new Probe(nats, await Client.connect({ ...address, client: 'probe' }));
  }

  /** One probe every {@link EVERY_MS}, whatever became of those before. */
  async run(seconds: number): Promise<void> {
    const probes: Promise<void>[] = [];
    const startMs = nowMs();
    for (let i = 0; i * EVERY_MS < seconds * 1000; i++) {
      await sleep(systemClock, Math.max(0, startMs + i * EVERY_MS - nowMs()));
      probes.push(this.#one(`PROBE-${i % SKUS}`));
    }
    await Promise.all(probes);
  }

  close(): void {
    this.#client.close();
  }

  async #one(sku: string): Promise<void> {
    const step: Step = { op: 'receive', warehouse: WAREHOUSE, sku, qty: 1, doc: 'PROBE' };
    const answer = await this.#client.send(step);
    const answeredMs = nowMs();
    if (!answer.ok) throw new Error(`a probe was refused: ${answer.message}`);
    this.books.noteAll([step], answer);
    while ((await this.#seqAtCentre(sku)) < (answer.seq ?? 0)) await sleep(systemClock, LOOK_MS);
    this.visible.add(nowMs() - answeredMs);
  }

  async #seqAtCentre(sku: string): Promise<number> {
    const asked = { skus: [sku], warehouse: WAREHOUSE };
    const told = await ask<AvailabilityAnswer>(this.#nats, 'inv.oms.availability', asked);
    const [item] = 'items' in told ? told.items : [told];
    return item?.warehouses[WAREHOUSE]?.seq ?? 0;
  }
}
