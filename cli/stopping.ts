import type { Logger } from 'pino';

/** One Ctrl-C reaches a program that npm started twice: from the terminal, and passed on by npm, within this. */
const SAME_MS = 1_000;

/** Stops on SIGINT and SIGTERM: cleanly the first time, at once the second. Returns whether it is stopping. */
export function stopOnSignal(
  close: () => Promise<void>,
  log: Logger,
  quiet: boolean,
): () => boolean {
  let stoppingMs: number | undefined;
  const stop = (): void => {
    const nowMs = performance.now();
    if (stoppingMs !== undefined) {
      if (nowMs - stoppingMs >= SAME_MS) process.exit(1);
      return;
    }
    stoppingMs = nowMs;
    if (!quiet) process.stderr.write('\nStopping: finishing what is in flight …\n');
    close().then(
      () => process.exit(0),
      (err: unknown) => {
        log.error({ err }, 'did not stop cleanly; nothing acknowledged is lost');
        process.exit(1);
      },
    );
  };
  process.on('SIGINT', stop);
  process.on('SIGTERM', stop);
  return () => stoppingMs !== undefined;
}
