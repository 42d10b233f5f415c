import { beforeEach, describe, expect, test } from 'vitest';
import { type HomeAct, SHARED } from '../../actors/rights/acts.ts';
import { openLaneOf } from '../../actors/rights/home.ts';
import { type LaneId, type LifeId, pointOf } from '../../actors/rights/lane.ts';
import { command, keyOf } from '../../test/support/engine.ts';
import { systemClock } from '../clock.ts';
import { HeardShares, NO_USUAL, type UsualShares } from '../scheduling/usual.ts';
import { ShardState } from '../state.ts';
import { noSharing, Sharer, type Sharing, type Waiting } from './sharer.ts';

const MUG = keyOf('mug');
const lifeOf = (point: string): LifeId => `${point}.1`;
const laneOf = (point: string): LaneId => `${lifeOf(point)}#1`;

let state: ShardState;
beforeEach(() => {
  state = new ShardState();
  act({ act: 'plan', points: ['a', 'b', 'c'] });
});

function act(what: HomeAct): void {
  expect(state.run({ op: 'rights', shard: 0, at: 'home', act: what }, 0)).toMatchObject({
    ok: true,
  });
}

/** So many mugs come in, and so many of them go to each point. */
function given(mugs: number, have: Readonly<Record<string, number>>): void {
  expect(state.run(command('receive', 'mug', { qty: mugs }), 0)).toMatchObject({ ok: true });
  for (const [point, qty] of Object.entries(have)) {
    wish(point, lifeOf(point), laneOf(point));
    const grants = qty === 0 ? [] : [{ lane: laneOf(point), pool: SHARED, qty }];
    act({ act: 'share', grants, keeps: [], tell: [] });
    expect(openLaneOf(state.rights.home, lifeOf(point), MUG)?.granted[SHARED] ?? 0).toBe(qty);
  }
}

function wish(point: string, life: LifeId, id: LaneId): void {
  const lane = { id, sku: MUG, nonce: undefined, got: undefined };
  act({
    act: 'hear',
    up: {
      ...{ to: 'home', point, life, lineage: 1, log: [] },
      ...{ lanes: [{ ...lane, back: {}, spent: {}, final: undefined }] },
      ...{ attach: undefined, ended: undefined },
    },
  });
}

/** Orders wait at these points: how many units they lack in all, and the one that lacks least. */
function served(
  ...waiting: readonly (readonly [point: string, all: number, least: number])[]
): Sharing {
  const sharer = new Sharer(
    'eu.0',
    systemClock,
    () => 0,
    () => true,
  );
  const isWaiting = (point: string): boolean => waiting.some(([name]) => name === point);
  const into = noSharing();
  for (const [point, all, least] of waiting) {
    const lane = state.rights.home.lanes.get(laneOf(point));
    const got = lane?.granted[SHARED] ?? 0;
    const one: Waiting = {
      ...{
        point,
        life: lifeOf(point),
        sku: MUG,
        pools: [SHARED],
        untilMs: Number.POSITIVE_INFINITY,
      },
      ...{ upTo: got + all, least: got + least },
    };
    sharer.serve(state, one, isWaiting, into);
  }
  return into;
}

const granted = ({ grants }: Sharing) =>
  grants.map(({ lane, qty }) => [pointOf(lane.slice(0, lane.indexOf('#')) as LifeId), qty]);
const kept = ({ keeps }: Sharing) => keeps.map(({ lane, keep }) => [lane, keep[SHARED]]);
const short = ({ news }: Sharing) => news.map(([point, { isShort }]) => [point, isShort]);

describe('orders that wait', () => {
  test('where there is not enough for all of them, there is for one', () => {
    given(3, { a: 0 });
    const sharing = served(['a', 4, 2]);
    expect(granted(sharing)).toEqual([['a', 3]]);
    expect(short(sharing)).toEqual([['a', true]]);
  });

  test('where there is not enough for one, nothing is moved for them', () => {
    given(3, { a: 0, b: 2 });
    const sharing = served(['a', 9, 4]);
    expect(granted(sharing)).toEqual([]);
    expect(kept(sharing)).toEqual([]);
    expect(short(sharing)).toEqual([['a', true]]);
  });

  test('of two points that wait, the first by name takes what the other has, and the other waits', () => {
    given(6, { a: 3, b: 3 });
    const sharing = served(['a', 1, 1], ['b', 1, 1]);
    expect(kept(sharing)).toEqual([[laneOf('b'), 2]]);
    // Neither is told that it is in vain.
    expect(short(sharing)).toEqual([
      ['a', false],
      ['b', false],
    ]);
  });

  test('what is granted to one of them in the same turn is not gone: the other is not told that it is in vain', () => {
    given(3, { a: 0, b: 0 });
    const sharing = served(['a', 3, 3], ['b', 2, 2]);
    expect(granted(sharing)).toEqual([['a', 3]]);
    expect(sharing.news).toMatchObject([
      ['b', { isShort: false, free: 0, others: [['a', 3, expect.any(Number)]] }],
    ]);
  });

  test('a dry home recalls more than an order lacks, as far as one point has too much and the other too little', () => {
    given(60, { a: 0, b: 60 });
    // Alike in demand, each should have a third: 40 too many with b, and 20 too few with a.
    const [[lane, keep]] = kept(served(['a', 1, 1])) as [[LaneId, number]];
    expect(lane).toBe(laneOf('b'));
    expect(keep).toBeLessThan(59);
    expect(keep).toBeGreaterThanOrEqual(40);
  });

  test('what a point has that does not wait comes back', () => {
    given(6, { a: 0, b: 3, c: 3 });
    expect(kept(served(['b', 2, 2]))).toEqual([[laneOf('c'), 1]]);
  });

  test('nothing is asked back of a life that is over, but of the one that can hear it', () => {
    given(9, { a: 0, b: 3, c: 0 });
    wish('b', 'b.2', 'b.2#1');
    act({ act: 'share', grants: [{ lane: 'b.2#1', pool: SHARED, qty: 6 }], keeps: [], tell: [] });
    expect(kept(served(['c', 2, 2]))).toEqual([['b.2#1', 4]]);
    act({ act: 'bury', life: 'b.1', more: 0, most: 9 });
    expect(kept(served(['c', 5, 5]))).toEqual([['b.2#1', 4]]);
  });
});

describe('where nobody has asked for a SKU of late', () => {
  const explained = (usual: UsualShares) => {
    given(100, { a: 0, b: 0 });
    const always = (): boolean => true;
    const sharer = new Sharer('eu.0', systemClock, () => 0, always, usual);
    const [shared] = sharer.explain(state, MUG, []).pools;
    return new Map(shared?.points.map(({ name, ...one }) => [name, one]));
  };

  test('all points should have as much where nothing is known', () => {
    const points = explained(NO_USUAL);
    expect(points.get('a')).toMatchObject({ usual: { share: 1 / 3, by: 'equal' } });
    expect(points.get('a')?.want).toBe(points.get('b')?.want);
  });

  test('points should have what they usually sell, and that is told', () => {
    const usual = new HeardShares();
    usual.hear([[MUG, { '': 0.1, a: 0.7, b: 0.1, c: 0.1 }]]);
    const points = explained(usual);
    // c has no lane: its part is the others'.
    expect(points.get('a')?.usual).toEqual({ share: expect.closeTo(0.7 / 0.9, 9), by: 'sales' });
    expect(points.get('a')?.share).toBeCloseTo(0.7 / 0.9, 9);
    expect(points.get('a')?.want).toBeGreaterThan(3 * (points.get('b')?.want ?? 0));
  });
});
