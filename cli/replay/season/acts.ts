import { setTimeout as sleep } from 'node:timers/promises';
import { sharedOf } from '../../../actors/rights/plan.ts';
import type { PoolsView } from '../../../engine/rights/pool-feed.ts';
import type { Settlement } from '../../../rules/settle.ts';
import { againstStock, differences, faultsOf, type Units } from './check.ts';
import { POINTS, SKU, type Sold, type Stage, type Stock, WAREHOUSE } from './stage.ts';

/** How it stood after one step of the season. */
export interface Step {
  readonly name: string;
  readonly pools: Units;
  readonly channels: Units;
  readonly stock: Stock;
  readonly notes: readonly string[];
}

/** What the season showed. */
export interface Season {
  readonly steps: Step[];
  readonly settled: Settlement[];
  /** All that was not as it should be. */
  readonly faults: string[];
}

const ALL = { skus: '*', warehouses: '*' } as const;
const [APP, PC, MARKET] = ['stock/app', 'stock/pc', 'stock/market'] as const;
const PROMO = 'stock/promo-spring';
const PRESALE = 'presale/for-coming';
const OVERSELL = 'oversell/for-more';
const SHARED = sharedOf('stock');
/** A promotion begins so long after it was announced, and lasts so long, ms. */
const LEAD_MS = 8_000;
const LASTS_MS = 25_000;

/** Plays the season on a stage, and holds every figure against what it should be. */
export class Play {
  readonly season: Season = { steps: [], settled: [], faults: [] };
  readonly #stage: Stage;
  readonly #say: (line: string) => void;
  #notes: string[] = [];

  constructor(stage: Stage, say: (line: string) => void) {
    this.#stage = stage;
    this.#say = say;
  }

  async run(): Promise<Season> {
    await this.#usual();
    await this.#count();
    await this.#promotion();
    await this.#presale();
    await this.#oversell();
    await this.#receipt();
    await this.#loss();
    await this.#cutOff();
    await this.#ship();
    for (const view of this.#stage.views) this.#fault('published', ...faultsOf(view));
    return this.season;
  }

  async #usual(): Promise<void> {
    const stage = this.#stage;
    await stage.floor('receive', { qty: 100 });
    const parts = {
      app: { percent: 50, order: 1 },
      pc: { percent: 30, order: 2 },
      market: { percent: 20, order: 3 },
    };
    await this.#merge('hub', {
      channels: {
        ...{ app: { name: 'App' }, pc: { name: 'PC' }, market: { name: 'Marketplace' } },
        live: { name: 'Live show' },
      },
      allocations: { usual: { ...ALL, kind: 'stock', parts } },
    });
    await this.#sellOnce('app');
    await this.#step('50, 30 and 20 percent of 100; one sold by the app', {
      ...{ [APP]: 49, [PC]: 30, [MARKET]: 20 },
    });
    await this.#sellAll('app', 9);
    await this.#sellAll('pc', 5);
    await this.#sellAll('market', 5);
    await this.#step('sales of 10, 5 and 5', { [APP]: 40, [PC]: 25, [MARKET]: 15 });
  }

  async #count(): Promise<void> {
    await this.#stage.floor('adjust', { delta: -10, reason: 'count' });
    await this.#step('a count finds 10 less', { [APP]: 35, [PC]: 21, [MARKET]: 14 });
  }

  async #promotion(): Promise<void> {
    const stage = this.#stage;
    const fromMs = Date.now() + LEAD_MS;
    const window = { from: iso(fromMs), until: iso(fromMs + LASTS_MS) };
    const spring = { ...ALL, channels: { live: true }, units: 20, window };
    await this.#merge('hub', { promotions: { spring } });
    await this.#step('a promotion is announced', { [APP]: 35, [PC]: 21, [MARKET]: 14 });
    await sleep(Math.max(0, fromMs - Date.now()));
    const during = { [PROMO]: 20, [APP]: 25, [PC]: 15, [MARKET]: 10 };
    await this.#step('it has begun, 20 units for the live show', during);
    await this.#sellAll('live', 12);
    const softs: Sold[] = [];
    for (let i = 0; i < 3; i++) {
      const soft = await stage.sell('eu', 'live', 10 * LASTS_MS);
      if (soft !== undefined) softs.push(soft);
    }
    this.#note(`${softs.length} more of it set aside`);
    await this.#step('12 of it sold', { ...during, [PROMO]: 8 });
    await sleep(Math.max(0, fromMs + LASTS_MS - Date.now()));
    await this.#step('it is over: 8 are everybody’s, but for the 3 that were set aside', {
      ...{ [PROMO]: 0, [SHARED]: 3, [APP]: 29, [PC]: 17, [MARKET]: 9 },
    });
    for (const soft of softs) {
      if (!(await stage.harden('eu', soft, 'live'))) this.#fault('harden', `${soft.order} is lost`);
    }
    await this.#step('those are sold', {
      ...{ [SHARED]: 0, [APP]: 29, [PC]: 17, [MARKET]: 9 },
    });
  }

  async #presale(): Promise<void> {
    await this.#merge('hub', {
      presale: { coming: { ...ALL, units: 40, channels: { app: true } } },
    });
    await this.#stage.floor('announce', { qty: 60 });
    const told = await this.#sellAll('app', 35);
    const ahead = told.filter(({ presale }) => presale > 0).length;
    this.#note(`${ahead} of 35 promised of goods in transit`);
    if (ahead !== 6) this.#fault('pre-sale', `${ahead} of goods in transit, not 6`);
    await this.#step('60 in transit, 40 of them for sale by the app, which sells 35', {
      ...{ [APP]: 0, [PC]: 17, [MARKET]: 9, [PRESALE]: 34 },
    });
  }

  async #oversell(): Promise<void> {
    await this.#merge('hub', { oversell: { more: { ...ALL, units: 5, channels: { pc: true } } } });
    await this.#sellOnce('pc');
    const told = await this.#drain('pc', 30);
    const bare = told.filter(({ oversell }) => oversell > 0).length;
    this.#note(`${bare} promised with nothing behind them; then refused`);
    if (told.length !== 21 || bare !== 5) {
      const has = `${told.length} sold, ${bare} of nothing, not 21 and 5`;
      this.#fault('oversell', `${has}; ${this.#stage.refusal}`);
    }
    await this.#step('the PC sells all that it has, and 5 with nothing behind them', {
      ...{ [APP]: 0, [PC]: 0, [MARKET]: 9, [OVERSELL]: 0 },
    });
  }

  async #receipt(): Promise<void> {
    const stage = this.#stage;
    await stage.floor('receive', { qty: 60, arrived: 60 });
    const isServed = await stage.until(async () => (await stage.stock()).waiting === 0);
    if (!isServed) this.#fault('receipt', 'somebody still waits');
    // What is left of the pre-sale comes back from points, and is sold from the shelf.
    await this.#step('the 60 have come: those who wait are served first', {
      ...{ [PRESALE]: 0, [APP]: 24, [PC]: 15, [MARKET]: 19 },
    });
  }

  async #loss(): Promise<void> {
    await this.#stage.floor('adjust', { delta: -8, reason: 'lost' });
    await this.#step('8 are lost: what is left is divided anew', {
      ...{ [APP]: 25, [PC]: 15, [MARKET]: 10 },
    });
  }

  /** The same rule is changed in two regions that cannot hear each other. */
  async #cutOff(): Promise<void> {
    const stage = this.#stage;
    await stage.cut('eu');
    await stage.cut('us');
    const parts = (of: object) => ({ allocations: { usual: { parts: of } } });
    await this.#merge('eu', parts({ app: { percent: 70 }, pc: { percent: 10 } }));
    await this.#merge('us', parts({ market: { percent: 40 }, pc: { percent: 10 } }));
    const sold = await this.#drain('app', 8, ['eu']);
    this.#note(`${sold.length} sold in eu meanwhile`);
    await stage.heal('eu');
    await stage.heal('us');
    const agree = async (): Promise<boolean> => {
      const told = await Promise.all(POINTS.map((one) => stage.rules(one, { op: 'show' })));
      const [first] = told;
      if (first?.settled?.length !== 1) return false;
      this.season.settled.splice(0, 1, ...(first.settled ?? []));
      return told.every(({ version }) => version === first.version);
    };
    if (!(await stage.until(agree))) this.#fault('rules', 'regions do not agree');
    for (const { path, what, done } of this.season.settled) this.#note(`${path} ${what}: ${done}`);
    await this.#step('both edits hold, settled so that they fit');
  }

  async #ship(): Promise<void> {
    const stage = this.#stage;
    let shipped = 0;
    for (const hold of stage.accepted.keys()) {
      for (const op of ['pick', 'pack', 'ship']) await stage.floor(op, { hold });
      shipped++;
    }
    const { onHand, allocated, waiting } = await stage.stock();
    const left = 160 - 18 - shipped;
    this.#note(`${shipped} units shipped, ${onHand} left`);
    if (onHand !== left || allocated !== 0 || waiting !== 0) {
      const has = `${onHand} on hand, ${allocated} allocated, ${waiting} waiting`;
      this.#fault('shipped', `${has}; ${left} should be left`);
    }
    await this.#step('every accepted order is shipped once');
  }

  async #merge(region: string, patch: object): Promise<void> {
    const { version } = await this.#stage.rules(region, { op: 'merge', patch });
    const isCut = region !== 'hub';
    const points = isCut ? [region] : POINTS;
    const hasCome = async (): Promise<boolean> => {
      const told = await Promise.all(
        points.map((one) => this.#stage.rules(one, { op: 'show', path: 'routing' })),
      );
      return told.every((one) => one.version === version);
    };
    if (!(await this.#stage.until(hasCome))) this.#fault('rules', `no ${version} everywhere`);
  }

  /** Until there is a lane: the first order at each point asks home for one. */
  async #sellOnce(channel: string): Promise<void> {
    if ((await this.#stage.sell('eu', channel)) === undefined) {
      this.#fault(channel, `sold none though there are some: ${this.#stage.refusal}`);
    }
  }

  /** So many, a unit each, at all points in turn: all have to be sold. */
  async #sellAll(channel: string, units: number): Promise<Sold[]> {
    const sold = await this.#drain(channel, units);
    if (sold.length !== units) {
      this.#fault(channel, `sold ${sold.length} of ${units}: ${this.#stage.refusal}`);
    }
    return sold;
  }

  /** Until it is refused, or so many are sold. */
  async #drain(channel: string, most: number, points: readonly string[] = POINTS) {
    const sold: Sold[] = [];
    for (let i = 0; i < most; i++) {
      const one = await this.#stage.sell(points[i % points.length] as string, channel);
      if (one === undefined) break;
      sold.push(one);
    }
    return sold;
  }

  #note(note: string): void {
    this.#notes.push(note);
  }

  #fault(where: string, ...what: readonly string[]): void {
    for (const one of what) this.season.faults.push(`${where}: ${one}`);
  }

  /** Waits until pools are as they should be, and all sales have come home; else says how they are. */
  async #step(name: string, expected?: Units): Promise<void> {
    const stage = this.#stage;
    let wrong: readonly string[] = [];
    let view: PoolsView | undefined;
    let stock: Stock | undefined;
    await stage.until(async () => {
      [view, stock] = [await stage.pools(), await stage.stock()];
      if (view === undefined) return false;
      wrong = [...againstStock(view, stock), ...differences(view.pools, expected ?? {})];
      return wrong.length === 0;
    });
    if (view === undefined || stock === undefined) return this.#fault(name, 'nothing is told');
    this.#fault(name, ...wrong, ...faultsOf(view));
    const { pools, channels } = view;
    this.season.steps.push({ name, pools, channels, stock, notes: this.#notes });
    this.#notes = [];
    this.#say(`${SKU}@${WAREHOUSE} ${name}: ${JSON.stringify(pools)}`);
  }
}

const iso = (ms: number): string => new Date(ms).toISOString();
