import { errors, type Msg, type NatsConnection, type Subscription } from '@nats-io/transport-node';
import { Packr, Unpackr } from 'msgpackr';
import type { ShardCommand } from '../../actors/command.ts';
import type { LeaseValue } from '../lease.ts';
import { LIMITS } from '../limits.ts';
import type { Ask } from '../mailbox.ts';
import type { Caller } from '../record.ts';
import type { Answer } from '../settled.ts';
import { peerSubject } from '../subjects.ts';
import { carefully, listen } from './careful.ts';
import type { Members } from './members.ts';
import { PeerAbsent, type PeerService, type Peers } from './peers.ts';

type ForwardedAsk = [ShardCommand, Caller, number, number, number, number];

const packr = new Packr({ useRecords: false });
const unpackr = new Unpackr({ useRecords: false });

const HANDOVER_MS = 5_000;
const NEXT_MS = 1_000;

/** The nodes of a region, by NATS request: each listens on subjects of its own name. */
export class NatsPeers implements Peers {
  readonly #nats: NatsConnection;
  readonly #region: string;
  readonly #self: LeaseValue;
  readonly #members: Members;

  constructor(nats: NatsConnection, region: string, self: LeaseValue, members: Members) {
    this.#nats = nats;
    this.#region = region;
    this.#self = self;
    this.#members = members;
  }

  preferred(shard: number): LeaseValue | undefined {
    return this.#members.preferred(shard);
  }

  async forward(to: LeaseValue, shard: number, ask: Ask, hops: number): Promise<Answer> {
    const { command, caller, n, fingerprint, acked } = ask;
    const sent: ForwardedAsk = [command, caller, n, fingerprint, acked, hops];
    const bytes = packr.pack(sent);
    const answer = await this.#request(to, 'command', shard, bytes, LIMITS.forwardMs);
    return unpackr.unpack(answer.data) as Answer;
  }

  async askFor(from: LeaseValue, shard: number): Promise<boolean> {
    const self = JSON.stringify(this.#self);
    return (await this.#request(from, 'handover', shard, self, HANDOVER_MS)).json<boolean>();
  }

  async nextNumber(of: LeaseValue, shard: number, caller: Caller): Promise<number | undefined> {
    const who = JSON.stringify(caller);
    const next = (await this.#request(of, 'next', shard, who, NEXT_MS)).json<number | null>();
    return next ?? undefined;
  }

  serve(shard: number, service: PeerService): () => void {
    const on = (what: string, hear: (message: Msg) => void | Promise<void>): Subscription =>
      listen(this.#nats, peerSubject(this.#region, this.#self.node, what, shard), hear);
    const all = [
      on('command', (message) => submit(service, message)),
      on('handover', async (message) => {
        message.respond(JSON.stringify(await service.handOver(message.json<LeaseValue>())));
      }),
      on('next', (message) => {
        message.respond(JSON.stringify(service.nextNumber(message.json<Caller>()) ?? null));
      }),
    ];
    return () => {
      for (const one of all) one.unsubscribe();
    };
  }

  async #request(
    to: LeaseValue,
    what: string,
    shard: number,
    data: string | Uint8Array,
    timeout: number,
  ): Promise<Msg> {
    const subject = peerSubject(this.#region, to.node, what, shard);
    try {
      return await this.#nats.request(subject, data, { timeout });
    } catch (e) {
      if (isNobody(e)) throw new PeerAbsent(`node ${to.node} is not there`);
      throw e;
    }
  }
}

/** Committed or refused, never only decided: one request has one answer. */
function submit(service: PeerService, message: Msg): void {
  const [command, caller, n, fingerprint, acked, hops] = unpackr.unpack(
    message.data,
  ) as ForwardedAsk;
  const answer = (a: Answer): void => carefully(() => void message.respond(packr.pack(a)));
  const fate = (): void => {};
  service.submit({ command, caller, n, fingerprint, acked, decided: false, answer, fate }, hops);
}

function isNobody(e: unknown): boolean {
  if (e instanceof errors.NoRespondersError) return true;
  return e instanceof errors.RequestError && e.isNoResponders();
}
