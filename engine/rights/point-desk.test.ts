import { beforeEach, describe, expect, it } from 'vitest';
import type { ActorKey } from '../../actors/ids.ts';
import { refuse } from '../../actors/outcomes.ts';
import { type HomeName, type PointAct, SHARED } from '../../actors/rights/acts.ts';
import type { Down, LaneId, LifeId } from '../../actors/rights/lane.ts';
import { SHARING } from '../../actors/rights/sharing.ts';
import { keyOf } from '../../test/support/engine.ts';
import { type Reign, SHARD, World } from '../../test/support/world.ts';
import type { Ask } from '../mailbox.ts';
import type { Slot } from '../slot.ts';
import type { ToHome, ToPoint } from './messages.ts';
import { PointDesk } from './point-desk.ts';

const HOME: HomeName = 'here.0';
const POINT = 'p';
const MUG = keyOf('mug');

let world: World;
let reign: Reign;
/** What the point said to its home. */
let said: ToHome[];
let tell: (message: ToPoint) => Promise<void>;
/** In place of the shard. */
let submit: (ask: Ask) => void;

beforeEach(async () => {
  world = new World();
  reign = await world.reign('A');
  said = [];
  submit = (ask) => reign.shard.submit(ask);
});

const atPoint = (act: PointAct): Promise<unknown> =>
  reign.ask({ op: 'rights', shard: SHARD, at: 'point', point: POINT, act });

function open(): PointDesk {
  const slot = {
    number: SHARD,
    get shard() {
      return reign.shard;
    },
    submit: (ask) => submit(ask),
  } as Pick<Slot, 'number' | 'shard' | 'submit'> as Slot;
  const link = {
    toHome: (_home: HomeName, message: ToHome) => said.push(message),
    toPoint: () => {},
    hearAtHome: () => () => {},
    hearAtPoint: (_point: string, hear: (message: ToPoint) => Promise<void>) => {
      tell = hear;
      return () => {};
    },
  };
  return new PointDesk({ point: POINT, slot, link, clock: world.clock });
}

const plain = { home: HOME, seq: 's', ack: '', news: [], invites: [], waits: false } as const;

describe('a selling point', () => {
  it('leaves a message that it cannot understand to whoever carried it', async () => {
    const desk = open();
    await expect(tell({ home: HOME, ack: '' } as ToPoint)).rejects.toThrow();
    desk.close();
  });

  it('confirms no message of which a part was not taken', async () => {
    await atPoint({ act: 'wish', home: HOME, skus: [MUG] });
    const desk = open();
    const granted: Down = {
      ...{
        to: 'p.1' as LifeId,
        lineage: 1,
        ask: false,
        part: 0,
        applied: 0,
        settled: 0,
        over: false,
      },
      lanes: [
        {
          ...{ id: 'p.1#1' as LaneId, sku: MUG, nonce: '1.1', gone: false, keep: undefined },
          granted: { [SHARED]: 5 },
        },
      ],
    };
    const earlier: Down = { ...granted, to: 'p.0' as LifeId, lanes: [] };
    const downs = [granted, earlier];
    submit = (ask) => {
      submit = (next) => reign.shard.submit(next);
      ask.answer(refuse('overloaded'), true);
    };
    await tell({ ...plain, seq: 'first', downs });
    await world.clock.advance(50);
    expect(said.map(({ ack }) => ack)).not.toContain('first');
    expect(desk.freeOf(HOME, MUG, [SHARED])).toBe(0);
    await tell({ ...plain, seq: 'again', downs });
    await world.clock.advance(50);
    expect(said.at(-1)?.ack).toBe('again');
    expect(desk.freeOf(HOME, MUG, [SHARED])).toBe(5);
    desk.close();
  });

  it('tells home what is asked of it once, and what orders wait for every time', async () => {
    const desk = open();
    await tell({ ...plain, downs: [] });
    const line = { home: HOME, sku: MUG, qty: 3, pools: [SHARED] };
    const order = {};
    desk.asked(line);
    await world.clock.until(desk.await(order, [line]));
    await world.clock.advance(1_000);
    desk.awaitNoMore(order, [line]);
    const before = said.length;
    await world.clock.advance(2_500);
    const wants = said.map((one) => one.wants.map(({ upTo }) => upTo));
    expect(wants.slice(0, before)).not.toContainEqual([]);
    expect(wants.slice(before)).toEqual([[0], ...wants.slice(before + 1).map(() => [])]);
    expect(wants.length).toBeGreaterThan(before + 1);
    desk.close();
  });

  it('closes lanes that nobody asked for in days, also those of its predecessors, however many', async () => {
    const skus = Array.from({ length: 3_000 }, (_, n) => keyOf(`${'mug-'.repeat(14)}${n}`));
    for (let n = 0; n < skus.length; n += 250) {
      await atPoint({ act: 'wish', home: HOME, skus: skus.slice(n, n + 250) });
    }
    const desk = open();
    const { clock } = world;
    await clock.advance(1_000);
    clock.msPerLook = SHARING.idleMs;
    desk.asked({ home: HOME, sku: skus[0] as ActorKey, qty: 1, pools: [SHARED] });
    clock.msPerLook = 0;
    await clock.advance(1_000);
    const point = reign.shard.state.rights.points.get(HOME);
    expect([...(point?.current.keys() ?? [])]).toEqual([skus[0]]);
    desk.close();
  });
});
