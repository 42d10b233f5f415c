import { beforeEach, describe, expect, it } from 'vitest';
import { type HomeName, type PointAct, SHARED } from '../../actors/rights/acts.ts';
import type { Down, LaneId, LifeId } from '../../actors/rights/lane.ts';
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
});
