import type { Logger } from 'pino';
import type { ActorKey } from '../../actors/ids.ts';
import type { HomeAct, HomeName, RightsChange, Told } from '../../actors/rights/acts.ts';
import { pointOfAwaited } from '../../actors/rights/home.ts';
import { type LifeId, pointOf, type Up } from '../../actors/rights/lane.ts';
import { lanesOfLife } from '../../actors/rights/lives.ts';
import { SHARING } from '../../actors/rights/sharing.ts';
import type { Change } from '../../actors/stock/stockroom.ts';
import { askOf } from '../asking.ts';
import type { CentreLink } from '../centre.ts';
import type { Clock } from '../clock.ts';
import type { SalesPlans } from '../plans.ts';
import type { UsualShares } from '../scheduling/usual.ts';
import type { Answer } from '../settled.ts';
import type { Shard } from '../shard.ts';
import type { Slot } from '../slot.ts';
import type { ShardState } from '../state.ts';
import { Awaited } from './awaited.ts';
import { type Booked, bury, leave } from './burial.ts';
import { halvesOf, isTooLarge, togetherOf } from './halves.ts';
import { HomeVoice } from './home-voice.ts';
import { RIGHTS_LIMITS } from './limits.ts';
import { lookAt, partsOf } from './looking.ts';
import type { RightsLink, ToHome } from './messages.ts';
import { Pace } from './pace.ts';
import { Planning } from './planning.ts';
import { newest, type PointHeard, PointsHeard } from './points-heard.ts';
import type { PoolsView } from './pool-feed.ts';
import { Settling } from './settling.ts';
import { type Explained, noSharing, Sharer, type Sharing } from './sharer.ts';
import { Splitting } from './splitting.ts';
import { toldBy } from './told.ts';
import { runOf } from './unsaid.ts';

export interface HomeDeskContext {
  readonly home: HomeName;
  readonly slot: Slot;
  readonly link: RightsLink;
  readonly clock: Clock;
  readonly centre: CentreLink;
  /** The selling points there are. */
  readonly points: readonly string[];
  readonly log: Pick<Logger, 'warn'>;
  readonly plans: SalesPlans;
  readonly usual: UsualShares;
  /** Tells shops what channels may sell. */
  readonly publish: (view: PoolsView) => void;
}

type Look = (state: ShardState, sku: ActorKey, into: Sharing) => void;

/**
 * Speaks for the home of one shard while its node owns it: hears points, grants what orders wait for, recalls what lies
 * elsewhere, and evens out by the sharing policy. It decides nothing: every grant is an act in the journal. What it
 * knows of who waits may be lost.
 */
export class HomeDesk {
  readonly #context: HomeDeskContext;
  readonly #sharer: Sharer;
  readonly #peers: PointsHeard;
  readonly #voice: HomeVoice;
  readonly #waiting: Awaited;
  /** SKUs of which more may be promised than there is. */
  readonly #indebted = new Set<ActorKey>();
  readonly #splitting: Splitting;
  /** Of serving orders that wait. */
  readonly #pace: Pace;
  /** Grants are being committed. */
  #isBusy = false;
  readonly #stops: readonly (() => void)[];
  readonly #planning: Planning;
  #shard: Shard | undefined;
  #lookMs: number;
  #flashMs = 0;
  #recallMs = 0;
  #isRecalling = false;
  #settling: Settling | undefined;
  #isClosed = false;

  constructor(context: HomeDeskContext) {
    const { link, home, clock, plans, slot, publish, usual } = context;
    this.#context = context;
    const peers = new PointsHeard(clock, () =>
      this.#shard === undefined ? '' : runOf(this.#shard),
    );
    this.#peers = peers;
    this.#voice = new HomeVoice({
      ...{ home, link, clock, points: peers, state: () => this.#shard?.state.rights.home },
      isWaitingFor: (point) => this.#isWaitingFor(point),
    });
    this.#waiting = new Awaited(clock);
    this.#sharer = new Sharer(
      home,
      clock,
      (point) => peers.silenceOf(point),
      (point) => peers.isHeard(point),
      usual,
    );
    this.#splitting = new Splitting(clock, {
      points: context.points,
      lifeOf: (point) => peers.lifeOf(point),
      invite: (point, sku) => this.#voice.say(point, '', [], [], [sku]),
    });
    this.#pace = new Pace(clock, RIGHTS_LIMITS.paceMs, () => void this.#serve());
    this.#planning = new Planning({
      ...{ plans, clock, publish, state: () => this.#serving()?.state },
      act: (act) => this.#do(act),
      stock: (command) => askOf(slot, command),
    });
    this.#stops = [
      () => this.#planning.feed.close(),
      link.hearAtHome(home, (message) => this.#hear(message)),
      plans.onChange((owner) => {
        if (this.#shard !== undefined) this.#planning.changed(this.#shard.state, owner);
      }),
    ];
    this.#lookMs = clock.monoMs() + SHARING.lookEveryMs;
    this.#tick();
  }

  get home(): HomeName {
    return this.#context.home;
  }

  close(): void {
    this.#isClosed = true;
    this.#pace.close();
    for (const stop of this.#stops) stop();
  }

  /** What became of rights here is committed. */
  changed(changes: readonly RightsChange[]): void {
    const home = this.#shard?.state.rights.home;
    for (const { event } of changes) {
      if (event.is !== 'granted') continue;
      for (const { lane } of event.grants) {
        const life = home?.lanes.get(lane)?.life;
        if (life !== undefined) this.#peers.of(pointOf(life)).unsaid.add([lane]);
      }
    }
  }

  /** Stock changed: what is sold here is demand, and what is free may be what an order waits for. */
  committed(changes: readonly Change[]): void {
    if (this.#shard === undefined) return;
    const { home } = this.#shard.state.rights;
    this.#planning.committed(home, changes);
    const shared = home.bySku;
    if (shared.size === 0) return;
    let isFreed = false;
    for (const { key, event } of changes) {
      if (!shared.has(key)) continue;
      this.#indebted.add(key);
      if (event.kind === 'reserved') this.#sharer.demands.asked(key, event.qty);
      else isFreed ||= event.kind !== 'granted';
    }
    if (isFreed && this.#waiting.size > 0) this.#pace.soon();
  }

  /** Of an owner's SKU, written `owner/sku`, in every warehouse of this shard. */
  explain(ownerAndSku: string): Explained[] {
    const state = this.#serving()?.state;
    if (state === undefined) return [];
    const isIt = (sku: ActorKey): boolean => sku.slice(0, sku.lastIndexOf('@')) === ownerAndSku;
    const skus = [...state.rights.home.bySku.keys()].filter(isIt);
    return skus.map((sku) => this.#sharer.explain(state, sku, this.#waiting.values()));
  }

  /** What channels may sell of a SKU. Undefined while another node owns the shard. */
  pools(sku: ActorKey): PoolsView | undefined {
    return this.#planning.feed.view(sku);
  }

  /** Gives up a life, on a person's word. Undefined where there is nothing to, or another node owns the shard. */
  async bury(life: LifeId, more: number): Promise<Booked | undefined> {
    return this.#serving() && bury((act) => this.#ask(act), life, more);
  }

  /** Takes a point out for good, on a person's word, with so many lives. Undefined while another node owns the shard. */
  async leave(point: string, lives: number): Promise<Booked | undefined> {
    const { home } = this.#serving()?.state.rights ?? {};
    return home && leave((act) => this.#ask(act), home, point, lives);
  }

  #serving(): Shard | undefined {
    const { shard } = this.#context.slot;
    if (shard !== this.#shard) this.#begin(shard);
    return shard;
  }

  /** Owner from now on, or no more: what its predecessor had said is not known. */
  #begin(shard: Shard | undefined): void {
    this.#shard = shard;
    this.#peers.clear();
    this.#waiting.clear();
    this.#indebted.clear();
    this.#splitting.clear();
    this.#settling = undefined;
    if (shard === undefined) return;
    const { centre, slot } = this.#context;
    this.#settling = new Settling(
      shard,
      () => centre.watermark(slot.number),
      async (act) => (this.#shard === shard ? this.#do(act) : undefined),
      (lives) => this.#tellSettled(lives),
    );
    this.#planning.begin(shard.state);
    const { home } = shard.state.rights;
    for (const lane of home.lanes.values()) {
      const peer = this.#peers.of(pointOf(lane.life));
      peer.life = newest(peer.life, lane.life);
      peer.unsaid.add([lane.id]);
      this.#indebted.add(lane.sku);
    }
    for (const one of home.waiting) this.#peers.of(pointOfAwaited(one));
  }

  /** A point that is not known is not heard. */
  #addPoints(): void {
    const known = this.#shard?.state.rights.home.points;
    const points = this.#context.points.filter((point) => known?.has(point) === false);
    if (points.length > 0) void this.#do({ act: 'plan', points });
  }

  /** Of a restored home. */
  #isWaitingFor(point: string): boolean {
    const waiting = this.#shard?.state.rights.home.waiting ?? [];
    return [...waiting].some((one) => pointOfAwaited(one) === point);
  }

  /** In parts, where it is too much for one record. */
  async #take(up: Up): Promise<Told | undefined> {
    const answer = await this.#ask({ act: 'hear', up });
    const { home } = this.#shard?.state.rights ?? {};
    const halves = home && isTooLarge(answer) ? halvesOf(up, home) : undefined;
    if (halves === undefined) return toldBy(answer, this.#context);
    const first = await this.#take(halves[0]);
    const second = first && (await this.#take(halves[1]));
    return first && second && togetherOf(first, second);
  }

  /** Undefined where it was refused, or this node owns the shard no more. */
  async #do(act: HomeAct): Promise<Told | undefined> {
    return toldBy(await this.#ask(act), this.#context);
  }

  /** Undefined where this node owns the shard no more. */
  async #ask(act: HomeAct): Promise<Answer | undefined> {
    const { slot } = this.#context;
    const shard = this.#shard;
    const answer = await askOf(slot, { op: 'rights', shard: slot.number, at: 'home', act });
    return this.#isClosed || this.#shard !== shard ? undefined : answer;
  }

  async #hear({ point, seq, ack, up, wants }: ToHome): Promise<void> {
    if (this.#serving() === undefined) return;
    const peer = this.#peers.of(point);
    peer.heardMs = this.#context.clock.monoMs();
    peer.unsaid.heard(ack);
    for (const want of wants) this.#sharer.demands.heard(want, point, want.asked);
    if (up !== undefined) {
      const told = await this.#take(up);
      if (told === undefined) return;
      peer.life = newest(peer.life, up.life);
      this.#voice.say(point, seq, told.downs);
      const state = this.#shard?.state;
      if (state !== undefined) await this.#follow(await this.#planning.opened(state, up.lanes));
    }
    if (peer.life !== undefined) this.#waiting.heard(point, peer.life, wants);
    if (this.#waiting.size > 0) this.#pace.soon();
  }

  async #plan(state: ShardState): Promise<void> {
    await this.#follow(await this.#planning.step(state));
  }

  /** The pools of these are others. */
  async #follow(skus: readonly ActorKey[]): Promise<void> {
    for (const sku of skus) this.#indebted.add(sku);
    if (skus.length > 0) await this.#even(skus);
  }

  /** Grants to orders that wait, recalls for them, and tells where nothing more can come. */
  async #serve(): Promise<void> {
    const shard = this.#serving();
    if (shard === undefined) return;
    if (this.#isBusy) return this.#pace.soon();
    const sharing = noSharing();
    this.#waiting.serve(shard.state, this.#sharer, sharing);
    this.#isBusy = true;
    await this.#share(sharing).finally(() => {
      this.#isBusy = false;
    });
  }

  /** In as many records as it takes. */
  async #share(sharing: Sharing): Promise<void> {
    for (const { grants, keeps, news } of partsOf(sharing)) {
      const isNews = grants.length + keeps.length === 0;
      const act = { act: 'share', grants, keeps, tell: [] } as const;
      const told = isNews ? { downs: [] } : await this.#do(act);
      if (told === undefined) return;
      this.#voice.sayAll(told.downs, news);
    }
  }

  #tick(): void {
    if (this.#isClosed) return;
    const { clock } = this.#context;
    clock.after(RIGHTS_LIMITS.tickMs, () => this.#tick());
    if (this.#serving() === undefined) return;
    const now = clock.monoMs();
    this.#addPoints();
    for (const [point, peer] of this.#peers.all) this.#sayAgain(point, peer, now);
    if (this.#waiting.size > 0) this.#pace.soon();
    void this.#split();
    if (this.#shard !== undefined) void this.#plan(this.#shard.state);
    if (this.#indebted.size > 0 && !this.#isRecalling && now >= this.#recallMs) {
      this.#recallMs = now + RIGHTS_LIMITS.silentMs;
      void this.#recall();
    }
    if (now >= this.#lookMs) {
      this.#lookMs = now + SHARING.lookEveryMs;
      void this.#even(this.#shard?.state.rights.home.bySku.keys() ?? []);
    }
    if (now >= this.#flashMs) {
      this.#flashMs = now + SHARING.flashLookMs;
      void this.#even(this.#sharer.flashing);
    }
    this.#settling?.step(now);
  }

  #sayAgain(point: string, peer: PointHeard, now: number): void {
    if (!this.#voice.isDue(point, peer, now)) return;
    const lanes = this.#shard?.state.rights.home.lanes;
    const tell = peer.unsaid.next(RIGHTS_LIMITS.lanes, (lane) => lanes?.has(lane) === true);
    if (tell.length === 0 || this.#isWaitingFor(point)) this.#voice.say(point, '', []);
    if (tell.length === 0) return;
    peer.saidMs = now;
    void this.#do({ act: 'share', grants: [], keeps: [], tell }).then(
      (told) => told && this.#voice.sayAll(told.downs, []),
    );
  }

  /** What was lost from under rights is asked back from whoever has it, until nothing is at risk. */
  async #recall(): Promise<void> {
    this.#isRecalling = true;
    await this.#look(this.#indebted, (state, sku, into) => {
      if (!this.#sharer.recall(state, sku, into)) this.#indebted.delete(sku);
    }).finally(() => {
      this.#isRecalling = false;
    });
  }

  /**
   * A flash sale of a SKU, for so long: every point is invited, and gets its part as soon as its lane is there; then
   * a dry home takes half of what the richest has. False while another node owns the shard.
   */
  flash(sku: ActorKey, forMs: number): boolean {
    if (this.#serving() === undefined) return false;
    this.#sharer.flash(sku, forMs);
    this.#splitting.begin(sku);
    return true;
  }

  async #split(): Promise<void> {
    const state = this.#serving()?.state;
    if (state === undefined) return;
    const sharing = noSharing();
    for (const [sku, lanes] of this.#splitting.ready(state)) {
      this.#sharer.split(state, sku, lanes, sharing);
    }
    if (sharing.grants.length > 0) await this.#share(sharing);
  }

  /** The sharing policy's look at SKUs that are shared. */
  #even(skus: Iterable<ActorKey>): Promise<void> {
    const lifeOf = (point: string): LifeId | undefined => this.#peers.lifeOf(point);
    return this.#look(skus, (state, sku, into) => this.#sharer.even(state, sku, lifeOf, into));
  }

  async #look(skus: Iterable<ActorKey>, at: Look): Promise<void> {
    const shard = this.#serving();
    if (shard === undefined) return;
    await lookAt(skus, (sku, into) => at(shard.state, sku, into), {
      clock: this.#context.clock,
      share: (sharing) => this.#share(sharing),
      isOver: () => this.#shard !== shard || this.#isClosed,
    });
  }

  /** A point hears what is settled with any of its lanes. */
  #tellSettled(lives: readonly LifeId[]): void {
    const { home } = (this.#shard as Shard).state.rights;
    for (const life of lives) {
      const [lane] = lanesOfLife(home, life);
      if (lane !== undefined) this.#peers.of(pointOf(life)).unsaid.add([lane.id]);
    }
  }
}
