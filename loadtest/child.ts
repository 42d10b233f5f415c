import { type ChildProcess, fork } from 'node:child_process';
import type { Opened } from './opened.ts';

type Said<Answer> = { readonly answer: Answer } | { readonly failed: string };

const START_MS = 30_000;

/** One of our own scripts as a process of its own: asked, it answers. */
export class Child<Ask, Answer> {
  readonly #process: ChildProcess;

  private constructor(process: ChildProcess) {
    this.#process = process;
  }

  /** Resolves with what the script says when it is ready. Ended with `opened`. */
  static async start<Ready, Ask, Answer>(
    script: URL,
    opened: Opened,
    execArgv: readonly string[] = [],
  ): Promise<{ readonly child: Child<Ask, Answer>; readonly ready: Ready }> {
    const process = fork(script, [], {
      execArgv: [...execArgv],
      serialization: 'advanced',
      stdio: ['ignore', 2, 2, 'ipc'],
    });
    opened.add(() => endProcess(process, 'SIGTERM'));
    return { child: new Child(process), ready: await said<Ready>(process, START_MS) };
  }

  get pid(): number {
    return this.#process.pid as number;
  }

  /** One question at a time. Rejects when it fails, ends, or takes longer than `limitMs`. */
  ask(question: Ask, limitMs: number): Promise<Answer> {
    const answer = said<Answer>(this.#process, limitMs);
    this.#process.send(question as object);
    return answer;
  }
}

function said<Answer>(process: ChildProcess, limitMs: number): Promise<Answer> {
  return new Promise((resolve, reject) => {
    const end = (settle: () => void): void => {
      clearTimeout(timer);
      process.off('message', onMessage).off('exit', onExit);
      settle();
    };
    const onMessage = (message: unknown): void => {
      const it = message as Said<Answer>;
      end(() => ('failed' in it ? reject(new Error(it.failed)) : resolve(it.answer)));
    };
    const onExit = (code: number | null, signal: string | null): void => {
      end(() => reject(new Error(`a process of the bench ended (${signal ?? code})`)));
    };
    const timer = setTimeout(() => {
      end(() => reject(new Error(`a process of the bench said nothing for ${limitMs} ms`)));
    }, limitMs);
    process.once('message', onMessage).once('exit', onExit);
  });
}

/** The script's side: says `ready`, then answers one question after another. */
export function serveParent<Ask, Answer>(
  ready: unknown,
  handle: (question: Ask) => Promise<Answer>,
): void {
  const say = (said: Said<unknown>): void => {
    process.send?.(said);
  };
  process.on('disconnect', () => process.exit()); // the bench is gone
  process.on('message', (question) => {
    handle(question as Ask).then(
      (answer) => say({ answer }),
      (e: unknown) => say({ failed: (e as Error)?.stack ?? String(e) }),
    );
  });
  say({ answer: ready });
}

const STOP_MS = 10_000;

/** Asks a process that we started to end; insists after a while. */
export async function endProcess(child: ChildProcess, signal: NodeJS.Signals): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null || child.pid === undefined) return;
  const ended = new Promise((resolve) => child.once('exit', resolve));
  const insist = setTimeout(() => child.kill('SIGKILL'), STOP_MS);
  child.kill(signal);
  await ended;
  clearTimeout(insist);
}
