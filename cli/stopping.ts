import type { Logger } from 'pino';

/** Stops on SIGINT and SIGTERM: cleanly the first time, at once the second. Returns whether it is stopping. */
export function stopOnSignal(
  close: () => Promise<void>,
  log: Logger,
  quiet: boolean,
): () => boolean {
  let stopping = false;
  const stop = (): void => {
    if (stopping) process.exit(1);
    stopping = true;
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
  return () => stopping;
}
