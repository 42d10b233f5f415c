import type { NatsConnection, Subscription } from '@nats-io/transport-node';
import { Packr, Unpackr } from 'msgpackr';
import type { Change } from '../../actors/stock/stockroom.ts';
import { LIMITS } from '../limits.ts';
import { changesSubject, slotOf } from '../subjects.ts';
import type { Watchers } from '../watch.ts';
import { listen } from './careful.ts';
import type { Members } from './members.ts';

const packr = new Packr({ useRecords: false });
const unpackr = new Unpackr({ useRecords: false });

/** So many fit one NATS message. */
const MESSAGE_CHANGES = 500;

/** Which node committed them. */
type Told = [node: string, changes: readonly Change[]];

/**
 * Committed changes on their way to the scanners that watch them at other nodes.
 * Only a shard that somebody watches elsewhere is published.
 */
export class ChangeRelay {
  readonly #nats: NatsConnection;
  readonly #region: string;
  readonly #node: string;
  readonly #members: Members;
  readonly #watchers: Watchers;
  /** How many names are watched here, by shard; no zeros. */
  readonly #names = new Map<number, number>();
  readonly #heard = new Map<number, Subscription>();

  constructor(
    nats: NatsConnection,
    region: string,
    node: string,
    members: Members,
    watchers: Watchers,
  ) {
    this.#nats = nats;
    this.#region = region;
    this.#node = node;
    this.#members = members;
    this.#watchers = watchers;
    watchers.onInterest = (warehouse, isOn) =>
      this.#interest(slotOf(warehouse, LIMITS.shards), isOn);
  }

  isWatched(shard: number): boolean {
    return this.#members.isWatched(shard);
  }

  /** Of a shard that is owned here. */
  tell(shard: number, changes: readonly Change[]): void {
    if (!this.isWatched(shard)) return;
    const subject = changesSubject(this.#region, shard);
    try {
      for (let at = 0; at < changes.length; at += MESSAGE_CHANGES) {
        const told: Told = [this.#node, changes.slice(at, at + MESSAGE_CHANGES)];
        this.#nats.publish(subject, packr.pack(told));
      }
    } catch {
      // Without a link nobody hears; what is told to watchers must never cost the shard.
    }
  }

  /** Hears of what is watched here, and of no more. */
  #interest(shard: number, isOn: boolean): void {
    const names = (this.#names.get(shard) ?? 0) + (isOn ? 1 : -1);
    if (names > 0) this.#names.set(shard, names);
    else this.#names.delete(shard);
    if (names > 0 === this.#heard.has(shard)) return;
    if (names > 0) this.#heard.set(shard, this.#subscribe(shard));
    else {
      this.#heard.get(shard)?.unsubscribe();
      this.#heard.delete(shard);
    }
    this.#members.watch([...this.#heard.keys()]);
  }

  #subscribe(shard: number): Subscription {
    return listen(this.#nats, changesSubject(this.#region, shard), (message) => {
      const [node, changes] = unpackr.unpack(message.data) as Told;
      if (node !== this.#node) this.#watchers.tell(changes); // our own were told at once
    });
  }
}
