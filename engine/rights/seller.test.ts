import { beforeEach, describe, expect, it } from 'vitest';
import type { HoldId, OwnerId } from '../../actors/ids.ts';
import { type HomeName, SHARED } from '../../actors/rights/acts.ts';
import { keyOf } from '../../test/support/engine.ts';
import { type Reign, SHARD, World } from '../../test/support/world.ts';
import type { Answer } from '../settled.ts';
import type { Slot } from '../slot.ts';
import { RIGHTS_LIMITS } from './limits.ts';
import type { News, ToPoint } from './messages.ts';
import { PointDesk } from './point-desk.ts';
import { Seller } from './seller.ts';

const HOME: HomeName = 'here.0';
const POINT = 'p';
const MUG = keyOf('mug');
const LINE = { home: HOME, sku: MUG, qty: 5, pools: [SHARED] };

let world: World;
let reign: Reign;
let seller: Seller;
let shard: Reign['shard'] | undefined;
let tell: (message: ToPoint) => void;
let stop: () => void;

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
    hearAtPoint: (_point: string, hear: (message: ToPoint) => void) => {
      tell = hear;
      return () => {};
    },
  };
  const desk = new PointDesk({ point: POINT, slot, link, clock: world.clock });
  seller = new Seller(desk, world.clock, {
    reach: async () => false,
    sendOn: async () => expect.fail('nobody can be reached'),
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
  tell({ home: HOME, seq: 's', ack: '', downs: [], news: all, invites: [], waits: false });
}

/** What a shop is told; `meanwhile` happens again and again while its order waits. */
async function sell(meanwhile: () => void): Promise<Answer | undefined> {
  const { clock } = world;
  const order = { owner: 'demo' as OwnerId, order: 'SO-1' as HoldId };
  let cancel = (): void => {};
  const again = (): void => {
    cancel = clock.after(100, again);
    meanwhile();
  };
  cancel = clock.after(100, again);
  const answer = seller.sell({ act: 'sell', ...order, lines: [LINE], ttlMs: 0 });
  return clock.until(answer).finally(() => cancel());
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

  it('is another node’s where the point has moved there', async () => {
    const answer = await sell(() => {
      shard = undefined;
    });
    expect(answer).toMatchObject({ code: 'moved' });
  });
});
