import {
  type Indirect,
  isIndirect,
  isRead,
  type ShardChange,
  type ShardRead,
} from '../actors/command.ts';
import { refuse } from '../actors/outcomes.ts';
import { callerBound, RECORD_HEAD } from './bounds.ts';
import { sleep } from './clock.ts';
import { commit, type Fate, lastOf } from './commit.ts';
import { errandOf } from './courier.ts';
import { ShardStopped } from './errors.ts';
import { type Due, expiryOf, isPart } from './expiry.ts';
import { LIMITS } from './limits.ts';
import { type Ask, Mailbox } from './mailbox.ts';
import { isNews, isSaidByOwner } from './news.ts';
import { type Draft, type Entry, type Head, hashOf, type Sealed, seal } from './record.ts';
import { BatchWriter } from './record-batch.ts';
import type { Recovered } from './recovery.ts';
import { see } from './seen.ts';
import { type Answer, settle } from './settled.ts';
import type { ShardContext } from './shard-context.ts';
import { type ShardState, SYSTEM } from './state.ts';
import { SteadyClock } from './steady.ts';
import { isStockOnly, taskBound, withNext } from './tasked.ts';
import { Turn } from './turn.ts';

/** How a shard's service ended. After all but `closed` its memory was void. */
export type ShardEnd = 'closed' | 'deposed';

const toldMoved = (ask: Ask): void => ask.answer(refuse('moved'), true);

/**
 * ③–⑥ One shard: takes what waits, decides, applies, commits it as one record,
 * then answers. One publish is in flight; what arrives meanwhile is decided at
 * once, on top of it, and is the next record. So the journal never waits for
 * decisions; and where a record is lost, all memory after it is void anyway.
 */
export class Shard {
  readonly #context: ShardContext;
  readonly #state: ShardState;
  readonly #mailbox = new Mailbox();
  readonly #steady: SteadyClock;
  #head: Head;
  #seq: number;
  /** The turn that is being committed. */
  #open: Turn | undefined;
  /** What was decided meanwhile. */
  #ahead: Turn | undefined;
  /** Of the one turn that is being filled: a record is sealed before the next one begins. */
  readonly #batch = new BatchWriter();
  #isCommitting = false;
  /** Time of the last record that was sealed, epoch ms. */
  #lastMs: number;
  /** What a decision threw while a commit was under way. */
  #failure: unknown;
  /** False while the fate of the open turn's record is not known. */
  #isLost = false;
  /** Where commands go that were not begun when it was closed. */
  #handBack: (ask: Ask) => void = toldMoved;
  #closing = false;
  #deposed = false;
  #ended = false;
  #wake: (() => void) | undefined;

  constructor(context: ShardContext, recovered: Recovered) {
    this.#context = context;
    this.#state = recovered.state;
    this.#head = recovered.head;
    this.#seq = recovered.seq;
    this.#lastMs = recovered.head.timeMs;
    this.#steady = new SteadyClock(context.clock);
  }

  get head(): Head {
    return this.#head;
  }

  get seq(): number {
    return this.#seq;
  }

  get state(): ShardState {
    return this.#state;
  }

  /** Equal before and after means that memory stood still; equal to nothing while a turn is open. */
  get version(): number {
    const isStill = this.#open === undefined && this.#ahead === undefined && !this.#isCommitting;
    return isStill ? this.#seq : Number.NaN;
  }

  /** Commands that are in no record yet. */
  get waiting(): number {
    return this.#mailbox.size + (this.#ahead?.replies.length ?? 0);
  }

  /** False once memory may differ from the journal: ask the next owner. */
  get serving(): boolean {
    return !this.#ended;
  }

  /** ③ Into the mailbox, or a refusal at once. While it is being closed too: to be handed back in order. */
  submit(ask: Ask): void {
    if (this.#deposed || this.#ended) this.#handBack(ask);
    else if (this.waiting >= LIMITS.mailbox || !this.#mailbox.put(ask)) {
      ask.answer(refuse('overloaded'), true);
    } else if (this.#isCommitting) this.#decideAhead();
    else this.#nudge();
  }

  /** Finishes the turn in flight and takes no more: what waits is handed back, or told `moved`. */
  close(handBack = this.#handBack): void {
    if (!this.#deposed) this.#handBack = handBack;
    this.#closing = true;
    this.#nudge();
  }

  /** The lease is gone: answer nothing more from this memory. */
  depose(): void {
    this.#deposed = true;
    this.#handBack = toldMoved; // what was decided goes to nobody, so nothing behind it may either
    this.#nudge();
  }

  /** Serves until closed or deposed. Throws {@link ShardStopped} where it must not go on. */
  async run(): Promise<ShardEnd> {
    try {
      for (;;) {
        // Either may have been told before we began, or during a turn.
        if (this.#deposed) return 'deposed';
        if (this.#closing && this.#ahead === undefined) return 'closed';
        if (!this.#hasWork()) await this.#idle();
        else if (!(await this.#turn())) this.depose();
      }
    } finally {
      this.#end();
    }
  }

  /** One turn. False when this shard is not the owner any more. */
  async #turn(): Promise<boolean> {
    if (this.#ahead === undefined && !(await this.#stepSnapshot())) return false;
    const turn = this.#ahead ?? this.#begin();
    this.#ahead = undefined;
    this.#open = turn;
    if (!this.#closing) this.#fill(turn);

    // Without a lease to rely on, the journal says whether we are the owner still.
    turn.needsFence ||= turn.replies.length > 0 && !this.#context.lease.valid;
    const commands = turn.batch.entries;
    if (commands > 0) {
      const acknowledged = turn.acknowledge(this.#state.sessions);
      const body = { kind: 'batch', batch: turn.batch, acknowledged } as const;
      if (!(await this.#commit(body, turn.nowMs, commands))) return false;
    } else if (turn.needsFence && !(await this.#commit({ kind: 'fence' }, turn.nowMs))) {
      return false;
    }
    this.#open = undefined;
    this.#answer(turn, commands > 0);
    if (this.#failure !== undefined) throw this.#failure;
    return true;
  }

  /** Between turns, while memory holds committed state only. False when this shard is not the owner any more. */
  async #stepSnapshot(): Promise<boolean> {
    const { snapshots, clock } = this.#context;
    const named = snapshots.step(this.#state, this.#head, this.#seq, clock);
    if (named !== undefined) {
      if (!(await this.#commit({ kind: 'snapshot', ...named }))) return false;
      snapshots.named(named, this.#seq);
    } else if (snapshots.busy && this.#mailbox.size === 0) {
      await sleep(clock, 0); // let the loop breathe between slices
    }
    return true;
  }

  /** ④ While a record is on its way: into the next one. A slice of a snapshot must not see it. */
  #decideAhead(): void {
    const isWaiting = this.#closing || this.#deposed || this.#failure !== undefined;
    if (isWaiting || this.#context.snapshots.needsQuiet) return;
    try {
      this.#ahead ??= this.#begin();
      this.#fill(this.#ahead);
    } catch (e) {
      this.#failure = e; // the turn in flight may still be answered
    }
  }

  /** ④ Begins with the holds that have run out. */
  #begin(): Turn {
    const turn = new Turn(this.#steady.nowMs(), this.#batch, this.#context.isHeard);
    if (!this.#steady.jumped) this.#expireDue(turn, turn.nowMs);
    return turn;
  }

  /** ④ What waits, as far as it fits its record. */
  #fill(turn: Turn): void {
    for (let ask = this.#mailbox.peek(); ask !== undefined; ask = this.#mailbox.peek()) {
      const { command } = ask;
      if (isRead(command)) this.#read(turn, ask, command);
      else if (!this.#change(turn, ask, command, turn.nowMs)) break;
      this.#mailbox.take();
    }
  }

  #expireDue(turn: Turn, nowMs: number): void {
    const { expiry } = this.#state;
    for (let i = 0; i < LIMITS.expiriesPerTurn; i++) {
      const [due] = expiry.take(nowMs, 1);
      if (due === undefined) return;
      if (this.#expire(turn, due, nowMs)) continue;
      expiry.add(due);
      return;
    }
  }

  /** False when it does not fit this turn's record any more. */
  #expire(turn: Turn, due: Due, nowMs: number): boolean {
    const command = expiryOf(due, this.#context.shard);
    const bound = callerBound(SYSTEM) + this.#state.boundOf(command, nowMs);
    if (turn.batch.entries > 0 && turn.bytes + bound > LIMITS.recordBytes) return false;
    const outcome = this.#state.run(command, nowMs);
    if (outcome.ok && isPart(due, outcome)) this.#state.expiry.add(due);
    // Refused where it was extended, hardened or ended since.
    if (isNews(outcome))
      this.#record(turn, { caller: SYSTEM, n: 0, fingerprint: 0, all: false, outcome });
    return true;
  }

  #read(turn: Turn, ask: Ask, command: ShardRead): void {
    turn.reply(ask, see(this.#state, command));
    turn.needsFence ||= command.strict;
  }

  /** False when it does not fit this turn's record any more. */
  #change(turn: Turn, ask: Ask, asked: ShardChange | Indirect, nowMs: number): boolean {
    const { sessions } = this.#state;
    const { caller, n, fingerprint } = ask;
    const timeMs = this.#lastMs;
    const known = n === 0 ? undefined : sessions.recall(caller, n, fingerprint, timeMs);
    if (known !== undefined) {
      turn.reply(ask, known);
      return true;
    }
    const isMore = isIndirect(asked);
    const command = isMore ? this.#state.meant(asked, caller, this.#timeOf(nowMs)) : asked;
    // Documents tell their events by the times of their records, which never fall; a clock may.
    const atMs = isStockOnly(command) ? nowMs : this.#timeOf(nowMs);
    // Twice the caller: once in the entry, once where it is said what it has read.
    const own = 2 * callerBound(caller) + (isMore ? taskBound(asked, caller) : 0);
    const bound = own + this.#state.boundOf(command, atMs);
    if (bound > LIMITS.recordBytes - RECORD_HEAD) {
      turn.reply(ask, refuse('too_large'));
      return true;
    }
    if (turn.bytes + bound > LIMITS.recordBytes) return false;

    const outcome = this.#state.run(command, atMs);
    const all = 'op' in command && command.op === 'all';
    const answer = settle(all, outcome);
    // What changed nothing is told by the owner all the same: a record, or a fence, shows that it is.
    if (n > 0 || isNews(outcome)) this.#record(turn, { caller, n, fingerprint, all, outcome });
    else turn.needsFence ||= outcome.ok && isSaidByOwner(command);
    if (n > 0) {
      sessions.remember(caller, n, { fingerprint, settled: answer }, this.#timeOf(nowMs));
      turn.hearAcked(ask);
    }
    const next = (): Answer =>
      withNext(turn, this.#state, caller, asked, command, answer, this.#timeOf(nowMs));
    turn.reply(ask, isMore ? next() : answer);
    return true;
  }

  #record(turn: Turn, entry: Entry): void {
    turn.record(entry);
    const { outcome } = entry;
    if (!outcome.ok) return;
    for (const change of outcome.changes) this.#state.watch(change);
    if ('rights' in outcome) for (const change of outcome.rights) this.#state.watchRights(change);
    if (!('document' in outcome)) return;
    const { key } = outcome.document;
    const errand = errandOf(key, this.#state.documents.get(key));
    if (errand !== undefined) turn.errands.push(errand);
  }

  /** ⑤ The record that follows our head. Memory already holds what it says. */
  async #commit(body: Draft, nowMs = this.#steady.nowMs(), commands = 0): Promise<boolean> {
    const { shard, onTurn, snapshots } = this.#context;
    const timeMs = this.#timeOf(nowMs);
    const record = seal(shard, this.#head, this.#head.epoch, timeMs, body);
    this.#lastMs = timeMs;
    this.#state.sessions.expire(timeMs);
    this.#isCommitting = true;
    const fate = await this.#fateOf(record);
    this.#isCommitting = false;
    this.#isLost = fate.kind === 'lost';
    if (fate.kind !== 'committed') return false;
    this.#advance(record, fate.seq);
    snapshots.committed(record.bytes.length);
    onTurn({ commands, bytes: record.bytes.length });
    return true;
  }

  /**
   * After a gap in the lease the journal must end with our head: that it ends at our
   * sequence is not enough, since one that has lost its end gives sequences again.
   */
  async #fateOf(record: Sealed): Promise<Fate> {
    const { commit: context, lease } = this.#context;
    const { proof } = lease;
    const mayPublish = (): boolean => context.mayPublish() && lease.proof === proof;
    if (!lease.isProven) {
      const last = await lastOf({ ...context, mayPublish });
      if (last === undefined) return { kind: 'interrupted' };
      if (last.seq !== this.#seq || hashOf(last.bytes) !== this.#head.hash) return { kind: 'lost' };
      lease.proved(proof);
    }
    return commit({ ...context, mayPublish }, record, this.#seq);
  }

  #advance(record: Sealed, seq: number): void {
    if (seq <= this.#seq)
      throw new ShardStopped(`the journal gave sequence ${seq} after ${this.#seq}`);
    this.#head = record.head;
    this.#seq = seq;
  }

  #timeOf(nowMs: number): number {
    return Math.max(this.#lastMs, nowMs);
  }

  /** ⑥ All that this turn saw is committed: answers leave, watchers are told. */
  #answer(turn: Turn, isRecorded: boolean): void {
    const mayRead = this.#context.lease.valid || turn.needsFence || isRecorded;
    for (const { ask, answer } of turn.replies) {
      if (ask.decided) ask.fate(mayRead);
      else ask.answer(mayRead ? answer : refuse('moved'), true);
    }
    if (turn.changes.length > 0) this.#context.onCommitted(turn.changes);
    for (const errand of turn.errands) this.#context.onErrand(errand);
    if (turn.rights.length > 0) this.#context.onRights(turn.rights);
  }

  /**
   * What was decided and not committed is void; whoever waits asks the next
   * owner, same number. Who has no number is told what is known.
   */
  #end(): void {
    this.#ended = true;
    this.#context.snapshots.abort();
    for (const { ask } of this.#open?.replies ?? []) {
      const mayRepeat = ask.n > 0 || isRead(ask.command) || this.#isLost;
      if (ask.decided) ask.fate(false);
      else ask.answer(refuse(mayRepeat ? 'moved' : 'unknown'), true);
    }
    for (const { ask } of this.#ahead?.replies ?? []) {
      if (ask.decided) ask.fate(false);
      else this.#handBack(ask); // decided in memory that is gone now
    }
    for (let ask = this.#mailbox.take(); ask !== undefined; ask = this.#mailbox.take()) {
      this.#handBack(ask);
    }
  }

  #hasWork(): boolean {
    const isWaiting = this.#mailbox.size > 0 || this.#ahead !== undefined;
    if (isWaiting || this.#context.snapshots.busy) return true;
    const next = this.#state.expiry.next();
    return next !== undefined && next <= this.#steady.nowMs() && !this.#steady.jumped;
  }

  /** Until something arrives, a hold runs out, or a slice may be taken. */
  #idle(): Promise<void> {
    return new Promise((resolve) => {
      const next = this.#state.expiry.next();
      const cancel =
        next === undefined
          ? () => {}
          : this.#context.clock.after(this.#untilMs(next), () => this.#nudge());
      this.#wake = () => {
        cancel();
        this.#wake = undefined;
        resolve();
      };
      this.#context.snapshots.onReady = () => this.#nudge();
    });
  }

  #untilMs(dueMs: number): number {
    if (this.#steady.jumped) return 1_000;
    return Math.min(Math.max(dueMs - this.#steady.nowMs(), 1), 60_000);
  }

  #nudge(): void {
    this.#wake?.();
  }
}
