import { type Refused, refuse } from '../../actors/outcomes.ts';
import type { OrderLine, SaleAct, Sold, SoldLine } from '../../actors/rights/acts.ts';
import { soldLine } from '../../actors/rights/point-acts.ts';
import { total } from '../../actors/rights/pools.ts';
import type { Clock } from '../clock.ts';
import type { Answer } from '../settled.ts';
import { comingOf } from './asked.ts';
import { Claims } from './claims.ts';
import { newSellerCounters } from './counters.ts';
import { RIGHTS_LIMITS } from './limits.ts';
import type { PointDesk } from './point-desk.ts';
import { type Sell, tiersOf } from './tiers.ts';
import { Waiters } from './waiters.ts';

interface UnderWay {
  readonly act: Sell;
  readonly answer: Promise<Answer>;
}

/** The other selling points. */
export interface Others {
  /** Whether a point answers just now. */
  reach(to: string): Promise<boolean>;
  /** Has another point sell an order. Undefined where nobody can tell what came of it. */
  sendOn(to: string, act: SaleAct): Promise<Answer | undefined>;
}

const SENT_ON = 'sent on to ';

/**
 * Sells orders at a selling point: from what it has, at once; else with what home grants within a moment;
 * else by another point that has enough. An order's id makes it safe to send again: what was sold
 * is told again, and an order that went to another point is asked about there alone.
 */
export class Seller {
  readonly counters = newSellerCounters();
  readonly #desk: PointDesk;
  readonly #clock: Clock;
  readonly #others: Others;
  readonly #claims = new Claims();
  readonly #waiters: Waiters;
  /** Orders that were not sold at once, while they are under way. */
  readonly #underWay = new Map<string, UnderWay>();

  constructor(desk: PointDesk, clock: Clock, others: Others) {
    this.#desk = desk;
    this.#clock = clock;
    this.#others = others;
    this.#waiters = new Waiters(clock);
    desk.onHeard = () => this.#onHeard();
  }

  /** Of what has come, those who wait longest look first. */
  #onHeard(): void {
    if (this.#desk.serving() === undefined) return this.#waiters.wakeAll();
    this.#waiters.changed((line) => {
      const known = this.#desk.knownOf(line);
      const units = this.#desk.freeOf(line.home, line.sku, line.pools) - this.#claims.of(line);
      const shortMs = known?.isShort === true ? known.atMs : Number.NEGATIVE_INFINITY;
      return { units, shortMs };
    });
  }

  /** `mayGoOn`: another point may be asked. Undefined while another node owns the point. */
  async sell(act: SaleAct, mayGoOn = true): Promise<Answer | undefined> {
    const shard = this.#desk.serving();
    if (shard === undefined) return undefined;
    const { owner, order } = act;
    const same = this.#sameUnderWay(act, mayGoOn);
    if (same !== undefined) return same;
    const to = shard.state.rights.sentTo(owner, order);
    // Two points that sent the same order on to each other would ask each other for ever.
    if (to !== undefined && !mayGoOn) return refuse('hold_exists', 0, -1, SENT_ON + to);
    const there = to === undefined ? undefined : await this.#askThere(to, act);
    if (there !== undefined) return there;
    if (act.act !== 'sell') return this.#desk.do(act);
    const sinceMs = this.#clock.monoMs();
    for (const line of act.lines) this.#desk.asked(line);
    const tiers = tiersOf(act);
    const first = await this.#desk.do(tiers[0] ?? act);
    if (!isLacking(first)) return this.#told(act, first, mayGoOn, act.lines.length);
    const begun = this.#sameUnderWay(act, mayGoOn);
    return begun ?? this.#begin(act, mayGoOn, () => this.#seek(act, first, mayGoOn, sinceMs));
  }

  /** The same order, sent again while it is being sold: it is answered once, and asked of home once. */
  #sameUnderWay(act: SaleAct, mayGoOn: boolean): Promise<Answer> | undefined {
    if (this.#underWay.size === 0 || act.act !== 'sell') return undefined;
    const known = this.#underWay.get(underWayKey(act, mayGoOn));
    return known !== undefined && isSameOrder(known.act, act) ? known.answer : undefined;
  }

  #begin(act: Sell, mayGoOn: boolean, seek: () => Promise<Answer>): Promise<Answer> {
    const key = underWayKey(act, mayGoOn);
    const one = { act, answer: seek() };
    this.#underWay.set(key, one);
    return one.answer.finally(() => {
      if (this.#underWay.get(key) === one) this.#underWay.delete(key);
    });
  }

  /** With what comes from home, first of goods on hand; else by another point. */
  async #seek(act: Sell, first: Refused, mayGoOn: boolean, sinceMs: number): Promise<Answer> {
    const isOurs = mayGoOn || act.routed !== undefined;
    const untilMs = isOurs ? Number.POSITIVE_INFINITY : sinceMs + RIGHTS_LIMITS.orderWaitMs;
    let said: Answer = first;
    for (const [at, tier] of tiersOf(act).entries()) {
      if (at > 0) said = await this.#desk.do(tier);
      if (!isLacking(said)) return this.#told(act, said, mayGoOn, act.lines.length);
      const local = act.lines.filter((line) => this.#lackOf(line) <= 0).length;
      said = await this.#wait(tier, said, untilMs);
      if (!isLacking(said)) return this.#told(act, said, mayGoOn, local);
    }
    const elsewhere = mayGoOn ? await this.#goOn(act) : undefined;
    // Meanwhile all of it may have come.
    const isHere = act.lines.every((line) => this.#lackOf(line) <= 0);
    if (elsewhere !== undefined) said = elsewhere;
    else if (isHere) said = await this.#try(act);
    return isLacking(said) ? this.#refused(act, said, sinceMs) : this.#told(act, said, mayGoOn, 0);
  }

  /** What was sold before is told again. Another point's shop (not `isOurs`) is counted there. */
  #told(act: Sell, answer: Answer, isOurs: boolean, local: number): Answer {
    if (!answer.ok && answer.code === 'hold_exists') return this.#again(act) ?? answer;
    if (isOurs && answer.ok) {
      this.counters.lines += act.lines.length;
      this.counters.localLines += local;
    }
    return answer;
  }

  /** The same order once more: what was done with it is told again. */
  #again(act: Sell): Answer | undefined {
    const points = this.#desk.serving()?.state.rights.points;
    if (points === undefined) return refuse('moved');
    const lines: SoldLine[] = [];
    let expiresAtMs = 0;
    for (const { home, sku, qty, pools } of act.lines) {
      const point = points.get(home);
      const sale = point?.orders.get(sku)?.get(act.order);
      const soft = act.ttlMs === 0 ? undefined : point?.current.get(sku)?.soft?.get(act.order);
      const taken = sale?.op === 'sale' ? sale.taken : soft?.taken;
      if (taken === undefined || total(taken) !== qty) return undefined;
      expiresAtMs = Math.max(expiresAtMs, soft?.expiresAtMs ?? 0);
      lines.push(soldLine({ sku, qty }, taken, this.#desk.freeOf(home, sku, pools)));
    }
    const did = expiresAtMs > 0 ? 'reserve' : 'sell';
    const sold: Sold = { order: act.order, did, lines, expiresAtMs };
    return { ok: true, kind: 'sale', sold };
  }

  /** Home is asked for what is lacking, and the order tried again with whatever comes. */
  async #wait(act: Sell, first: Refused, untilMs: number): Promise<Answer> {
    const lacking = (): OrderLine[] =>
      act.lines.filter((line) => this.#lackOf(line) + this.#claims.of(line) > 0);
    if (lacking().some((line) => !this.#mayCome(line))) return first;
    const waiter = this.#waiters.enter(act.lines);
    const { sinceMs } = waiter;
    let answer: Answer = first;
    try {
      await this.#desk.await(act, act.lines);
      for (;;) {
        const patienceMs = this.#patienceMs(act, sinceMs);
        if (this.#clock.monoMs() >= Math.min(untilMs, sinceMs + patienceMs)) break;
        if (this.#desk.serving() === undefined) break;
        const missing = lacking();
        if (missing.length === 0) answer = await this.#try(act);
        if (!isLacking(answer)) return answer;
        if (missing.some((line) => this.#isHopeless(line, sinceMs))) break;
        await this.#waiters.next(waiter, RIGHTS_LIMITS.lookAgainMs);
      }
    } finally {
      this.#waiters.leave(waiter);
      this.#desk.awaitNoMore(act, act.lines);
    }
    return answer;
  }

  async #try(act: Sell): Promise<Answer> {
    const end = this.#claims.claim(act.lines);
    return this.#desk.do(act).finally(end);
  }

  /**
   * In a flash sale units move all the time: another point would have to ask for them as well. Else longer where they are only
   * slow to come.
   */
  #patienceMs({ lines }: Sell, sinceMs: number): number {
    const { flashWaitMs, answerWaitMs, orderWaitMs } = RIGHTS_LIMITS;
    if (lines.some((line) => this.#desk.knownOf(line)?.isFlash)) return flashWaitMs;
    const isSlow = lines.some((line) => this.#lackOf(line) > 0 && this.#isSlow(line, sinceMs));
    return isSlow ? answerWaitMs : orderWaitMs;
  }

  /**
   * Home is heard, and has not said since then what it has, or what it granted is on its way, or there is enough with it and
   * the points that it hears.
   */
  #isSlow(line: OrderLine, sinceMs: number): boolean {
    const { orderWaitMs } = RIGHTS_LIMITS;
    if (this.#desk.silentMs(line.home) >= orderWaitMs) return false;
    const known = this.#desk.knownOf(line);
    if (known === undefined || known.atMs < sinceMs) return true;
    if (this.#desk.hasOnItsWay(line, known)) return true;
    return this.#lackOf(line) <= comingOf(known, orderWaitMs);
  }

  /** Not from a home that is cut off: whoever asks then is answered at once. */
  #mayCome({ home }: OrderLine): boolean {
    const silent = this.#desk.silentMs(home);
    return !Number.isFinite(silent) || silent < RIGHTS_LIMITS.lostMs;
  }

  #lackOf({ home, sku, qty, pools }: OrderLine): number {
    return qty - this.#desk.freeOf(home, sku, pools);
  }

  /** Home has said since then that nothing more can come, and nothing is on its way. */
  #isShort(line: OrderLine, sinceMs: number): boolean {
    const known = this.#desk.knownOf(line);
    if (known?.isShort !== true || known.atMs < sinceMs) return false;
    return !this.#desk.hasOnItsWay(line, known);
  }

  /** The same, and not about an order that needs more than this one. */
  #isHopeless(line: OrderLine, sinceMs: number): boolean {
    const known = this.#desk.knownOf(line);
    if (known === undefined || !this.#isShort(line, sinceMs)) return false;
    return this.#lackOf(line) > comingOf(known);
  }

  /** To the point that has most of it, if that is enough and it answers. */
  async #goOn(act: Sell): Promise<Answer | undefined> {
    const to = this.#richest(act);
    // Once sent, an order is asked about there alone: not where it is known that nobody answers.
    if (to === undefined || !(await this.#others.reach(to))) return undefined;
    const { owner, order } = act;
    const noted = await this.#desk.do({ act: 'sendOn', owner, order, to });
    if (!noted.ok) return undefined;
    return this.#askThere(to, act);
  }

  async #askThere(to: string, act: SaleAct): Promise<Answer | undefined> {
    const answer = await this.#others.sendOn(to, act);
    if (answer === undefined || (!answer.ok && answer.code === 'unknown')) {
      return refuse('unknown', 0, -1, `${SENT_ON + to}; send it again to learn what came of it`);
    }
    if (answer.ok || act.act !== 'sell' || isKnown(answer)) return answer;
    await this.#desk.do({ act: 'sendOn', owner: act.owner, order: act.order, to: '' });
    return undefined;
  }

  #richest(act: Sell): string | undefined {
    /** By point, what is left of its scarcest line, and how many lines it can have. */
    const able = new Map<string, { readonly least: number; readonly lines: number }>();
    for (const line of act.lines) {
      for (const [point, units] of this.#desk.knownOf(line)?.others ?? []) {
        const { least, lines } = able.get(point) ?? { least: units, lines: 0 };
        if (units >= line.qty) able.set(point, { least: Math.min(least, units), lines: lines + 1 });
      }
    }
    const all = [...able].filter(([, { lines }]) => lines === act.lines.length);
    all.sort(([a, x], [b, y]) => y.least - x.least || (a < b ? -1 : 1));
    return all[0]?.[0];
  }

  /**
   * `stranded` where units are known to be elsewhere, how many, where, and how old that is; or where home was not heard, or has
   * not said since the order came that nothing more can come: nobody here can tell then.
   */
  #refused(act: Sell, why: Refused, sinceMs: number): Refused {
    if (this.#desk.serving() === undefined) return refuse('moved');
    for (const [at, line] of act.lines.entries()) {
      const { home, sku, qty, pools } = line;
      const has = this.#desk.freeOf(home, sku, pools);
      if (has >= qty) continue;
      const said = this.#elsewhere(line, qty - has) ?? this.#unheard(line, sinceMs);
      const code = said === undefined ? why.code : 'stranded';
      return { ...refuse(code, qty, has, said), line: act.lines.length === 1 ? -1 : at };
    }
    return why;
  }

  /** Why it is not known what home has. Undefined where it is: there is not enough. */
  #unheard(line: OrderLine, sinceMs: number): string | undefined {
    const { home } = line;
    const silentMs = this.#desk.silentMs(home);
    if (!Number.isFinite(silentMs)) return `home ${home} was never heard`;
    if (silentMs >= RIGHTS_LIMITS.orderWaitMs) {
      return `home ${home} was last heard ${seconds(silentMs)} ago`;
    }
    return this.#isShort(line, sinceMs) ? undefined : `home ${home} has not said what it has`;
  }

  #elsewhere(line: OrderLine, lack: number): string | undefined {
    const known = this.#desk.knownOf(line);
    if (known === undefined) return undefined;
    const units = known.others.reduce((sum, [, its]) => sum + its, known.free);
    if (units < lack) return undefined;
    const ageMs = this.#clock.monoMs() - known.atMs;
    const places = known.others.map(
      ([point, units, silentMs]) =>
        `${units} with ${point}${silentMs < 0 ? '' : ` ${seconds(silentMs + ageMs)} ago`}`,
    );
    if (known.free > 0) places.push(`${known.free} at home ${line.home} ${seconds(ageMs)} ago`);
    return places.length === 0 ? undefined : places.join(', ');
  }
}

const seconds = (ms: number): string => `${Math.round(ms / 1_000)} s`;

const isLacking = (answer: Answer): answer is Refused =>
  !answer.ok && answer.code === 'insufficient';

/** Whether a point that an order was sent on to has one of that name: sold here too, it would be held once. */
const isKnown = ({ code, detail }: Refused): boolean =>
  code === 'hold_exists' && !detail.startsWith(SENT_ON);

/** An order of another point's shop does not wait for ours, which may wait for that point. */
const underWayKey = ({ owner, order }: Sell, mayGoOn: boolean): string =>
  `${mayGoOn ? '' : 'for another '}${owner}/${order}`;

const isSameOrder = (a: Sell, b: Sell): boolean =>
  a.ttlMs === b.ttlMs &&
  a.lines.length === b.lines.length &&
  a.lines.every(({ home, sku, qty }, i) => {
    const other = b.lines[i];
    return home === other?.home && sku === other.sku && qty === other.qty;
  });
