import type { ShardCommand } from '../actors/command.ts';
import type { Ask } from './mailbox.ts';
import type { Answer } from './settled.ts';
import { SYSTEM } from './state.ts';

/** Has whoever takes it carry a command of our own out. The answer comes when it is committed. */
export const askOf = (to: { submit(ask: Ask): void }, command: ShardCommand): Promise<Answer> =>
  new Promise((resolve) => {
    to.submit({
      ...{ command, caller: SYSTEM, n: 0, fingerprint: 0, acked: 0, decided: false },
      answer: resolve,
      fate: () => {},
    });
  });
