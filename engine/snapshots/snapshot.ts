import { createHash, type Hash } from 'node:crypto';
import type { DocumentKey } from '../../actors/documents/commands.ts';
import type { DocumentState } from '../../actors/documents/states.ts';
import type { Clock } from '../clock.ts';
import { messageOfError, ShardStopped } from '../errors.ts';
import { LIMITS } from '../limits.ts';
import type { Head, SnapshotName } from '../record.ts';
import { ShardState } from '../state.ts';
import { type NamedActor, packActors } from './actor-writer.ts';
import { type RightsLine, rightsLines } from './rights-line.ts';
import {
  type ActorLine,
  actorOf,
  pack,
  type SessionLine,
  sessionLine,
  sessionOf,
  unpack,
} from './slices.ts';
import type { SnapshotStore, SnapshotWriter } from './store.ts';

export const SNAPSHOT_FORMAT = 6;
/** Lines encoded between two looks at the clock. */
const STEP = 64;

interface Header {
  readonly format: number;
  readonly shard: number;
  readonly fromSeq: number;
  readonly fromNumber: number;
  readonly fromHash: string;
}
type Piece =
  | { readonly header: Header }
  | { readonly actors: ActorLine[] }
  | { readonly documents: [DocumentKey, DocumentState][] }
  | { readonly rights: RightsLine }
  | { readonly sessions: SessionLine[] }
  | { readonly end: true };

/**
 * C3: takes a snapshot in slices between turns, when memory holds committed
 * state only. Slices are of different moments; recovery evens that out, since
 * every actor knows its own sequence and every outcome its own number.
 */
export class SnapshotTaker {
  readonly name: string;
  readonly #writer: SnapshotWriter;
  readonly #from: { readonly head: Head; readonly seq: number };
  readonly #hash: Hash = createHash('sha256');
  readonly #pieces: Iterator<Uint8Array>;
  #pending: Promise<void> = Promise.resolve();
  #bytes = 0;

  private constructor(
    name: string,
    writer: SnapshotWriter,
    shard: number,
    from: { head: Head; seq: number },
    state: ShardState,
  ) {
    this.name = name;
    this.#writer = writer;
    this.#from = from;
    this.#pieces = pieces(shard, from, state);
  }

  static async start(
    store: SnapshotStore,
    shard: number,
    from: { head: Head; seq: number },
    state: ShardState,
    nonce: string,
  ): Promise<SnapshotTaker> {
    const name = `${String(from.head.number).padStart(14, '0')}-${nonce}`;
    return new SnapshotTaker(name, await store.create(name), shard, from, state);
  }

  /** Takes slices for at most `LIMITS.sliceMs`. True when that was the last one. */
  step(clock: Clock): boolean {
    const until = clock.monoMs() + LIMITS.sliceMs;
    do {
      const next = this.#pieces.next();
      if (next.done === true) return true;
      this.#write(next.value);
    } while (clock.monoMs() < until);
    return false;
  }

  /** Taken so far. */
  get bytes(): number {
    return this.#bytes;
  }

  /** Stores it safely. The name counts only once a journal record tells it. */
  async finish(to: Head): Promise<SnapshotName> {
    try {
      await this.#pending;
      await this.#writer.finish();
    } catch (e) {
      await this.abort().catch(() => {});
      throw e;
    }
    return {
      name: this.name,
      fromSeq: this.#from.seq,
      fromNumber: this.#from.head.number,
      fromHash: this.#from.head.hash,
      toNumber: to.number,
      toHash: to.hash,
      digest: this.#hash.digest('hex'),
    };
  }

  async abort(): Promise<void> {
    await this.#pending.catch(() => {});
    await this.#writer.abort();
  }

  #write(piece: Uint8Array): void {
    const framed = new Uint8Array(4 + piece.length);
    new DataView(framed.buffer).setUint32(0, piece.length);
    framed.set(piece, 4);
    this.#hash.update(framed);
    this.#bytes += framed.length;
    this.#pending = this.#pending.then(() => this.#writer.write(framed));
    this.#pending.catch(() => {}); // told by finish()
  }
}

function* pieces(
  shard: number,
  from: { head: Head; seq: number },
  state: ShardState,
): Generator<Uint8Array> {
  const { number: fromNumber, hash: fromHash } = from.head;
  const format = SNAPSHOT_FORMAT;
  yield piece({ header: { format, shard, fromSeq: from.seq, fromNumber, fromHash } });
  let actors: NamedActor[] = [];
  for (const actor of state.stockroom.entries()) {
    if (actors.push(actor) < STEP) continue;
    yield packActors(actors);
    actors = [];
  }
  yield packActors(actors);
  for (const document of state.documents.entries()) yield piece({ documents: [document] });
  for (const rights of rightsLines(state.rights)) yield piece({ rights });
  // A session that is used moves to the end of its map: walk a copy, or the walk never ends.
  // Their order is by last use, so that has to be of the same moment.
  const sessions = [...state.sessions.all()].map((s) => [s, s.lastMs] as const);
  for (const [s, lastMs] of sessions) yield piece({ sessions: [sessionLine(s, lastMs)] });
  yield piece({ end: true });
}

const piece = (said: Piece): Uint8Array => pack(said);

/** A snapshot as it was read, to be checked against the record that names it. */
export interface Loaded {
  readonly name: string;
  readonly header: Header;
  readonly digest: string;
  readonly state: ShardState;
}

/** The store could not be read, which says nothing about what is in it. */
export class Unreadable extends Error {
  override readonly name = 'Unreadable';
}

async function* readable(source: AsyncIterable<Uint8Array>): AsyncIterable<Uint8Array> {
  try {
    yield* source;
  } catch (e) {
    throw new Unreadable(messageOfError(e), { cause: e });
  }
}

/**
 * Reads a snapshot whole. Throws {@link ShardStopped} where it is damaged, and
 * {@link Unreadable} where its store is.
 */
export async function loadSnapshot(
  store: SnapshotStore,
  name: string,
  shard: number,
): Promise<Loaded> {
  const state = new ShardState();
  const hash = createHash('sha256');
  let header: Header | undefined;
  let ended = false;
  let at = 0;
  try {
    for await (const framed of frames(readable(store.read(name)))) {
      hash.update(framed);
      const piece = unpack(framed.subarray(4)) as Piece;
      if ('header' in piece) header = piece.header;
      else if ('actors' in piece) for (const line of piece.actors) state.restore(...actorOf(line));
      else if ('documents' in piece)
        for (const [key, document] of piece.documents) state.documents.set(key, document);
      else if ('rights' in piece) state.restoreRights(piece.rights);
      else if ('sessions' in piece)
        for (const s of piece.sessions) state.sessions.restore(sessionOf(s));
      else if ('end' in piece) ended = true;
      else throw new Error('a piece of an unknown kind');
      at += framed.length;
    }
    if (!ended) throw new Error('its end is missing');
    if (header?.format !== SNAPSHOT_FORMAT) throw new Error('its format is not known here');
    if (header.shard !== shard) throw new Error(`it is of shard ${header.shard}`);
  } catch (e) {
    if (e instanceof Unreadable) throw e;
    throw new ShardStopped(
      `snapshot ${name} of shard ${shard} is damaged near byte ${at}: ${String(e)}. ` +
        'Move it away to start from the snapshot before it',
    );
  }
  return { name, header, digest: hash.digest('hex'), state };
}

/** Cuts a byte stream into its length-prefixed frames. */
async function* frames(source: AsyncIterable<Uint8Array>): AsyncIterable<Uint8Array> {
  let rest = Buffer.alloc(0);
  for await (const piece of source) {
    rest = rest.length === 0 ? Buffer.from(piece) : Buffer.concat([rest, piece]);
    let at = 0;
    while (rest.length - at >= 4) {
      const end = at + 4 + rest.readUInt32BE(at);
      if (end > rest.length) break;
      yield rest.subarray(at, end);
      at = end;
    }
    rest = rest.subarray(at);
  }
  if (rest.length > 0) throw new Error('it is cut off');
}
