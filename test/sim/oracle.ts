import { isDeepStrictEqual } from 'node:util';
import type { DocumentCommand } from '../../actors/documents/commands.ts';
import type { ActorKey } from '../../actors/ids.ts';
import type { OutcomeCode, Refused } from '../../actors/outcomes.ts';
import type { Balances } from '../../actors/stock/balances.ts';
import type { Change } from '../../actors/stock/stockroom.ts';
import type { Stored } from '../../engine/journal/journal.ts';
import type { Ask } from '../../engine/mailbox.ts';
import type { JournalRecord } from '../../engine/record.ts';
import type { Answer, Done, Seen, SeenDocument } from '../../engine/settled.ts';
import { settle } from '../../engine/settled.ts';
import type { Shard } from '../../engine/shard.ts';
import { slotOf } from '../../engine/subjects.ts';
import { Arrivals } from './arrivals.ts';
import { Conservation } from './conservation.ts';
import { Failure } from './failure.ts';
import type { Witness } from './node.ts';
import { pictureOf } from './picture.ts';
import { keyOf, Sent, type Wanted } from './sent.ts';
import { Truth } from './truth.ts';
import { Ways } from './ways.ts';

/** Refusals that are not in the journal: of the router, the mailbox, and of sessions. */
const UNRECORDED: ReadonlySet<OutcomeCode> = new Set<OutcomeCode>([
  'too_large',
  'not_owned',
  'stopped',
  'overloaded',
  'moved',
  'unknown',
  'number_too_old',
  'id_reused',
]);

/** The last record that is gone, and who could tell. */
export interface Loss {
  readonly number: number;
  readonly hashes: readonly string[];
  readonly knew: readonly string[];
}

/** Sees everything and checks it: what the journals hold, what nodes say, and what they remember. */
export class Oracle implements Witness {
  readonly sent = new Sent();
  readonly truths: readonly Truth[];
  readonly ways = new Ways();
  /** Why a shard may stop for good: its records were damaged. */
  readonly excuses = new Map<number, string>();
  /** Shards whose journal lost acknowledged records; what they say is not checked any more. */
  readonly losses = new Map<number, Loss>();
  /** Shards that somebody stopped, loudly. */
  readonly named = new Set<number>();
  /** False once two nodes may hold one lease: then only strict reads are in order. */
  leasesHeld = true;
  readonly counts = { records: 0, answers: 0, acts: 0, stops: 0, lost: 0, falseRevokes: 0 };
  readonly #mayForget: boolean;
  readonly #arrivals = new Arrivals();
  readonly #looked = new WeakMap<Shard, number>();
  /** The first rule that did not hold. */
  failure: Failure | undefined;

  /** `mayForget`: sessions are short, so a retry may come too late. */
  constructor(shards: number, mayForget: boolean) {
    this.#mayForget = mayForget;
    const conservation = new Conservation();
    this.truths = Array.from(
      { length: shards },
      (_, i) => new Truth(i, this.sent, conservation, this.ways),
    );
  }

  /** Runs a check; remembers the first that fails. */
  check(rule: () => void): void {
    if (this.failure !== undefined) return;
    try {
      rule();
    } catch (e) {
      const said = e instanceof Error ? (e.stack ?? e.message) : String(e);
      this.failure = e instanceof Failure ? e : new Failure('threw', said);
    }
  }

  stored(shard: number, stored: Stored, by: string): void {
    this.check(() => {
      const record = this.#truth(shard).append(stored, by);
      this.counts.records++;
      this.counts.acts += actsOf(record);
      this.#regained(shard, record.hash);
      this.#arrivals.decided(by, shard, record);
    });
  }

  /** A power cut took the end of a journal. `knew`: process runs that had seen what is gone. */
  cutTail(shard: number, last: number, knew: readonly string[]): void {
    const gone = this.#truth(shard).cutTail(last);
    this.counts.lost += gone.length;
    const before = this.losses.get(shard)?.hashes ?? [];
    const hashes = [...gone.map(({ hash }) => hash), ...before];
    this.losses.set(shard, { number: last + hashes.length, hashes, knew });
    this.excuses.set(shard, 'its journal lost its end');
  }

  /** What is gone, and was still on its way to be stored, is sent again as it was. */
  #regained(shard: number, hash: string): void {
    const loss = this.losses.get(shard);
    if (loss?.hashes[0] !== hash) return;
    const hashes = loss.hashes.slice(1);
    if (hashes.length > 0) this.losses.set(shard, { ...loss, hashes });
    else this.losses.delete(shard);
  }

  arrived(life: string, shard: number, ask: Ask): void {
    this.#arrivals.arrived(life, shard, ask);
  }

  /** A node answers. What it says must be so, now. */
  answered(life: string, shard: number, ask: Ask, answer: Answer, committed: boolean): void {
    this.counts.answers++;
    if (!committed) return; // its fate is told later
    this.#arrivals.answered(life, shard, ask);
    this.check(() => this.holds(shard, ask, answer));
  }

  /** A node's courier sets out. What it carries must be so, now. */
  carries(command: DocumentCommand): void {
    this.sent.carries(command);
    this.check(() => this.ways.tells(command));
  }

  /** A client has an answer that it takes for good. */
  granted(
    ask: Pick<Ask, 'caller' | 'n' | 'fingerprint'> & { readonly command: Wanted },
    answer: Answer,
  ): void {
    this.check(() => {
      const shard = slotOf(ask.command.warehouse, this.truths.length);
      this.holds(shard, ask, answer);
      if (answer.ok || this.losses.has(shard)) return;
      const { code } = answer;
      if (code === 'id_reused' || (code === 'number_too_old' && !this.#mayForget)) {
        throw new Failure('C5 remembered', `${keyOf(ask.caller, ask.n)} was answered ${code}`);
      }
    });
  }

  /** Throws where an answer is not what the journal says. */
  holds(
    shard: number,
    ask: Pick<Ask, 'caller' | 'n' | 'command' | 'fingerprint'>,
    answer: Answer,
  ): void {
    if (this.losses.has(shard)) return;
    const truth = this.#truth(shard);
    const key = keyOf(ask.caller, ask.n);
    if (ask.command.op === 'read') return this.#readHolds(truth, key, answer);
    if (ask.command.op === 'readDocument') return this.#seenHolds(truth, key, answer);
    if (!answer.ok && UNRECORDED.has(answer.code)) return this.#unrecorded(truth, key, ask, answer);
    const told = truth.told.get(key);
    if (told === undefined)
      throw new Failure('C1 committed', `${key} answered, not in the journal`);
    if (told.entry.fingerprint !== ask.fingerprint) {
      throw new Failure('S5 content', `${key} was used for something else, and answered`);
    }
    const should = JSON.stringify(settle(told.entry.all, told.entry.outcome));
    const said = JSON.stringify(answer as Done | Refused);
    if (said !== should)
      throw new Failure('S5 first outcome', `${key}: ${said}, journal ${should}`);
  }

  #unrecorded(
    truth: Truth,
    key: string,
    { caller, n, fingerprint }: Pick<Ask, 'caller' | 'n' | 'fingerprint'>,
    { code }: Refused,
  ): void {
    const same = truth.told.get(key)?.entry.fingerprint === fingerprint;
    if (code === 'number_too_old') {
      truth.never(key);
      // What is forgotten by a node must be forgotten by the journal, as its records tell the time.
      const { state, last } = truth;
      const known = state.sessions.recall(caller, n, fingerprint, last?.timeMs ?? 0);
      if (known === undefined || known.ok || known.code !== code) {
        throw new Failure('C5 remembered', `${key} was answered ${code}, by its journal it is not`);
      }
    }
    if (code === 'id_reused' && same) throw new Failure('S5 content', `${key}: it is the same`);
    if (code === 'too_large' && truth.told.has(key))
      throw new Failure('S8 refusal', `${key} is there`);
  }

  #readHolds(truth: Truth, key: string, answer: Answer): void {
    if (!answer.ok) return;
    const { seq, after, hold } = answer as Seen;
    const { command } = this.#truthful(key);
    const version = truth.version(command.key, seq);
    if (version === undefined)
      throw new Failure('C6 read', `${key} saw event ${seq}, not committed`);
    if (version.balances !== String(after)) {
      throw new Failure(
        'C6 read',
        `${key} saw ${after} at event ${seq}, it was ${version.balances}`,
      );
    }
    if (command.hold === '') return;
    const was = version.holds.get(command.hold);
    if (was !== JSON.stringify(hold)) {
      throw new Failure(
        'C6 read',
        `${key} saw ${JSON.stringify(hold)} at event ${seq}, it was ${was}`,
      );
    }
  }

  #seenHolds(truth: Truth, key: string, answer: Answer): void {
    if (!answer.ok) return;
    const { document } = answer as SeenDocument;
    const command = this.sent.command(key, 0);
    if (command?.op !== 'readDocument')
      throw new Failure('S5 sent', `${key}: nobody asked to read`);
    const was = truth.dossier.version(command.key, document.seq);
    if (isDeepStrictEqual(document, was)) return;
    const [is, should] = [JSON.stringify(document), JSON.stringify(was)];
    throw new Failure('C6 read', `${key} saw ${is} at event ${document.seq}, it was ${should}`);
  }

  #truthful(key: string) {
    const command = this.sent.command(key, 0);
    if (command?.op !== 'read') throw new Failure('S5 sent', `${key}: nobody asked to read`);
    return { command };
  }

  /** The push after an answer that was not committed. */
  fated(life: string, shard: number, ask: Ask, answer: Answer, committed: boolean): void {
    this.#arrivals.answered(life, shard, ask);
    if (committed) this.check(() => this.holds(shard, ask, answer));
    else if (this.#truth(shard).told.has(keyOf(ask.caller, ask.n))) this.counts.falseRevokes++;
  }

  pushed(shard: number, changes: readonly Change[]): void {
    if (this.losses.has(shard)) return;
    this.check(() => {
      for (const { key, seq, after } of changes) {
        const version = this.#truth(shard).version(key, seq);
        if (version?.balances === String(after)) continue;
        throw new Failure('C1 committed', `watchers heard of ${key} event ${seq}: ${after}`);
      }
    });
  }

  stopped(life: string, shard: number, why: string): void {
    this.counts.stops++;
    this.named.add(shard);
    if (this.excuses.has(shard)) return;
    this.check(() => {
      throw new Failure('stops', `${life} stopped shard ${shard} without cause: ${why}`);
    });
  }

  /** R1: the centre has merged an actor's newest change. */
  merged(shard: number, key: ActorKey, seq: number, balances: Balances): void {
    if (this.excuses.has(shard)) return;
    this.check(() => {
      const version = this.#truth(shard).version(key, seq);
      if (version?.balances === String(balances)) return;
      const should = version?.balances ?? 'not in the journal';
      throw new Failure('R1 merge', `${key} event ${seq} is ${balances} at the centre: ${should}`);
    });
  }

  /** The centre takes nothing more from a shard. */
  centreBroke(shard: number, why: string): void {
    this.counts.stops++;
    this.named.add(shard);
    if (this.excuses.has(shard)) return;
    this.check(() => {
      throw new Failure('stops', `the centre gave up shard ${shard} without cause: ${why}`);
    });
  }

  /** C3: what a node serves from is what a replay up to its head gives. */
  look(life: string, number: number, shard: Shard): void {
    if (this.#looked.get(shard) === shard.seq || Number.isNaN(shard.version)) return;
    this.#looked.set(shard, shard.seq);
    if (this.losses.has(number)) return;
    this.check(() => {
      const owner = this.#truth(number).owners[shard.head.epoch];
      if (owner !== life) {
        throw new Failure('P5 one writer', `${life} serves epoch ${shard.head.epoch} of ${owner}`);
      }
      const should = this.#truth(number).pictures.get(shard.head.hash);
      if (should === undefined) {
        throw new Failure(
          'C1 committed',
          `${life} is at record ${shard.head.number}, never stored`,
        );
      }
      const is = pictureOf(shard.state);
      if (is === should) return;
      throw new Failure(
        'C3 memory',
        `${life} at record ${shard.head.number}:\n${differ(is, should)}`,
      );
    });
  }

  last(shard: number): JournalRecord | undefined {
    return this.#truth(shard).last;
  }

  #truth(shard: number): Truth {
    return this.truths[shard] as Truth;
  }
}

/** Acts on documents that were done. */
function actsOf({ body }: JournalRecord): number {
  if (body.kind !== 'batch') return 0;
  return body.entries.filter(({ outcome }) => outcome.ok && 'document' in outcome).length;
}

/** The lines that only one of two texts has. */
export function differ(is: string, should: string): string {
  const have = new Set(is.split('\n'));
  const want = new Set(should.split('\n'));
  const only = (a: Set<string>, b: Set<string>) => [...a].filter((line) => !b.has(line));
  return [
    ...only(have, want).map((line) => `  is     ${line}`),
    ...only(want, have).map((line) => `  should ${line}`),
  ].join('\n');
}
