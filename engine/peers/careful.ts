import type { Msg, NatsConnection, Subscription } from '@nats-io/transport-node';

/**
 * Runs what a message asks for. An error that leaves a callback of the NATS
 * client ends its reading for good, so a message that cannot be read, from
 * another version say, is passed over.
 */
export function carefully(work: () => void | Promise<void>): void {
  (async () => work())().catch(() => {});
}

/** Hears a subject; of the nodes that name the same queue, one hears each message. */
export const listen = (
  nats: NatsConnection,
  subject: string,
  hear: (message: Msg) => void | Promise<void>,
  queue?: string,
): Subscription =>
  nats.subscribe(subject, {
    ...(queue === undefined ? {} : { queue }),
    callback: (error, message) => {
      if (error === null) carefully(() => hear(message));
    },
  });
