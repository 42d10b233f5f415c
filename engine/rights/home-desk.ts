import type { Logger } from 'pino';
import type { ActorKey } from '../../actors/ids.ts';
import {
  type Grant,
  type HomeAct,
  type HomeName,
  type Keep,
  type RightsChange,
  SHARED,
  type Told,
} from '../../actors/rights/acts.ts';
import { free, lanesOf, openLaneOf } from '../../actors/rights/home.ts';
import { homeFigures } from '../../actors/rights/home-stock.ts';
import { type Down, type LaneId, type LifeId, outOf, pointOf } from '../../actors/rights/lane.ts';
import { lanesOfLife } from '../../actors/rights/lives.ts';
import { total } from '../../actors/rights/pools.ts';
import {
  asked,
  type Demand,
  fill,
  type Level,
  levelsOf,
  movesOf,
  NO_DEMAND,
  type Seller,
  SHARING,
} from '../../actors/rights/sharing.ts';
import type { Change } from '../../actors/stock/stockroom.ts';
import type { CentreLink } from '../centre.ts';
import type { Clock } from '../clock.ts';
import type { Shard } from '../shard.ts';
import type { Slot } from '../slot.ts';
import { askOf } from './asking.ts';
import { RIGHTS_LIMITS } from './limits.ts';
import type { News, RightsLink, ToHome, Want } from './messages.ts';
import { Unsaid } from './unsaid.ts';

export interface HomeDeskContext {
  readonly home: HomeName;
  readonly slot: Slot;
  readonly link: RightsLink;
  readonly clock: Clock;
  readonly centre: CentreLink;
  /** The selling points there are. */
  readonly points: readonly string[];
  readonly log: Pick<Logger, 'warn' | 'info'>;
}

/** An order at a point waits for units of a SKU. */
interface Waiting {
  readonly point: string;
  readonly life: LifeId;
  readonly sku: ActorKey;
  /** Of its lane, granted in all. */
  readonly upTo: number;
  readonly untilMs: number;
}

/** What home knows of a point. */
interface Peer {
  life: LifeId | undefined;
  heardMs: number;
  /** The newest message of it that is committed here. */
  seq: number;
  readonly unsaid: Unsaid;
  saidMs: number;
}

/**
 * Speaks for the home of one shard while its node owns it: hears points, grants what orders wait for, recalls what lies
 * elsewhere, and evens out by the sharing policy. It decides nothing: every grant is an act in the journal. What it
 * knows of demand and of who waits may be lost.
 */
export class HomeDesk {
  readonly #context: HomeDeskContext;
  readonly #peers = new Map<string, Peer>();
  readonly #waiting = new Map<string, Waiting>();
  /** By SKU and place, `''` for home itself. */
  readonly #demand = new Map<ActorKey, Map<string, Demand>>();
  readonly #levels = new Map<ActorKey, readonly Level[]>();
  readonly #stop: () => void;
  #shard: Shard | undefined;
  #lookMs = 0;
  #settleMs = 0;
  /** Logs as they were at a record; settled once the centre has that record. */
  #mark:
    | { readonly number: number; readonly cursors: readonly (readonly [LifeId, number])[] }
    | undefined;
  #isClosed = false;

  constructor(context: HomeDeskContext) {
    this.#context = context;
    const { link, home, clock } = context;
    this.#stop = link.hearAtHome(home, (message) => void this.#hear(message));
    this.#lookMs = clock.monoMs() + SHARING.lookEveryMs;
    this.#tick();
  }

  close(): void {
    this.#isClosed = true;
    this.#stop();
  }

  /** What became of rights here is committed. */
  changed(changes: readonly RightsChange[]): void {
    for (const { key, event } of changes) {
      if (key !== 'home' || event.is !== 'granted') continue;
      for (const { lane } of event.grants) {
        const life = this.#shard?.state.rights.home.lanes.get(lane)?.life;
        if (life !== undefined) this.#peer(pointOf(life)).unsaid.add([lane]);
      }
    }
  }

  /** Stock changed: what is sold here is demand, and what is free may be what an order waits for. */
  committed(changes: readonly Change[]): void {
    const home = this.#shard?.state.rights.home;
    if (home === undefined || home.bySku.size === 0) return;
    let isFreed = false;
    for (const { key, event } of changes) {
      if (!home.bySku.has(key)) continue;
      if (event.kind === 'reserved') this.#ask(key, '', event.qty);
      isFreed ||= event.kind !== 'reserved' && event.kind !== 'granted';
    }
    if (isFreed && this.#waiting.size > 0) void this.#serve();
  }

  /** Of an owner's SKU, written `owner/sku`, in every warehouse of this shard. */
  explainAll(ownerAndSku: string): Explained[] {
    const skus = [...(this.#serving()?.state.rights.home.bySku.keys() ?? [])];
    return skus
      .filter((sku) => sku.slice(0, sku.lastIndexOf('@')) === ownerAndSku)
      .flatMap((sku) => this.explain(sku) ?? []);
  }

  /** How a SKU is shared, and why; undefined where no point has a lane for it. */
  explain(sku: ActorKey): Explained | undefined {
    const state = this.#serving()?.state;
    if (state === undefined || !state.rights.home.bySku.has(sku)) return undefined;
    const levels = this.#levelsOf(sku);
    this.#levels.set(sku, levels);
    const now = this.#context.clock.monoMs();
    return {
      home: this.#context.home,
      sku,
      free: this.#freeOf(sku),
      points: levels.map((level) => {
        const silent = now - (this.#peers.get(level.name)?.heardMs ?? Number.NEGATIVE_INFINITY);
        return { ...level, silentMs: Number.isFinite(silent) ? Math.round(silent) : -1 };
      }),
      waiting: [...this.#waiting.values()]
        .filter((one) => one.sku === sku)
        .map((one) => ({ point: one.point, lack: this.#lackOf(one) })),
    };
  }

  #serving(): Shard | undefined {
    const { state } = this.#context.slot;
    const shard = state.kind === 'serving' ? state.shard : undefined;
    if (shard !== this.#shard) this.#begin(shard);
    return shard;
  }

  /** Owner from now on, or no more: what its predecessor had said is not known. */
  #begin(shard: Shard | undefined): void {
    this.#shard = shard;
    this.#peers.clear();
    this.#waiting.clear();
    this.#mark = undefined;
    if (shard === undefined) return;
    const { home } = shard.state.rights;
    for (const lane of home.lanes.values()) {
      const peer = this.#peer(pointOf(lane.life));
      peer.life = lane.life;
      peer.unsaid.add([lane.id]);
    }
    const { points } = this.#context;
    if (points.some((point) => !home.points.has(point))) {
      void this.#do({ act: 'plan', points: [...points] });
    }
  }

  #peer(point: string): Peer {
    let peer = this.#peers.get(point);
    if (peer === undefined) {
      peer = {
        ...{ life: undefined, heardMs: Number.NEGATIVE_INFINITY, seq: 0 },
        ...{ unsaid: new Unsaid(), saidMs: Number.NEGATIVE_INFINITY },
      };
      this.#peers.set(point, peer);
    }
    return peer;
  }

  async #do(act: HomeAct): Promise<Told | undefined> {
    const { slot } = this.#context;
    const answer = await askOf(slot, { op: 'rights', shard: slot.number, at: 'home', act });
    if (!answer.ok || answer.kind !== 'rights') return undefined;
    const told = answer.told;
    if (told?.gap) {
      this.#context.log.warn('a point has forgotten sales that this home lacks: bury its life');
    }
    if (told !== undefined && told.doubled.length > 0) {
      this.#context.log.warn({ orders: told.doubled }, 'sold at two points, held once');
    }
    return told;
  }

  async #hear({ point, seq, ack, up, wants }: ToHome): Promise<void> {
    if (this.#serving() === undefined) return;
    const { clock } = this.#context;
    const peer = this.#peer(point);
    peer.heardMs = clock.monoMs();
    peer.unsaid.heard(ack);
    for (const { sku, asked: units } of wants) this.#note(sku, point, units);
    if (up === undefined) {
      if (peer.life !== undefined) this.#want(point, peer.life, wants);
      if (this.#waiting.size > 0) await this.#serve();
      return;
    }
    const shard = this.#shard;
    const told = await this.#do({ act: 'hear', up });
    if (told === undefined || this.#isClosed || this.#shard !== shard) return;
    peer.life = up.life;
    peer.seq = Math.max(peer.seq, seq);
    this.#want(point, up.life, wants);
    this.#say(point, seq, told.downs);
    if (this.#waiting.size > 0) await this.#serve();
  }

  /** Levels of orders that wait replace what was known of that point. */
  #want(point: string, life: LifeId, wants: readonly Want[]): void {
    const untilMs = this.#context.clock.monoMs() + RIGHTS_LIMITS.orderWaitMs;
    for (const { sku, upTo } of wants) {
      const key = `${point}\n${sku}`;
      if (upTo > 0) this.#waiting.set(key, { point, life, sku, upTo, untilMs });
      else this.#waiting.delete(key);
    }
  }

  /** Grants to orders that wait, recalls for them, and tells where nothing more can come. */
  async #serve(): Promise<void> {
    const shard = this.#serving();
    if (shard === undefined) return;
    const grants: Grant[] = [];
    const keeps: Keep[] = [];
    const news: [string, News][] = [];
    const now = this.#context.clock.monoMs();
    for (const [key, waiting] of [...this.#waiting]) {
      if (waiting.untilMs < now) {
        this.#waiting.delete(key);
        continue;
      }
      this.#serveOne(shard, waiting, grants, keeps, news);
    }
    if (grants.length + keeps.length > 0) {
      const told = await this.#do({ act: 'share', grants, keeps, tell: [] });
      if (told === undefined || this.#isClosed || this.#shard !== shard) return;
      this.#sayAll(told.downs, news);
    } else {
      for (const [point, one] of news) this.#say(point, 0, [], [one]);
    }
  }

  #serveOne(
    shard: Shard,
    waiting: Waiting,
    grants: Grant[],
    keeps: Keep[],
    news: [string, News][],
  ): void {
    const { home } = shard.state.rights;
    const { point, life, sku } = waiting;
    const lane = openLaneOf(home, life, sku);
    if (lane === undefined) return;
    const lack = this.#lackOf(waiting);
    if (lack <= 0) {
      this.#waiting.delete(`${point}\n${sku}`);
      return;
    }
    const granted = grants.reduce(
      (n, g) => (home.lanes.get(g.lane)?.sku === sku ? n + g.qty : n),
      0,
    );
    const has = Math.max(0, this.#freeOf(sku) - granted);
    const others = this.#sellers(sku).filter(({ name }) => name !== point);
    const reachable = others.filter(({ name }) => this.#isHeard(name));
    const plan = fill(lack, has, reachable);
    const give = plan === undefined ? 0 : this.#withLevel(sku, point, plan.fromHome, has);
    if (give > 0) grants.push({ lane: lane.id, pool: SHARED, qty: give });
    for (const { name, qty } of plan?.recalls ?? []) keeps.push(...this.#keepsOf(sku, name, qty));
    if (plan === undefined || give < lack)
      news.push([point, this.#newsOf(sku, has - give, others, plan === undefined)]);
  }

  /** Home gives more than an order lacks while it has enough: up to what the point should have. */
  #withLevel(sku: ActorKey, point: string, lack: number, has: number): number {
    const level = this.#levelsOf(sku).find(({ name }) => name === point);
    const more = level === undefined ? 0 : level.want - level.have - lack;
    return lack + Math.max(0, Math.min(more, has - lack));
  }

  #lackOf({ life, sku, upTo }: Waiting): number {
    const lane = openLaneOf((this.#shard as Shard).state.rights.home, life, sku);
    return lane === undefined ? 0 : upTo - total(lane.granted);
  }

  #newsOf(sku: ActorKey, left: number, others: readonly Seller[], isShort: boolean): News {
    const now = this.#context.clock.monoMs();
    const known = others
      .filter(({ have }) => have > 0)
      .map(({ name, have }) => {
        const silent = now - (this.#peers.get(name)?.heardMs ?? Number.NEGATIVE_INFINITY);
        return [name, have, Number.isFinite(silent) ? Math.round(silent) : -1] as const;
      });
    return { sku, isShort, free: left, others: known };
  }

  /** `qty` of a point, negative, as what it may keep. */
  #keepsOf(sku: ActorKey, point: string, qty: number): Keep[] {
    const { home } = (this.#shard as Shard).state.rights;
    let left = -qty;
    const keeps: Keep[] = [];
    for (const lane of lanesOf(home, sku)) {
      if (pointOf(lane.life) !== point || left <= 0) continue;
      const has = outOf(lane).stock;
      const back = Math.min(left, has);
      if (back <= 0) continue;
      keeps.push({ lane: lane.id, keep: { [SHARED]: has - back } });
      left -= back;
    }
    return keeps;
  }

  #isHeard(point: string): boolean {
    const { clock } = this.#context;
    return clock.monoMs() - this.#peer(point).heardMs < RIGHTS_LIMITS.lostMs;
  }

  #freeOf(sku: ActorKey): number {
    const { rights, stockroom } = (this.#shard as Shard).state;
    return free(rights.home, sku, homeFigures(stockroom, sku)).stock;
  }

  /** Points that have lanes of a SKU, with what home thinks that they have. */
  #sellers(sku: ActorKey): Seller[] {
    const { home } = (this.#shard as Shard).state.rights;
    const have = new Map<string, number>();
    for (const lane of lanesOf(home, sku)) {
      if (home.lives.get(lane.life)?.state === 'buried') continue;
      const name = pointOf(lane.life);
      have.set(name, (have.get(name) ?? 0) + outOf(lane).stock);
    }
    return [...have].map(([name, units]) => this.#seller(sku, name, units, 1 / (have.size + 1)));
  }

  #seller(sku: ActorKey, name: string, have: number, usualShare: number): Seller {
    const demand = this.#demand.get(sku)?.get(name) ?? NO_DEMAND;
    return { name, have, demand, usualShare };
  }

  #levelsOf(sku: ActorKey): Level[] {
    const points = this.#sellers(sku);
    const own = this.#seller(sku, '', this.#freeOf(sku), 1 / (points.length + 1));
    return levelsOf(own, points, this.#context.clock.monoMs());
  }

  #ask(sku: ActorKey, place: string, qty: number): void {
    const demands = this.#demand.get(sku) ?? new Map<string, Demand>();
    const now = this.#context.clock.monoMs();
    demands.set(place, asked(demands.get(place) ?? NO_DEMAND, qty, now));
    this.#demand.set(sku, demands);
  }

  /** What a point says of its demand, as of now. */
  #note(sku: ActorKey, point: string, units: number): void {
    const demands = this.#demand.get(sku) ?? new Map<string, Demand>();
    demands.set(point, { units, atMs: this.#context.clock.monoMs() });
    this.#demand.set(sku, demands);
  }

  #sayAll(downs: readonly Down[], news: readonly [string, News][]): void {
    const said = new Set<string>();
    for (const down of downs) {
      const point = pointOf(down.to);
      const its = said.has(point) ? [] : news.filter(([to]) => to === point).map(([, one]) => one);
      said.add(point);
      this.#say(point, 0, [down], its);
    }
    for (const [point, one] of news) if (!said.has(point)) this.#say(point, 0, [], [one]);
  }

  #say(point: string, ack: number, downs: readonly Down[], news: readonly News[] = []): void {
    const { link, home, clock } = this.#context;
    const peer = this.#peer(point);
    peer.saidMs = clock.monoMs();
    const lanes: LaneId[] = downs.flatMap((down) => down.lanes.map(({ id }) => id));
    link.toPoint(point, { home, seq: peer.unsaid.sent(lanes), ack, downs, news });
  }

  #tick(): void {
    if (this.#isClosed) return;
    const { clock } = this.#context;
    clock.after(RIGHTS_LIMITS.tickMs, () => this.#tick());
    if (this.#serving() === undefined) return;
    const now = clock.monoMs();
    for (const [point, peer] of this.#peers) this.#sayAgain(point, peer, now);
    if (this.#waiting.size > 0) void this.#serve();
    if (now >= this.#lookMs) {
      this.#lookMs = now + SHARING.lookEveryMs;
      void this.#even();
    }
    if (now >= this.#settleMs) {
      this.#settleMs = now + SETTLE_MS;
      void this.#settle();
    }
  }

  #sayAgain(point: string, peer: Peer, now: number): void {
    const isHeard = this.#isHeard(point);
    const everyMs = isHeard ? RIGHTS_LIMITS.againMs : RIGHTS_LIMITS.silentMs;
    const quietMs = peer.unsaid.size > 0 ? everyMs : RIGHTS_LIMITS.silentMs;
    if (now - peer.saidMs < quietMs) return;
    if (peer.unsaid.size === 0) return this.#say(point, 0, []);
    peer.saidMs = now;
    const tell = peer.unsaid.next(RIGHTS_LIMITS.lanes);
    const shard = this.#shard;
    void this.#do({ act: 'share', grants: [], keeps: [], tell }).then((told) => {
      if (told === undefined || this.#isClosed || this.#shard !== shard) return;
      this.#sayAll(told.downs, []);
    });
  }

  /** The sharing policy's look at every SKU that is shared. */
  async #even(): Promise<void> {
    const shard = this.#serving();
    if (shard === undefined) return;
    const { home } = shard.state.rights;
    let grants: Grant[] = [];
    let keeps: Keep[] = [];
    const flush = async (): Promise<void> => {
      const told = await this.#do({ act: 'share', grants, keeps, tell: [] });
      grants = [];
      keeps = [];
      if (told !== undefined && this.#shard === shard) this.#sayAll(told.downs, []);
    };
    for (const sku of [...home.bySku.keys()]) {
      const levels = this.#levelsOf(sku).filter(({ name }) => this.#isHeard(name));
      for (const { name, qty } of movesOf(levels, this.#freeOf(sku))) {
        const life = this.#peers.get(name)?.life;
        const lane = life && openLaneOf(home, life, sku);
        if (qty < 0) keeps.push(...this.#keepsOf(sku, name, qty));
        else if (lane !== undefined) grants.push({ lane: lane.id, pool: SHARED, qty });
      }
      if (grants.length + keeps.length < RIGHTS_LIMITS.lanes) continue;
      await flush();
      if (this.#isClosed || this.#shard !== shard) return;
    }
    if (grants.length + keeps.length > 0) await flush();
  }

  /** Points may forget what the centre has read of this journal: it can no longer be lost. */
  async #settle(): Promise<void> {
    const shard = this.#shard as Shard;
    const { lives } = shard.state.rights.home;
    const mark = this.#mark;
    if (mark === undefined) {
      const open = [...lives].filter(([, life]) => life.settled < life.cursor);
      const cursors = open.map(([id, life]) => [id, life.cursor] as const);
      // What is decided and not committed yet comes in the next record, or in the one after it.
      if (cursors.length > 0) this.#mark = { number: shard.head.number + 2, cursors };
      return;
    }
    const watermark = await this.#context.centre.watermark(this.#context.slot.number);
    if (this.#shard !== shard || (watermark?.number ?? 0) < mark.number) {
      if (this.#shard === shard && shard.head.number < mark.number) await this.#do(NOTHING);
      return;
    }
    this.#mark = undefined;
    await this.#do({ act: 'settle', cursors: mark.cursors });
    for (const [life] of mark.cursors) {
      const peer = this.#peer(pointOf(life));
      if (peer.life !== undefined)
        peer.unsaid.add(
          lanesOfLife(shard.state.rights.home, life)
            .slice(0, 1)
            .map(({ id }) => id),
        );
    }
  }
}

const SETTLE_MS = 2_000;
/** Makes a record, so that there is one after what it is about. */
const NOTHING: HomeAct = { act: 'settle', cursors: [] };

/** One SKU at one home: who has what, wants what, and why. */
export interface Explained {
  readonly home: HomeName;
  readonly sku: ActorKey;
  /** Units that home may sell or grant. */
  readonly free: number;
  /** `silentMs`: since home heard of the point; −1 where it never has. */
  readonly points: readonly (Level & { readonly silentMs: number })[];
  readonly waiting: readonly { readonly point: string; readonly lack: number }[];
}
