import { beforeEach, describe, expect, test } from 'vitest';
import { drain, FakeClock, keyOf } from '../../test/support/engine.ts';
import type { Slot } from '../slot.ts';
import type { SchedulingLink, UsualNews } from './messages.ts';
import { HeardShares, NO_USUAL } from './usual.ts';
import { UsualDesk } from './usual-desk.ts';

const MUG = keyOf('mug');
const SELLERS = ['', 'eu', 'us'];

describe('usual shares', () => {
  test('are equal parts where nothing was told', () => {
    for (const usual of [NO_USUAL, new HeardShares()]) {
      expect(usual.of(MUG, 'eu', SELLERS)).toEqual({ share: 1 / 3, by: 'equal' });
    }
  });

  test('are as they were told, in proportion among those who are there', () => {
    const usual = new HeardShares();
    usual.hear([[MUG, { '': 0.2, eu: 0.3, us: 0.1, ap: 0.4 }]]);
    const shares = SELLERS.map((name) => usual.of(MUG, name, SELLERS).share);
    expect(shares.map((share) => share.toFixed(3))).toEqual(['0.333', '0.500', '0.167']);
    expect(usual.of(MUG, 'eu', SELLERS).by).toBe('sales');
    expect(usual.of(keyOf('cup'), 'eu', SELLERS).by).toBe('equal');
  });

  test('are forgotten when that is told, and what is no share is passed over', () => {
    const usual = new HeardShares();
    usual.hear([[MUG, { '': 0.5, eu: 0.5 }]]);
    usual.hear([[MUG, { '': Number.NaN, eu: -1 }]]);
    expect(usual.of(MUG, 'eu', ['', 'eu'])).toEqual({ share: 0.5, by: 'sales' });
    usual.hear([[MUG, null]]);
    expect(usual.of(MUG, 'eu', ['', 'eu']).by).toBe('equal');
  });

  test('are what can be read of news, whatever else is in there', () => {
    const usual = new HeardShares();
    const good = [MUG, { '': 0.25, eu: 0.75 }] as const;
    for (const bad of [null, 7, 'mug', {}, [null], [[MUG]], [[7, null]], [[MUG, 'eu']]]) {
      usual.hear(bad as never);
    }
    usual.hear([null, [MUG, undefined], [MUG], good] as never);
    expect(usual.of(MUG, 'eu', ['', 'eu'])).toEqual({ share: 0.75, by: 'sales' });
  });
});

describe('the desk of a home', () => {
  const shard = {} as Slot['shard'];
  let clock: FakeClock;
  let slot: { shard: Slot['shard'] };
  let asked: number;
  let isThere: boolean;
  let tell: (news: UsualNews) => boolean;
  let link: SchedulingLink;

  beforeEach(() => {
    clock = new FakeClock();
    [asked, isThere] = [0, true];
    slot = { shard: undefined };
    tell = () => expect.fail('nobody listens');
    link = {
      async ask() {
        asked++;
        return isThere;
      },
      hear(_home, on) {
        tell = on;
        return () => {};
      },
      report: () => expect.fail('a home reports nothing'),
    };
  });

  const open = async (): Promise<UsualDesk> => {
    const desk = new UsualDesk('eu.0', slot, link, clock);
    await drain();
    return desk;
  };

  test('asks for what it lacks until it is heard, and no more', async () => {
    [isThere, slot.shard] = [false, shard];
    const desk = await open();
    await clock.advance(20_000);
    expect(asked).toBeGreaterThan(2);
    isThere = true;
    await clock.advance(10_000);
    const before = asked;
    await clock.advance(60_000);
    expect(asked).toBe(before);
    desk.close();
  });

  test('takes nothing while another node owns the shard', async () => {
    const desk = await open();
    expect(tell([[MUG, { '': 0.1, eu: 0.9 }]])).toBe(false);
    expect(asked).toBe(0);
    expect(desk.shares.of(MUG, 'eu', ['', 'eu']).by).toBe('equal');
    desk.close();
  });

  test('goes by the last it heard, also where it lost the shard for a while and the centre is cut off', async () => {
    slot.shard = shard;
    const desk = await open();
    expect(tell([[MUG, { '': 0.1, eu: 0.9 }]])).toBe(true);
    expect(asked).toBe(1);
    isThere = false;
    for (const now of [undefined, {} as Slot['shard']]) {
      slot.shard = now;
      await clock.advance(5_000);
      expect(desk.shares.of(MUG, 'eu', ['', 'eu'])).toEqual({ share: 0.9, by: 'sales' });
    }
    expect(asked).toBe(2);
    expect(tell([[MUG, { '': 0.6, eu: 0.4 }]])).toBe(true);
    expect(desk.shares.of(MUG, 'eu', ['', 'eu']).share).toBe(0.4);
    desk.close();
  });

  test('a desk that is closed asks no more', async () => {
    [isThere, slot.shard] = [false, shard];
    const desk = await open();
    desk.close();
    const before = asked;
    await clock.advance(60_000);
    expect(asked).toBe(before);
  });
});
