import type { ShardChange } from '../actors/command.ts';
import type { Refused } from '../actors/outcomes.ts';
import type { Entry } from './record.ts';

/** Whether there is anything to record. An act on rights may have changed nothing. */
export const isNews = (outcome: Entry['outcome']): boolean =>
  outcome.ok && !('rights' in outcome && outcome.rights.length + outcome.changes.length === 0);

/**
 * Whether only the owner may say what came of a command that changed nothing. What a point
 * says of itself may be old; what home says may not be a predecessor's.
 */
export const isSaidByOwner = (command: ShardChange | Refused): boolean =>
  !('op' in command && command.op === 'rights' && command.at === 'point');
