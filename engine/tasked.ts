import type { Indirect, ShardChange } from '../actors/command.ts';
import type { Refused } from '../actors/outcomes.ts';
import type { Stepping } from '../actors/tasks/lead.ts';
import { callerBound, LEASE_BOUND } from './bounds.ts';
import type { Caller } from './record.ts';
import type { Answer, Settled } from './settled.ts';
import type { ShardState } from './state.ts';
import type { Turn } from './turn.ts';

/** Whether a command is a step of a task, so that it is answered with the next one. */
const isTasked = (asked: ShardChange | Indirect): boolean =>
  asked.op === 'scan' && asked.task !== '';

/** Whether a command is about stock and no document, or is refused. */
export const isStockOnly = (command: ShardChange | Refused): boolean =>
  !('op' in command && command.op === 'document');

/** Bytes that the lease of the next task adds to a record at most. */
export const taskBound = (asked: ShardChange | Indirect, caller: Caller): number =>
  isTasked(asked) ? LEASE_BOUND + callerBound(caller) : 0;

/**
 * The answer with the scanner's next task, which is leased by an entry of its own beside what was
 * done. It is not remembered with the answer: whoever sends the number again asks for its task.
 */
export function withNext(
  turn: Turn,
  state: ShardState,
  caller: Caller,
  asked: ShardChange | Indirect,
  done: ShardChange | Refused,
  answer: Settled,
  atMs: number,
): Answer {
  if (!isTasked(asked) || !answer.ok) return answer;
  if (answer.kind !== 'done' && answer.kind !== 'document') return answer;
  const command = state.nextTask(done as Stepping, caller, atMs);
  const outcome = command && state.run(command, atMs);
  if (outcome === undefined || !outcome.ok) return answer;
  turn.record({ caller, n: 0, fingerprint: 0, all: false, outcome });
  const next = command?.more.lease;
  return next === undefined ? answer : { ...answer, next };
}
