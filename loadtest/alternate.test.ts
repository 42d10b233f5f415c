import { describe, expect, test } from 'vitest';
import { alternate, type Entrant, type Opener } from './alternate.ts';
import { Opened } from './opened.ts';

const log: string[] = [];
const entrant = (name: string, verify: () => Promise<void>): Entrant<string> => ({
  warmUp: async () => log.push(`${name} warm`),
  round: async () => {
    log.push(name);
    return name;
  },
  verify,
});
const opener =
  (name: string, verify: () => Promise<void> = async () => {}): Opener<string> =>
  async (opened) => {
    opened.add(async () => log.push(`${name} closed`));
    return entrant(name, verify);
  };
const run = (openers: Record<string, Opener<string>>, rounds = 2) => {
  log.length = 0;
  return alternate(openers, rounds, new Opened(), () => {});
};

describe('alternate', () => {
  test('all are warm before the first round; then they take turns; newest closes first', async () => {
    expect(await run({ a: opener('a'), b: opener('b') })).toEqual({ a: ['a', 'a'], b: ['b', 'b'] });
    expect(log).toEqual(['a warm', 'b warm', 'a', 'b', 'a', 'b', 'b closed', 'a closed']);
  });
  test('one that is not here has no samples', async () => {
    expect(await run({ a: opener('a'), b: async () => undefined }, 1)).toEqual({ a: ['a'] });
  });
  test('figures that do not verify are none, and everything is closed', async () => {
    const wrong = opener('a', () => Promise.reject(new Error('one is missing')));
    await expect(run({ a: wrong }, 1)).rejects.toThrow('one is missing');
    expect(log.at(-1)).toBe('a closed');
  });
  test('what opened before another failed to is closed', async () => {
    const fails: Opener<string> = () => Promise.reject(new Error('no port'));
    await expect(run({ a: opener('a'), b: fails })).rejects.toThrow('no port');
    expect(log).toEqual(['a closed']);
  });
});

test('closing goes on after one that fails, and does not close twice', async () => {
  const opened = new Opened();
  const closed: number[] = [];
  opened.add(async () => closed.push(1));
  opened.add(() => Promise.reject(new Error('stuck')));
  opened.add(async () => closed.push(3));
  await opened.close();
  await opened.close();
  expect(closed).toEqual([3, 1]);
});
