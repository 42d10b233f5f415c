import { expect, test } from 'vitest';
import type { HomeAct } from '../../actors/rights/acts.ts';
import type { LifeId } from '../../actors/rights/lane.ts';
import { FakeClock, keyOf } from '../../test/support/engine.ts';
import { ShardState } from '../state.ts';
import { RIGHTS_LIMITS } from './limits.ts';
import { Splitting } from './splitting.ts';

const MUG = keyOf('mug');

/** A home with a lane of mugs for the life of a point. */
function opened(life: LifeId): ShardState {
  const state = new ShardState();
  const act = (what: HomeAct): void =>
    expect(state.run({ op: 'rights', shard: 0, at: 'home', act: what }, 0).ok).toBe(true) as never;
  act({ act: 'plan', points: ['a'] });
  const lane = { id: `${life}#1`, sku: MUG, nonce: undefined, got: undefined } as const;
  act({
    act: 'hear',
    up: {
      ...{ to: 'home', point: 'a', life, lineage: 1, log: [] },
      ...{ lanes: [{ ...lane, back: {}, spent: {}, final: undefined }] },
      ...{ attach: undefined, ended: undefined },
    },
  });
  return state;
}

test('a flash sale gives nothing to a life that is over, whose rights nobody could sell', async () => {
  const clock = new FakeClock();
  const invited: string[] = [];
  let life: LifeId = 'a.2';
  const splitting = new Splitting(clock, {
    points: ['a'],
    lifeOf: () => life,
    invite: (point) => invited.push(point),
  });
  const state = opened('a.1');
  splitting.begin(MUG);
  expect(splitting.ready(state)).toEqual([]);
  expect(invited).toEqual(['a', 'a']);
  await clock.advance(RIGHTS_LIMITS.lostMs);
  expect(splitting.ready(state)).toEqual([[MUG, new Map()]]);
  life = 'a.1';
  splitting.begin(MUG);
  expect(splitting.ready(state)).toEqual([[MUG, new Map([['a', 'a.1#1']])]]);
});
