import { pino } from 'pino';
import { afterEach, expect, test, vi } from 'vitest';
import { stopOnSignal } from './stopping.ts';

/** What signals do, and what was asked of the process since. */
function opened() {
  const handlers = new Map<unknown, () => void>();
  vi.spyOn(process, 'on').mockImplementation((name, handler) => {
    handlers.set(name, handler as () => void);
    return process;
  });
  const exit = vi.spyOn(process, 'exit').mockImplementation((() => {}) as () => never);
  const close = vi.fn(() => new Promise<void>(() => {}));
  const isStopping = stopOnSignal(close, pino({ level: 'silent' }), true);
  return { interrupt: () => handlers.get('SIGINT')?.(), exit, close, isStopping };
}

afterEach(() => {
  vi.useRealTimers();
  vi.restoreAllMocks();
});

test('one Ctrl-C that comes twice, from the terminal and from npm, stops it once and cleanly', () => {
  const { interrupt, exit, close, isStopping } = opened();
  expect(isStopping()).toBe(false);
  interrupt();
  interrupt();
  expect(close).toHaveBeenCalledTimes(1);
  expect(exit).not.toHaveBeenCalled();
  expect(isStopping()).toBe(true);
});

test('who asks again a while later is heard at once', () => {
  vi.useFakeTimers({ toFake: ['performance'] });
  const { interrupt, exit, close } = opened();
  interrupt();
  vi.advanceTimersByTime(1_000);
  interrupt();
  expect(close).toHaveBeenCalledTimes(1);
  expect(exit).toHaveBeenCalledWith(1);
});
