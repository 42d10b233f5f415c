import { createInbox, headers, type Msg, type NatsConnection } from '@nats-io/transport-node';
import { messageOfError } from '../errors.ts';
import { LIMITS } from '../limits.ts';
import type { Appended } from './journal.ts';

/** What a stream answers to a publish: a PubAck, or why not. */
interface PubAck {
  readonly seq?: number;
  readonly duplicate?: boolean;
  readonly error?: { readonly err_code?: number; readonly description?: string };
}

const WRONG_LAST_SEQUENCE = 10071;
const NO_RESPONDERS = 503;

/**
 * Publishes into one stream. The client's own publish makes errors and several
 * promises each time, in case it fails: about 40 µs of a commit. Here one
 * subscription hears all answers, told apart by their subjects.
 */
export class Publisher {
  readonly #nats: NatsConnection;
  readonly #subject: string;
  readonly #stream: string;
  readonly #inbox = createInbox();
  /** By the subject of the answer: a late one to an earlier try finds nobody. */
  readonly #awaited = new Map<string, (appended: Appended) => void>();
  /** Begun anew by every try: one timer for all, since a new one costs microseconds. */
  readonly #patience: NodeJS.Timeout;
  #count = 0;

  constructor(nats: NatsConnection, subject: string, stream: string) {
    this.#nats = nats;
    this.#subject = subject;
    this.#stream = stream;
    nats.subscribe(`${this.#inbox}.*`, {
      callback: (error, message) => {
        if (error === null) this.#settle(message.subject, appendedOf(message));
      },
    });
    this.#patience = setTimeout(() => this.#giveUp(), LIMITS.publishMs).unref();
  }

  /** One try, at most `LIMITS.publishMs` if no other follows meanwhile. Never rejects. */
  publish(bytes: Uint8Array, id: string, expected: number): Promise<Appended> {
    const reply = `${this.#inbox}.${++this.#count}`;
    return new Promise((resolve) => {
      this.#awaited.set(reply, resolve);
      this.#patience.refresh();
      try {
        this.#nats.publish(this.#subject, bytes, { headers: this.#headers(id, expected), reply });
      } catch (e) {
        this.#settle(reply, { kind: 'unknown', why: messageOfError(e) });
      }
    });
  }

  #settle(reply: string, appended: Appended): void {
    this.#awaited.get(reply)?.(appended);
    this.#awaited.delete(reply);
  }

  #giveUp(): void {
    for (const reply of this.#awaited.keys())
      this.#settle(reply, { kind: 'unknown', why: 'timeout' });
  }

  #headers(id: string, expected: number): ReturnType<typeof headers> {
    const h = headers();
    h.set('Nats-Msg-Id', id);
    h.set('Nats-Expected-Stream', this.#stream);
    h.set('Nats-Expected-Last-Subject-Sequence', String(expected));
    return h;
  }
}

function appendedOf(message: Msg): Appended {
  if (message.headers?.code === NO_RESPONDERS) return { kind: 'unknown', why: 'no responders' };
  try {
    const { seq, duplicate, error } = message.json<PubAck>();
    if (error !== undefined) return refusedFor(error);
    if (seq === undefined) return { kind: 'unknown', why: 'an answer without a sequence' };
    return { kind: duplicate === true ? 'duplicate' : 'stored', seq };
  } catch (e) {
    return { kind: 'unknown', why: messageOfError(e) };
  }
}

/** `wrong last sequence: 17` */
function refusedFor({ err_code, description = '' }: NonNullable<PubAck['error']>): Appended {
  const last = err_code === WRONG_LAST_SEQUENCE ? /(\d+)$/.exec(description)?.[1] : undefined;
  return last === undefined
    ? { kind: 'unknown', why: description }
    : { kind: 'conflict', last: Number(last) };
}
