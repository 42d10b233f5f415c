import type { Msg } from '@nats-io/transport-node';

/** A stored message as a consumer delivers it. */
export interface Delivered {
  /** In the stream. */
  readonly seq: number;
  /** Messages that this consumer has still to deliver after this one. */
  readonly pending: number;
  readonly bytes: Uint8Array;
  /** The id it was stored under. */
  readonly id: string;
  /** Done, with all before it where the consumer's policy says so. */
  acknowledge(): void;
}

const ACK = '+ACK';
const MSG_ID = 'Nats-Msg-Id';

/**
 * Reads what the server says of a message in the subject for its reply:
 * `$JS.ACK.<stream>.<consumer>.<deliveries>.<seq>.<delivery>.<time>.<pending>`,
 * with a domain and an account after `$JS.ACK` where there are domains.
 * Undefined for a subject of another form.
 */
export function delivered(message: Msg): Delivered | undefined {
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
      message.respond(ACK);
    },
  };
}
