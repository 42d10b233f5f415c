import { expect, it } from 'vitest';
import { FakeClock } from '../test/support/engine.ts';
import { Trouble } from './trouble.ts';

it('is told once when it lasts, and once when it is over', async () => {
  const clock = new FakeClock();
  const said: string[] = [];
  const say = (what: { why?: string; shard: number }, words: string): void => {
    said.push(`${what.shard} ${words} ${what.why ?? ''}`.trim());
  };
  const trouble = new Trouble(clock, { warn: say, info: say } as never, 3);
  trouble.goesOn('timeout');
  await clock.advance(1_999);
  trouble.goesOn('timeout');
  trouble.over();
  expect(said).toEqual([]);
  trouble.goesOn('timeout');
  await clock.advance(2_000);
  for (let i = 0; i < 5; i++) trouble.goesOn('timeout');
  trouble.over();
  trouble.over();
  expect(said).toEqual([
    '3 the journal takes nothing; commands wait timeout',
    '3 the journal takes records again',
  ]);
});
