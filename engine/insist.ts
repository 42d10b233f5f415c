import { type Clock, sleep } from './clock.ts';
import { Interrupted, messageOfError, ShardStopped } from './errors.ts';

/** How long something is tried again, and who hears of it. */
export interface Patience {
  readonly clock: Clock;
  /** False once this node must not publish any more (lease lost, closing). */
  readonly mayPublish: () => boolean;
  /** Tells of every try that was not simply stored, for metrics and logs. */
  readonly onRetry?: (why: string) => void;
}

const AGAIN_MS = 50;

/**
 * Reads may fail for a while; they are asked again until they answer. Throws
 * {@link Interrupted} once told to stop.
 */
export async function insist<T>(patience: Patience, read: () => Promise<T>): Promise<T> {
  for (;;) {
    if (!patience.mayPublish()) throw new Interrupted('told to stop');
    try {
      return await read();
    } catch (e) {
      await tryAgain(patience, e);
    }
  }
}

/** Waits a moment, unless there is nothing to wait for. */
export async function tryAgain(
  { clock, mayPublish, onRetry }: Patience,
  e: unknown,
): Promise<void> {
  if (e instanceof ShardStopped || e instanceof Interrupted) throw e;
  if (!mayPublish()) throw new Interrupted('told to stop');
  onRetry?.(messageOfError(e));
  await sleep(clock, AGAIN_MS);
}
