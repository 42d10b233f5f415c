import pino from 'pino';
import { beforeEach, describe, expect, it } from 'vitest';
import type { ActorKey } from '../../actors/ids.ts';
import { refuse } from '../../actors/outcomes.ts';
import { type HomeAct, type HomeName, SHARED } from '../../actors/rights/acts.ts';
import type { LaneId, LaneUp, LifeId, Up } from '../../actors/rights/lane.ts';
import { allOf, command, drain, keyOf } from '../../test/support/engine.ts';
import { type Reign, SHARD, World } from '../../test/support/world.ts';
import type { Ask } from '../mailbox.ts';
import { NO_PLANS } from '../plans.ts';
import { NO_USUAL } from '../scheduling/usual.ts';
import type { Slot } from '../slot.ts';
import { HomeDesk } from './home-desk.ts';
import type { ToHome, ToPoint } from './messages.ts';

const HOME: HomeName = 'here.0';
const POINT = 'p'.repeat(32);
const LIFE: LifeId = `${POINT}.1`;

let world: World;
let reign: Reign;
/** What home said to the point. */
let said: ToPoint[];
let tell: (message: ToHome) => Promise<void>;

beforeEach(async () => {
  world = new World();
  reign = await world.reign('A');
  said = [];
  await atHome({ act: 'plan', points: [POINT] });
});

const atHome = (act: HomeAct): Promise<unknown> =>
  reign.ask({ op: 'rights', shard: SHARD, at: 'home', act });

const laneOf = (n: number): LaneId => `${LIFE}#${n}`;
const laneUp = (n: number, sku: ActorKey, more: Partial<LaneUp> = {}): LaneUp => ({
  ...{ id: laneOf(n), sku, nonce: undefined, got: undefined, back: {}, spent: {} },
  ...{ final: undefined, ...more },
});
const upOf = (lanes: readonly LaneUp[]): Up => ({
  ...{ to: 'home', point: POINT, life: LIFE, lineage: 1, lanes, log: [] },
  ...{ attach: undefined, ended: undefined },
});

/** So many mugs come in, and the point is granted some of them, by a predecessor of the desk. */
async function granted(n: number, sku: string, mugs: number): Promise<void> {
  await reign.ask(command('receive', sku, { qty: mugs }));
  await atHome({ act: 'hear', up: upOf([laneUp(n, keyOf(sku))]) });
  const grants = [{ lane: laneOf(n), pool: SHARED, qty: mugs }];
  await atHome({ act: 'share', grants, keeps: [], tell: [] });
}

/** The desk of this home; the point hears all, and confirms nothing. */
function open(points = [POINT], submit = (ask: Ask) => reign.shard.submit(ask)): HomeDesk {
  const slot = {
    ...{ number: SHARD, shard: reign.shard },
    submit,
  } as Pick<Slot, 'number' | 'shard' | 'submit'> as Slot;
  return new HomeDesk({
    ...{ home: HOME, slot },
    link: {
      toHome: () => {},
      toPoint: (_point, message) => said.push(message),
      hearAtHome: (_home, hear) => {
        tell = hear;
        return () => {};
      },
      hearAtPoint: () => () => {},
    },
    ...{ clock: world.clock, centre: world.centre, points, plans: NO_PLANS },
    ...{ log: pino({ level: 'silent' }), usual: NO_USUAL, publish: () => {} },
  });
}

const say = (up: Up | undefined): void =>
  void tell({ point: POINT, seq: 's', ack: '', up, wants: [] });

/** The point says twice a second that it is there. */
async function pass(ms: number): Promise<void> {
  for (let passed = 0; passed < ms; passed += 500) {
    say(undefined);
    await world.clock.advance(500);
  }
}

const nonceOf = (n: number): string | undefined =>
  reign.shard.state.rights.home.lanes.get(laneOf(n))?.nonce;

describe('a home', () => {
  it('goes on saying that it is there when a lane is gone that it had something to say of', async () => {
    await granted(1, 'mug', 5);
    const desk = open();
    const closed = { nonce: nonceOf(1), back: { [SHARED]: 5 }, final: 0 };
    say(upOf([laneUp(1, keyOf('mug'), closed)]));
    await world.clock.advance(50);
    expect(nonceOf(1)).toBeUndefined();
    await pass(2_000);
    const before = await world.journal.last();
    said.length = 0;
    await pass(3_000);
    expect(said.length).toBeGreaterThanOrEqual(2);
    expect((await world.journal.last())?.seq).toBe(before?.seq);
    desk.close();
    await drain();
  });

  it('asks back what is at risk of thousands of SKUs, though that is too much for one record', async () => {
    const skus = Array.from({ length: 1_800 }, (_, n) => `mug-${n}`);
    const all = async (op: 'receive' | 'adjust', more: object): Promise<void> => {
      for (let n = 0; n < skus.length; n += 500) {
        await reign.ask(allOf(...skus.slice(n, n + 500).map((sku) => command(op, sku, more))));
      }
    };
    await all('receive', { qty: 2 });
    for (let n = 0; n < skus.length; n += 50) {
      const some = skus.slice(n, n + 50);
      await atHome({ act: 'hear', up: upOf(some.map((sku, i) => laneUp(n + i, keyOf(sku)))) });
      const grants = some.map((_, i) => ({ lane: laneOf(n + i), pool: SHARED, qty: 2 }));
      await atHome({ act: 'share', grants, keeps: [], tell: [] });
    }
    await all('adjust', { delta: -1, reason: 'loss' });
    const desk = open();
    await pass(1_000);
    const asked = said.flatMap(({ downs }) => downs.flatMap(({ lanes }) => lanes));
    const recalled = new Set(asked.filter(({ keep }) => keep?.[SHARED] === 1).map(({ id }) => id));
    expect(recalled.size).toBe(skus.length);
    desk.close();
    await drain();
  });

  it('leaves a message that it cannot understand to whoever carried it', async () => {
    const desk = open();
    await expect(tell({ point: POINT } as ToHome)).rejects.toThrow();
    desk.close();
  });

  it('has its points in the journal, though the shard had too much to do at first', async () => {
    let isBusy = true;
    const desk = open(['late'], (ask) => {
      if (isBusy) ask.answer(refuse('overloaded'), true);
      else reign.shard.submit(ask);
    });
    await pass(1_000);
    const { points } = reign.shard.state.rights.home;
    expect(points.has('late')).toBe(false);
    isBusy = false;
    await pass(1_500);
    expect(points.has('late')).toBe(true);
    const before = await world.journal.last();
    await pass(3_000);
    expect((await world.journal.last())?.seq).toBe(before?.seq);
    desk.close();
    await drain();
  });
});
