import { connect, type NatsConnection } from '@nats-io/transport-node';
import { StartError } from '../engine/errors.ts';
import { RECONNECT } from '../engine/reconnect.ts';

/** A connection to servers that run elsewhere, by commas; comes back by itself for ever. */
export async function linkTo(servers: string, name: string): Promise<NatsConnection> {
  try {
    return await connect({ servers: servers.split(','), name, ...RECONNECT });
  } catch (e) {
    throw new StartError(
      `no NATS server answers at ${servers} (${(e as Error).message}); start one with JetStream, or name it with --nats`,
    );
  }
}
