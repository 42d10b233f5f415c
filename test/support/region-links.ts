import { connect, type NatsConnection } from '@nats-io/transport-node';
import type { PrivateRegions } from '../../cli/private-regions.ts';

/** A connection to the NATS server of each of some private regions. */
export class RegionLinks {
  readonly #stack: Pick<PrivateRegions['stack'], 'doors'>;
  readonly #links = new Map<string, NatsConnection>();

  private constructor(stack: Pick<PrivateRegions['stack'], 'doors'>) {
    this.#stack = stack;
  }

  static async open({ stack }: PrivateRegions, regions: readonly string[]): Promise<RegionLinks> {
    const links = new RegionLinks(stack);
    for (const region of regions) await links.link(region);
    return links;
  }

  /** Anew, where there was one: a region that was started again has another port. */
  async link(region: string): Promise<void> {
    await this.#links.get(region)?.close();
    const servers = this.#stack.doors[region]?.nats as string;
    this.#links.set(region, await connect({ servers, maxReconnectAttempts: -1 }));
  }

  at(region: string): NatsConnection {
    return this.#links.get(region) as NatsConnection;
  }

  async ask<Answer>(
    region: string,
    subject: string,
    body: object,
    timeout: number,
  ): Promise<Answer> {
    return (await this.at(region).request(subject, JSON.stringify(body), { timeout })).json();
  }

  async close(): Promise<void> {
    for (const nats of this.#links.values()) await nats.close();
  }
}
