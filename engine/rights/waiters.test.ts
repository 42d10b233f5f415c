import { describe, expect, test } from 'vitest';
import { type HomeName, type OrderLine, SHARED } from '../../actors/rights/acts.ts';
import { drain, FakeClock, keyOf } from '../../test/support/engine.ts';
import { type Come, Waiters } from './waiters.ts';

const HOME: HomeName = 'eu.0';
const line = (qty: number, sku = 'mug'): OrderLine => ({
  ...{ home: HOME, sku: keyOf(sku), qty },
  pools: [SHARED],
});
const NEVER = Number.NEGATIVE_INFINITY;

/** Orders that wait, by name; those that were woken say so. */
function floor() {
  const clock = new FakeClock();
  const waiters = new Waiters(clock);
  const woken: string[] = [];
  const waiting = new Map<string, ReturnType<Waiters['enter']>>();
  const wait = (name: string, ...lines: OrderLine[]): void => {
    const waiter = waiting.get(name) ?? waiters.enter(lines);
    waiting.set(name, waiter);
    void waiters.next(waiter, 1_000).then(() => woken.push(name));
  };
  const come = async (units: number, shortMs = NEVER): Promise<string[]> => {
    waiters.changed((): Come => ({ units, shortMs }));
    await drain();
    return woken.splice(0);
  };
  return { clock, waiters, waiting, wait, come, woken };
}

describe('orders that wait at a point', () => {
  test('are woken in the order in which they came, as far as units go', async () => {
    const { wait, come } = floor();
    for (const name of ['a', 'b', 'c', 'd']) wait(name, line(2));
    expect(await come(1)).toEqual([]);
    expect(await come(5)).toEqual(['a', 'b']);
    expect(await come(4)).toEqual(['c', 'd']);
  });

  test('keep their place when they look and wait on', async () => {
    const { wait, come } = floor();
    for (const name of ['a', 'b', 'c']) wait(name, line(1));
    expect(await come(1)).toEqual(['a']);
    wait('a');
    expect(await come(1)).toEqual(['a']);
  });

  test('are all told that nothing more can come, but those that came after home said so', async () => {
    const { clock, wait, come } = floor();
    wait('a', line(1));
    wait('b', line(1));
    await clock.advance(10);
    const saidMs = clock.monoMs();
    await clock.advance(10);
    wait('late', line(1));
    expect(await come(0, saidMs)).toEqual(['a', 'b']);
  });

  test('of several SKUs are woken for any of them, once', async () => {
    const { wait, come, waiting, waiters } = floor();
    wait('a', line(1), line(1, 'pot'));
    expect(await come(3)).toEqual(['a']);
    waiters.leave(waiting.get('a') as ReturnType<Waiters['enter']>);
    expect(await come(3)).toEqual([]);
  });

  test('look again by themselves after a while', async () => {
    const { clock, wait, woken } = floor();
    wait('a', line(1));
    await clock.advance(1_001);
    expect(woken).toEqual(['a']);
  });
});
