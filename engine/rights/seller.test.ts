import { beforeEach, describe, expect, it } from 'vitest';
import type { HoldId, OwnerId } from '../../actors/ids.ts';
import { refuse } from '../../actors/outcomes.ts';
import { type HomeName, type PointAct, SHARED } from '../../actors/rights/acts.ts';
import type { Down } from '../../actors/rights/lane.ts';
import { keyOf } from '../../test/support/engine.ts';
import { type Reign, SHARD, World } from '../../test/support/world.ts';
import type { Answer } from '../settled.ts';
import type { Slot } from '../slot.ts';
import { RIGHTS_LIMITS } from './limits.ts';
import type { News, ToPoint } from './messages.ts';
import { PointDesk } from './point-desk.ts';
import { type Others, Seller } from './seller.ts';
import type { Sell } from './tiers.ts';

const HOME: HomeName = 'here.0';
const POINT = 'p';
const MUG = keyOf('mug');
const LINE = { home: HOME, sku: MUG, qty: 5, pools: [SHARED] };

let world: World;
let reign: Reign;
let seller: Seller;
let shard: Reign['shard'] | undefined;
let tell: (message: ToPoint) => Promise<void>;
let stop: () => void;
let others: Others;

beforeEach(async () => {
  world = new World();
  reign = await world.reign('A');
  shard = reign.shard;
  const slot = {
    number: SHARD,
    get shard() {
      return shard;
    },
    submit: (ask) => reign.shard.submit(ask),
  } as Pick<Slot, 'number' | 'shard' | 'submit'> as Slot;
  const link = {
    toHome: () => {}, // what home would answer, the tests say
    toPoint: () => {},
    hearAtHome: () => () => {},
    hearAtPoint: (_point: string, hear: (message: ToPoint) => Promise<void>) => {
      tell = hear;
      return () => {};
    },
  };
  const desk = new PointDesk({ point: POINT, slot, link, clock: world.clock });
  others = {
    reach: async () => false,
    sendOn: async () => expect.fail('nobody can be reached'),
  };
  seller = new Seller(desk, world.clock, {
    reach: (to) => others.reach(to),
    sendOn: (to, act) => others.sendOn(to, act),
  });
  stop = () => desk.close();
  say([]);
  return () => stop();
});

/** Home is heard, with this news. */
function say(news: readonly Partial<News>[]): void {
  const plain = { sku: MUG, pools: [SHARED], isFlash: false, isShort: true, others: [] };
  const none = { free: 0, granted: 0, back: 0 };
  const all = news.map((one): News => ({ ...plain, ...none, ...one }));
  void tell({ home: HOME, seq: 's', ack: '', downs: [], news: all, invites: [], waits: false });
}

const ORDER = { owner: 'demo' as OwnerId, order: 'SO-1' as HoldId };
const order = (ttlMs = 0, qty = 5): Sell => ({
  ...{ act: 'sell', ...ORDER, lines: [{ ...LINE, qty }], ttlMs },
});

/** What a shop is told; `meanwhile` happens again and again while its order waits. */
async function sell(
  meanwhile: () => void,
  answer: () => Promise<Answer | undefined> = () => seller.sell(order()),
): Promise<Answer | undefined> {
  const { clock } = world;
  let cancel = (): void => {};
  const again = (): void => {
    cancel = clock.after(100, again);
    meanwhile();
  };
  cancel = clock.after(100, again);
  return clock.until(answer()).finally(() => cancel());
}

const atPoint = (act: PointAct): Promise<unknown> =>
  reign.ask({ op: 'rights', shard: SHARD, at: 'point', point: POINT, act });

/** So many mugs are here. */
async function granted(units: number): Promise<void> {
  await atPoint({ act: 'wish', home: HOME, skus: [MUG] });
  const down: Down = {
    ...{ to: 'p.1', lineage: 1, ask: false, part: 0, applied: 0, settled: 0, over: false },
    lanes: [
      {
        ...{ id: 'p.1#1', sku: MUG, nonce: '1.1', gone: false, keep: undefined },
        granted: { [SHARED]: units },
      },
    ],
  };
  await tell({
    ...{ home: HOME, seq: 's', ack: '', downs: [down], news: [], invites: [], waits: false },
  });
}

describe('an order that a point cannot fill', () => {
  it('is refused at once where home says that nothing more can come', async () => {
    const sinceMs = world.clock.monoMs();
    const answer = await sell(() => say([{}]));
    expect(answer).toMatchObject({ code: 'insufficient', asked: 5, available: 0 });
    expect(world.clock.monoMs() - sinceMs).toBeLessThan(RIGHTS_LIMITS.orderWaitMs);
  });

  it('is not called sold out where home is heard and only slow to say', async () => {
    const answer = await sell(() => say([]));
    expect(answer).toMatchObject({ code: 'stranded', asked: 5, available: 0 });
    expect(answer).toMatchObject({ detail: `home ${HOME} has not said what it has` });
  });

  it('waits longer for a home that is only slow to say', async () => {
    const { clock } = world;
    const sinceMs = clock.monoMs();
    const answer = await sell(() => {
      say(clock.monoMs() - sinceMs < 2 * RIGHTS_LIMITS.orderWaitMs - 200 ? [] : [{}]);
    });
    expect(answer).toMatchObject({ code: 'insufficient' });
    expect(clock.monoMs() - sinceMs).toBeGreaterThan(RIGHTS_LIMITS.orderWaitMs);
  });

  it('waits no longer for a home that is cut off meanwhile', async () => {
    const sinceMs = world.clock.monoMs();
    expect(await sell(() => {})).toMatchObject({ code: 'stranded' });
    expect(world.clock.monoMs() - sinceMs).toBeLessThan(RIGHTS_LIMITS.answerWaitMs - 500);
  });

  it('is not called sold out by what home said before it came', async () => {
    say([{}]);
    await world.clock.advance(10);
    expect(await sell(() => say([]))).toMatchObject({ code: 'stranded' });
  });

  it('is not called sold out while units are on their way', async () => {
    expect(await sell(() => say([{ granted: 3 }]))).toMatchObject({ code: 'stranded' });
    expect(await sell(() => say([{ granted: 0 }]))).toMatchObject({ code: 'insufficient' });
  });

  it('is told where units are that do not come', async () => {
    const answer = await sell(() => say([{ isShort: false, others: [['eu', 7, 100]] }]));
    expect(answer).toMatchObject({ code: 'stranded', detail: '7 with eu 0 s ago' });
  });

  it('waits longer for units that home can reach, not for those of a point that it has not heard of late', async () => {
    const waited = async (silentMs: number): Promise<number> => {
      const sinceMs = world.clock.monoMs();
      const others = [['q', 7, silentMs]] as const;
      const answer = await sell(() => say([{ isShort: false, others }]));
      expect(answer).toMatchObject({ code: 'stranded' });
      return world.clock.monoMs() - sinceMs;
    };
    const { orderWaitMs, answerWaitMs, lookAgainMs } = RIGHTS_LIMITS;
    expect(await waited(100)).toBeGreaterThanOrEqual(answerWaitMs);
    expect(await waited(orderWaitMs)).toBeLessThanOrEqual(orderWaitMs + lookAgainMs);
  });

  it('is sold where units come while another point is asked whether it is there', async () => {
    others.reach = async () => {
      await granted(5);
      return false;
    };
    const answer = await sell(() => say([{ isShort: false, others: [['q', 7, 100]] }]));
    expect(answer).toMatchObject({ ok: true });
  });

  it('is another node’s where the point has moved there', async () => {
    const answer = await sell(() => {
      shard = undefined;
    });
    expect(answer).toMatchObject({ code: 'moved' });
  });
});

describe('an order that is sent again', () => {
  it('is told again that it was set aside', async () => {
    await granted(5);
    const first = await world.clock.until(seller.sell(order(60_000)));
    expect(first).toMatchObject({ ok: true, sold: { did: 'reserve' } });
    await world.clock.advance(10);
    expect(await world.clock.until(seller.sell(order(60_000)))).toEqual(first);
    const others = [order(60_000, 4), order()];
    for (const one of others) {
      expect(await world.clock.until(seller.sell(one))).toMatchObject({ code: 'hold_exists' });
    }
  });

  it('while it waits is asked for once, and told the same', async () => {
    const answers = [seller.sell(order()), seller.sell(order())];
    await world.clock.advance(100);
    answers.push(seller.sell(order()));
    await granted(5);
    for (const answer of answers) {
      expect(
        await sell(
          () => say([]),
          () => answer,
        ),
      ).toMatchObject({ ok: true });
    }
    expect(seller.counters).toEqual({ lines: 1, localLines: 0 });
  });

  it('after the point moved on is told so, not that something broke', async () => {
    await granted(5);
    await world.clock.until(seller.sell(order()));
    const answer = seller.sell(order());
    shard = undefined;
    expect(await world.clock.until(answer)).toMatchObject({ code: 'moved' });
  });

  it('is not sold here where the point that has it says that it is cancelled', async () => {
    await granted(5);
    await atPoint({ act: 'sendOn', ...ORDER, to: 'q' });
    others.sendOn = async () => refuse('hold_exists');
    expect(await world.clock.until(seller.sell(order()))).toMatchObject({ code: 'hold_exists' });
    expect(reign.shard.state.rights.sentTo(ORDER.owner, ORDER.order)).toBe('q');
  });

  it('is sold here where the point that it was sent to had sent it here', async () => {
    await granted(5);
    await atPoint({ act: 'sendOn', ...ORDER, to: 'q' });
    others.sendOn = async () => refuse('hold_exists', 0, -1, 'sent on to p');
    expect(await world.clock.until(seller.sell(order()))).toMatchObject({ ok: true });
  });
});

describe('an order of another point’s shop', () => {
  it('waits no longer than that point does, also in a flash sale', async () => {
    const { clock } = world;
    const sinceMs = clock.monoMs();
    const flash = (): void => say([{ isFlash: true, isShort: false }]);
    flash();
    const answer = await sell(flash, () => seller.sell(order(), false));
    expect(answer).toMatchObject({ ok: false });
    const { orderWaitMs, lookAgainMs } = RIGHTS_LIMITS;
    expect(clock.monoMs() - sinceMs).toBeLessThanOrEqual(orderWaitMs + lookAgainMs);
  });
});
