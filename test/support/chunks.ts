import { type ActorKey, parseActorKey } from '../../actors/ids.ts';
import { type JournalRecord, open } from '../../engine/record.ts';
import { ChangeReader, openHead } from '../../engine/record-reader.ts';
import { Actors } from '../../oms/actors.ts';
import { type Arrived, chunkOf, positionOf } from '../../oms/chunk.ts';
import { NOWHERE } from '../../oms/position.ts';
import type { Chunk } from '../../oms/store/store.ts';
import { JournalMaker } from './journal-maker.ts';

/** Records of one shard as chunks, with actor numbers as the centre gives them. */
export class Chunks {
  readonly maker: JournalMaker;
  readonly arrived: Arrived[] = [];
  readonly #actors: Actors;
  readonly #number: number;

  /** `number` is the centre's for the shard. */
  constructor(shard = 0, actors = new Actors(), number = shard) {
    this.#number = number;
    this.maker = new JournalMaker(shard);
    this.#actors = actors;
  }

  record(): this {
    const record = openHead(this.maker.record().bytes);
    this.arrived.push({ seq: this.arrived.length + 1, record });
    const change = new ChangeReader();
    change.begin(record);
    while (change.next()) {
      const [from, to] = [change.keyFrom(), change.keyTo()];
      if (this.#actors.find(change.bytes, from, to) !== undefined) continue;
      this.#actors.add(parseActorKey(change.text(from, to) as ActorKey), this.#number);
    }
    return this;
  }

  /** The record with that number, decoded by the other way. */
  decoded(number: number): JournalRecord {
    return open((this.arrived[number - 1] as Arrived).record.bytes);
  }

  /** Records `first` to `last`, by number. */
  of(first: number, last: number): Chunk {
    const before = this.arrived[first - 2];
    const from = before === undefined ? NOWHERE : positionOf(before);
    return chunkOf(this.#number, from, this.arrived.slice(first - 1, last), this.#actors);
  }

  all(): Chunk {
    return this.of(1, this.arrived.length);
  }
}
