import { expect, test } from 'vitest';
import type { ActorKey } from '../../actors/ids.ts';
import { NO_MORE } from '../../actors/stock/commands.ts';
import { command, NOW_MS } from './goods.ts';
import { HOLDS, LineRoom } from './lines.ts';

const KEY = 'demo/SKU-0@W1' as ActorKey;

test('a room has its lines and its holds, after a turn too', () => {
  const lineRoom = new LineRoom(100);
  for (let turn = 0; turn < 2; turn++) {
    const state = lineRoom.room.get(KEY);
    const open = [...(state?.holds?.values() ?? [])].filter((hold) => !('ended' in hold));
    expect(open.length).toBe(HOLDS);
    expect(state?.detail?.lines.size).toBe(100);
    const { reserve, pick, pick_at } = lineRoom.turn();
    expect(Math.min(reserve, pick, pick_at)).toBeGreaterThan(0);
  }
});

test('a pick takes what expires first, or from the place that it names', () => {
  const { room } = new LineRoom(100);
  const units = (place: number): number => {
    const lines = [...(room.get(KEY)?.detail?.lines.values() ?? [])];
    return lines.find((l) => l.stage === 0 && l.batch === `L${place}`)?.qty ?? 0;
  };
  const [first, last] = [units(0), units(99)];
  expect(room.run(command('pick', 0, 1, 'hold-0'), NOW_MS).ok).toBe(true);
  expect([units(0), units(99)]).toEqual([first - 1, last]);
  const there = { ...NO_MORE, lot: { location: 'A-99' } };
  expect(room.run({ ...command('pick', 0, 1, 'hold-1'), more: there }, NOW_MS).ok).toBe(true);
  expect([units(0), units(99)]).toEqual([first - 1, last - 1]);
});
