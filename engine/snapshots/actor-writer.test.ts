import { expect, test } from 'vitest';
import { NO_MORE } from '../../actors/stock/commands.ts';
import { LAST } from '../../actors/stock/state.ts';
import { Stockroom } from '../../actors/stock/stockroom.ts';
import { actorLine } from '../../test/support/actor-line.ts';
import { command, keyOf } from '../../test/support/engine.ts';
import { packActors } from './actor-writer.ts';
import { pack } from './slices.ts';

const NOW_MS = 1_700_000_000_000;

test('actors are written as their lines would be', () => {
  const room = new Stockroom();
  const run = (...[op, sku, more]: Parameters<typeof command>): void => {
    expect(room.run(command(op, sku, more), NOW_MS).ok).toBe(true);
  };
  for (const sku of ['mug', 'Tässchen', 'idle', 'cup']) run('receive', sku, { qty: 70_000 });
  run('requality', 'cup', { qty: 3, more: { ...NO_MORE, toQuality: 2 } });
  for (let i = 0; i < 300; i++) {
    const soft = i % 3 === 0 ? { ttlMs: 60_000 + i } : {};
    run('reserve', 'mug', {
      hold: `${'h'.repeat(i)}${i}`,
      qty: 1 + i,
      doc: 'ü'.repeat(i % 40),
      ...soft,
    });
    if (i % 2 === 0) run('release', 'mug', { hold: `${'h'.repeat(i)}${i}` });
  }
  run('reserve', 'Tässchen', { hold: 'a', qty: 9 });
  run('pick', 'Tässchen', { hold: 'a', qty: 4 });
  run('receive', 'cup', { qty: 2, more: { ...NO_MORE, serials: ['S1', 'S2'] } });
  const actors = [...room.entries()];
  const holds = room.get(keyOf('Tässchen'))?.holds;
  const hold = holds?.get('a' as never);
  holds?.set('z' as never, { ...hold, order: LAST, waiting: 2 ** 40 } as never);
  const lines = actors.map(([key, state]) => actorLine(key, state));
  expect(Buffer.from(packActors(actors))).toEqual(Buffer.from(pack({ actors: lines })));
  expect(Buffer.from(packActors([]))).toEqual(Buffer.from(pack({ actors: [] })));
});
