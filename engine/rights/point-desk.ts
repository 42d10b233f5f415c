import type { ActorKey } from '../../actors/ids.ts';
import {
  type HomeName,
  type OrderLine,
  type PointAct,
  type RightsChange,
  SHARED,
  type Told,
} from '../../actors/rights/acts.ts';
import type { LaneId, Up } from '../../actors/rights/lane.ts';
import { freeInAll, laneOf, type Point, type PointLane } from '../../actors/rights/point.ts';
import { unheard } from '../../actors/rights/point-messages.ts';
import { type PoolId, poolsOf, unitsInAll } from '../../actors/rights/pools.ts';
import { asked, isIdle, NO_DEMAND, unitsNow } from '../../actors/rights/sharing.ts';
import { askOf } from '../asking.ts';
import type { Clock } from '../clock.ts';
import type { Answer } from '../settled.ts';
import type { Shard } from '../shard.ts';
import type { Slot } from '../slot.ts';
import { type Asked, askedOf, type Known } from './asked.ts';
import { RIGHTS_LIMITS } from './limits.ts';
import { LogSent } from './log-sent.ts';
import type { News, RightsLink, ToPoint, Want } from './messages.ts';
import { goodsKey } from './pooled.ts';
import { type Levels, Queue } from './queue.ts';
import { isAllOfPoint } from './still-so.ts';
import { runOf, Unsaid } from './unsaid.ts';

export interface PointDeskContext {
  readonly point: string;
  readonly slot: Slot;
  readonly link: RightsLink;
  readonly clock: Clock;
}

interface Account {
  readonly home: HomeName;
  readonly unsaid: Unsaid;
  heardMs: number;
  saidMs: number;
  /** The newest message of home that is committed here. */
  ack: string;
  /** A message is being put together, and there is more to say since. */
  isSaying: boolean;
  isDue: boolean;
  readonly logSent: LogSent;
  cancelGather: (() => void) | undefined;
  /** By {@link goodsKey}. */
  readonly asked: Map<string, Asked>;
  /** Of these home is told: orders wait for them, or it has not heard what was asked last, or that nobody waits any longer. */
  readonly due: Set<Asked>;
  /** How many of them orders wait for. */
  waits: number;
}

/**
 * Speaks for a selling point while its node owns the point's shard: delivers the log of sales to every home until
 * home has it, and takes what home grants. It decides nothing; all it knows beside the journal may be lost.
 */
export class PointDesk {
  readonly #context: PointDeskContext;
  readonly #accounts = new Map<HomeName, Account>();
  readonly #stop: () => void;
  /** Told when something has come from a home. */
  onHeard: () => void = () => {};
  #shard: Shard | undefined;
  #idleMs = 0;
  #isClosed = false;

  constructor(context: PointDeskContext) {
    this.#context = context;
    this.#stop = context.link.hearAtPoint(context.point, (message) => this.#hear(message));
    this.#tick();
  }

  get point(): string {
    return this.#context.point;
  }

  close(): void {
    this.#isClosed = true;
    this.#stop();
    for (const account of this.#accounts.values()) account.cancelGather?.();
    this.onHeard();
  }

  /** Undefined while another node owns the point. */
  serving(): Shard | undefined {
    const { shard } = this.#context.slot;
    if (shard !== this.#shard) this.#begin(shard);
    return shard;
  }

  do(act: PointAct): Promise<Answer> {
    const { slot, point } = this.#context;
    return askOf(slot, { op: 'rights', shard: slot.number, at: 'point', point, act });
  }

  /** What became of rights here is committed. */
  changed(changes: readonly RightsChange[]): void {
    for (const { key, event } of changes) {
      if (key === 'home' || key === 'orders') continue;
      const account = this.#account(key.slice('of '.length) as HomeName);
      const point = this.#pointOf(account.home);
      if (point === undefined) continue;
      if (event.is === 'wished') account.unsaid.add(lanesNow(point, event.skus));
      else if (event.is === 'gave') account.unsaid.add(event.back.map(({ lane }) => lane));
      else if (event.is === 'closed' || event.is === 'ended') {
        account.unsaid.add([...point.lanes.values()].filter(isClosed).map(({ id }) => id));
      } else if (event.is === 'heard' && 'down' in event) {
        const yielded = event.down.lanes.filter(
          ({ keep, id }) => keep !== undefined && point.lanes.has(id),
        );
        account.unsaid.add(yielded.map(({ id }) => id));
      }
      if (this.#hasNews(account)) this.#gather(account);
    }
  }

  /** A SKU was asked for, whether or not it could be sold. */
  asked({ home, sku, pools, qty }: OrderLine): void {
    const account = this.#account(home);
    const one = askedOf(account.asked, { sku, pools });
    one.demand.now = asked(one.demand.now, qty, this.#context.clock.monoMs());
    account.due.add(one);
  }

  /** Units of a SKU that this point could sell now. */
  freeOf(home: HomeName, sku: ActorKey, pools: readonly PoolId[]): number {
    const lane = this.serving() && this.#laneOf(home, sku);
    return lane === undefined ? 0 : freeInAll(lane, pools);
  }

  /** Of what this point has of a SKU; pools that are over may be among them. */
  labelsOf(home: HomeName, sku: ActorKey): readonly PoolId[] {
    const lane = this.serving() && this.#laneOf(home, sku);
    return lane === undefined ? [] : poolsOf(lane.have);
  }

  #pointOf(home: HomeName): Point | undefined {
    return this.#shard?.state.rights.points.get(home);
  }

  /** That is not closed. */
  #laneOf(home: HomeName, sku: ActorKey): PointLane | undefined {
    const point = this.#pointOf(home);
    return point && laneOf(point, sku);
  }

  /** An order waits until all of its lines can be had. Lanes are opened where there are none. */
  async await(order: object, lines: readonly OrderLine[]): Promise<void> {
    for (const home of new Set(lines.map((line) => line.home))) {
      const its = lines.filter((line) => line.home === home);
      const account = this.#account(home);
      for (const { sku, pools, qty } of its) {
        const one = askedOf(account.asked, { sku, pools });
        if (one.queue === undefined) account.waits++;
        one.queue ??= new Queue();
        one.queue.add(order, qty);
        account.due.add(one);
      }
      const skus = its.map(({ sku }) => sku).filter((sku) => !this.#laneOf(home, sku));
      if (skus.length > 0) await this.do({ act: 'wish', home, skus });
      for (const { sku } of its) {
        const lane = this.#laneOf(home, sku);
        if (lane !== undefined && isWish(lane)) account.unsaid.add([lane.id]);
      }
      this.#gather(account);
    }
  }

  /** An order waits no longer. */
  awaitNoMore(order: object, lines: readonly OrderLine[]): void {
    for (const { home, sku, pools } of lines) {
      const account = this.#account(home);
      const one = askedOf(account.asked, { sku, pools });
      account.due.add(one); // home is told so
      one.queue?.remove(order);
      if (one.queue?.size !== 0) continue;
      one.queue = undefined;
      account.waits--;
    }
  }

  /** What has to have come of a SKU for those who wait. */
  #levels({ home }: Account, { goods: { sku, pools }, queue }: Asked): Levels {
    if (queue === undefined) return { upTo: 0, least: 0 };
    const lane = this.#laneOf(home, sku);
    const got = lane === undefined ? 0 : unitsInAll(lane.got, pools);
    return queue.levels(got, this.freeOf(home, sku, pools));
  }

  knownOf({ home, sku, pools }: OrderLine): Known | undefined {
    return this.#account(home).asked.get(goodsKey({ sku, pools }))?.known;
  }

  /** Such units go one way or the other between home and here: home told what it had and had heard. */
  hasOnItsWay({ home, sku, pools }: OrderLine, { granted, back }: News): boolean {
    const lane = this.#laneOf(home, sku);
    if (lane === undefined) return false;
    return unitsInAll(lane.got, pools) < granted || unitsInAll(lane.back, pools) > back;
  }

  /** How long a home has not been heard, ms. */
  silentMs(home: HomeName): number {
    return this.#context.clock.monoMs() - this.#account(home).heardMs;
  }

  #begin(shard: Shard | undefined): void {
    this.#shard = shard;
    for (const account of this.#accounts.values()) account.cancelGather?.();
    this.#accounts.clear();
    for (const [home, point] of shard?.state.rights.points ?? []) {
      this.#account(home).unsaid.add(point.lanes.keys());
    }
  }

  #account(home: HomeName): Account {
    let account = this.#accounts.get(home);
    if (account === undefined) {
      const run = this.#shard === undefined ? '' : runOf(this.#shard);
      account = {
        ...{ home, unsaid: new Unsaid(run), heardMs: Number.NEGATIVE_INFINITY },
        ...{ saidMs: Number.NEGATIVE_INFINITY, ack: '', isSaying: false, isDue: false },
        ...{ logSent: new LogSent() },
        ...{ cancelGather: undefined },
        ...{ asked: new Map(), due: new Set(), waits: 0 },
      };
      this.#accounts.set(home, account);
    }
    return account;
  }

  async #hear({ home, seq, ack, downs, news, invites, waits }: ToPoint): Promise<void> {
    if (this.serving() === undefined) return;
    const shard = this.#shard;
    const account = this.#account(home);
    const now = this.#context.clock.monoMs();
    account.heardMs = now;
    account.unsaid.heard(ack);
    let taken = 0;
    for (const down of downs) {
      const answer = await this.do({ act: 'hear', home, down });
      if (this.#isClosed || this.#shard !== shard) return;
      if (!answer.ok || answer.kind !== 'rights') continue;
      if (++taken === downs.length) account.ack = seq; // else home says all of it again
      for (const reply of answer.told?.ups ?? []) this.#send(account, reply);
    }
    // After what came with it: news is of what is left then.
    for (const one of news) askedOf(account.asked, one).known = { ...one, atMs: now };
    if (downs.length + news.length > 0) this.onHeard();
    if (invites.length > 0) await this.do({ act: 'wish', home, skus: invites });
    if (waits) await this.#say(account, true);
    else if (downs.length > 0 || this.#hasNews(account)) this.#gather(account); // or that it was heard
  }

  #hasNews(account: Account): boolean {
    return account.unsaid.size > 0 || this.#hasMore(account);
  }

  /** Sales that home has not applied, and that are not on their way there. */
  #hasMore({ home, logSent }: Account): boolean {
    const point = this.#pointOf(home);
    if (point === undefined) return false;
    const after = logSent.after(point, this.#context.clock.monoMs());
    return point.logged > after || point.relics.some((one) => unheard(one).length > 0);
  }

  #gather(account: Account): void {
    account.isDue = account.isSaying;
    if (account.cancelGather !== undefined || account.isSaying) return;
    const { gatherMs, paceMs } = RIGHTS_LIMITS;
    const { clock } = this.#context;
    const inMs = Math.max(gatherMs, account.saidMs + paceMs - clock.monoMs());
    account.cancelGather = clock.after(inMs, () => {
      account.cancelGather = undefined;
      void this.#say(account);
    });
  }

  /** What home does not know yet, as far as it is committed; that there is nothing, where it is waited for. */
  async #say(account: Account, isAwaited = false): Promise<void> {
    account.isDue = account.isSaying;
    if (account.isSaying || this.serving() === undefined) return;
    const { clock } = this.#context;
    account.saidMs = clock.monoMs();
    if (!isAwaited && !this.#hasNews(account)) return this.#send(account, undefined);
    account.isSaying = true;
    const shard = this.#shard;
    const { home, logSent, unsaid } = account;
    const point = this.#pointOf(home);
    const lanes = unsaid.next(RIGHTS_LIMITS.lanes, (lane) => point?.lanes.has(lane) === true);
    const after = point === undefined ? 0 : logSent.after(point, account.saidMs);
    const answer = await this.do({ act: 'say', home, lanes, after });
    account.isSaying = false;
    if (this.#isClosed || this.#shard !== shard || !answer.ok || answer.kind !== 'rights') return;
    const { ups } = answer.told as Told;
    logSent.sent(ups[0]?.log.at(-1)?.n ?? 0);
    for (const up of ups) this.#send(account, up);
    if (account.isDue || this.#hasMore(account)) this.#gather(account);
  }

  #send(account: Account, up: Up | undefined): void {
    const { link, point, clock } = this.#context;
    const its = this.#pointOf(account.home);
    const told = up?.lanes.filter((lane) => its && isAllOfPoint(its, lane)) ?? [];
    const seq = account.unsaid.sent(told.map(({ id }) => id));
    const now = clock.monoMs();
    const wants: Want[] = [];
    for (const one of account.due) {
      if (one.queue === undefined) account.due.delete(one);
      const { sku, pools } = one.goods;
      wants.push({
        sku,
        pools,
        asked: unitsNow(one.demand.now, now),
        ...this.#levels(account, one),
      });
    }
    link.toHome(account.home, { point, seq, ack: account.ack, up, wants });
  }

  #tick(): void {
    if (this.#isClosed) return;
    const { clock } = this.#context;
    clock.after(RIGHTS_LIMITS.tickMs, () => this.#tick());
    const now = clock.monoMs();
    if (this.serving() === undefined) return;
    for (const account of this.#accounts.values()) this.#sayAgain(account, now);
    if (now < this.#idleMs) return;
    this.#idleMs = now + IDLE_LOOK_MS;
    this.#closeIdle(now);
  }

  #sayAgain(account: Account, now: number): void {
    const isHeard = now - account.heardMs < RIGHTS_LIMITS.lostMs;
    const isEager = account.waits > 0 || this.#hasNews(account);
    const everyMs = isEager && isHeard ? RIGHTS_LIMITS.againMs : RIGHTS_LIMITS.silentMs;
    if (now - account.saidMs < everyMs) return;
    if (!isEager) this.#insist(account);
    void this.#say(account);
  }

  /**
   * A lane that is closed is told until home says that it is gone, one that is wished for until home opens it: home may have
   * been waiting for a sale, or for other points, when it heard of that.
   */
  #insist({ home, unsaid }: Account): void {
    for (const lane of this.#pointOf(home)?.lanes.values() ?? []) {
      if (isClosed(lane) || isWish(lane)) unsaid.add([lane.id]);
    }
  }

  /** Lanes of SKUs that nobody has asked for in days are closed. */
  #closeIdle(now: number): void {
    for (const { home, asked: all } of this.#accounts.values()) {
      const idle = new Set<ActorKey>();
      const busy = new Set<ActorKey>();
      for (const [key, { goods, demand, queue }] of all) {
        if (queue !== undefined || !isIdle(demand.now, now)) busy.add(goods.sku);
        else {
          idle.add(goods.sku);
          all.delete(key);
        }
      }
      // Of what was not asked for since this owner began, or could not be closed, the days count from now on.
      for (const sku of this.#pointOf(home)?.current.keys() ?? []) {
        if (busy.has(sku) || idle.has(sku)) continue;
        askedOf(all, { sku, pools: [SHARED] }).demand.now = asked(NO_DEMAND, 0, now);
      }
      const skus = [...idle].filter((sku) => !busy.has(sku));
      for (let i = 0; i < skus.length; i += CLOSES) {
        void this.do({ act: 'close', home, skus: skus.slice(i, i + CLOSES) });
      }
    }
  }
}

const IDLE_LOOK_MS = 60_000;
/** Lanes that are closed in one record: with the longest names they fit. */
const CLOSES = 512;

const isWish = ({ nonce }: { readonly nonce: string | undefined }): boolean => nonce === undefined;

const isClosed = ({ final }: { readonly final: number | undefined }): boolean =>
  final !== undefined;

function lanesNow(point: Point, skus: readonly ActorKey[]): LaneId[] {
  const lanes: LaneId[] = [];
  for (const sku of skus) {
    const lane = point.current.get(sku);
    if (lane !== undefined) lanes.push(lane.id);
  }
  return lanes;
}
