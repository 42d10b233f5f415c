import { describe, expect, it } from 'vitest';
import type { LaneId } from '../../actors/rights/lane.ts';
import { Unsaid } from './unsaid.ts';

const LANE = 'eu.1#1' as LaneId;

describe('what has not been confirmed', () => {
  it('is confirmed by the message that said it, not by one that left before it changed', () => {
    const unsaid = new Unsaid('1.1');
    unsaid.add([LANE]);
    const first = unsaid.sent([LANE]);
    unsaid.add([LANE]);
    const second = unsaid.sent([LANE]);
    unsaid.heard(first);
    expect(unsaid.size).toBe(1);
    unsaid.heard(second);
    expect(unsaid.size).toBe(0);
  });

  it('is not confirmed by a message of the owner before, of the same number', () => {
    const before = new Unsaid('1.1').sent([LANE]);
    const unsaid = new Unsaid('1.2');
    unsaid.add([LANE]);
    unsaid.sent([LANE]);
    unsaid.heard(before);
    expect(unsaid.size).toBe(1);
  });

  it('of a lane that is gone is not waited for, and keeps no other from being said', () => {
    const unsaid = new Unsaid('1.1');
    const other = 'eu.1#2' as LaneId;
    unsaid.add([LANE, other]);
    expect(unsaid.next(1, (lane) => lane === other)).toEqual([other]);
    unsaid.heard(unsaid.sent([other]));
    expect(unsaid.size).toBe(0);
  });
});
