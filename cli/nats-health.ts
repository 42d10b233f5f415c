import { statfs } from 'node:fs/promises';
import type { Logger } from 'pino';
import { systemClock } from '../engine/clock.ts';
import { messageOfError } from '../engine/errors.ts';

export interface NatsHealthOptions {
  /** Of its monitoring, `host:port`. */
  readonly address: string;
  /** Where its streams lie. */
  readonly dir: string;
  readonly log: Logger;
  readonly restart: () => Promise<void>;
}

const LOOK_MS = 1_000;
/** With less room it would soon stop again. */
const ROOM_BYTES = 8 * 1024 * 1024;
/** Between two restarts for a trouble that is not about room. */
const AGAIN_MS = 10_000;

/**
 * A stream of nats-server that could not be written stays shut until the server
 * is started again, also when the disk has room again. This does it then.
 */
export class NatsHealth {
  readonly #options: NatsHealthOptions;
  #timer: NodeJS.Timeout;
  #stopped = false;
  /** What was said of it last, to say it once. */
  #trouble = '';
  #restartedMs = Number.NEGATIVE_INFINITY;

  constructor(options: NatsHealthOptions) {
    this.#options = options;
    this.#timer = this.#soon();
  }

  stop(): void {
    this.#stopped = true;
    clearTimeout(this.#timer);
  }

  #soon(): NodeJS.Timeout {
    return setTimeout(() => {
      void this.#look().then(() => {
        if (!this.#stopped) this.#timer = this.#soon();
      });
    }, LOOK_MS).unref();
  }

  async #look(): Promise<void> {
    const { log, restart, dir } = this.#options;
    const error = await this.#writeError();
    if (error === undefined || this.#stopped) return;
    const isFull = /no space left|quota/.test(error);
    if (error !== this.#trouble) {
      this.#trouble = error;
      const what = isFull
        ? `the disk of ${dir} is full: nothing can be committed until there is room`
        : `nats-server cannot write to ${dir}`;
      log.error({ error }, what);
    }
    if (isFull ? !(await hasRoom(dir)) : this.#restartedRecently()) return;
    log.warn('nats-server is started again, since its streams stay shut after a failed write');
    this.#trouble = '';
    this.#restartedMs = systemClock.monoMs();
    await restart().catch((e: unknown) => log.error(`not restarted: ${messageOfError(e)}`));
  }

  #restartedRecently(): boolean {
    return systemClock.monoMs() - this.#restartedMs < AGAIN_MS;
  }

  /** What it says of a stream that it could not write; undefined while it is well, or away. */
  async #writeError(): Promise<string | undefined> {
    try {
      const url = `http://${this.#options.address}/healthz`;
      const answer = await fetch(url, { signal: AbortSignal.timeout(LOOK_MS) });
      const { error } = (await answer.json()) as { error?: string };
      return error?.includes('write error') ? error : undefined;
    } catch {
      return undefined; // its process is watched by other means
    }
  }
}

async function hasRoom(dir: string): Promise<boolean> {
  const { bavail, bsize } = await statfs(dir);
  return bavail * bsize >= ROOM_BYTES;
}
