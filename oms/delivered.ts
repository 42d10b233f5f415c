import type { Msg, NatsConnection } from '@nats-io/transport-node';
import type { Delivered } from './source.ts';

const ACK = '+ACK';
const MSG_ID = 'Nats-Msg-Id';

/**
 * Reads what the server says of a message in the subject for its reply:
 * `$JS.ACK.<stream>.<consumer>.<deliveries>.<seq>.<delivery>.<time>.<pending>`,
 * with a domain and an account after `$JS.ACK` where there are domains.
 * Undefined for a subject of another form.
 */
export function delivered(message: Msg, nats: NatsConnection): Delivered | undefined {
  const tokens = (message.reply ?? '').split('.');
  const skip = tokens.length > 9 ? 2 : 0;
  const seq = Number(tokens[5 + skip]);
  const pending = Number(tokens[8 + skip]);
  if (!Number.isSafeInteger(seq) || !Number.isSafeInteger(pending)) return undefined;
  return {
    seq,
    pending,
    bytes: message.data,
    id: message.headers?.get(MSG_ID) ?? '',
    acknowledge: () => {
      if (!nats.isClosed()) message.respond(ACK);
    },
  };
}
