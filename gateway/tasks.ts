import type { Refused } from '../actors/outcomes.ts';
import { TASK_KINDS, type TaskCommand } from '../actors/tasks/task.ts';
import { LIMITS } from '../engine/limits.ts';
import { type Defaults, type Identity, mayReach } from './auth.ts';
import { badField, placeOf } from './documents.ts';
import { type Fields, field } from './fields.ts';
import * as schemas from './task-schemas.ts';

/** ① Checks what a scanner wants of the tasks there are. */
export function parseTask(v: Fields, who: Identity, defaults: Defaults): TaskCommand | Refused {
  const parsed = schemas.TaskCommand.safeParse(v);
  if (!parsed.success) return badField(parsed.error);
  const { op, kinds = TASK_KINDS, from = '', task = '', ...said } = parsed.data;
  const place = placeOf(said, defaults);
  if ('ok' in place) return place;
  const forbidden = mayReach(who, place.owner, place.warehouse, op);
  if (forbidden !== undefined) return forbidden;
  if (op !== 'task.next' && task === '') return field('task', 'which one');
  const leaseMs = said.leaseMs ?? LIMITS.taskLeaseMs;
  return { op: 'task', act: op, ...place, kinds, from, leaseMs, task };
}
