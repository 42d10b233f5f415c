import { z } from 'zod';
import { TASK_KINDS } from '../actors/tasks/task.ts';
import { LIMITS } from '../engine/limits.ts';
import { Name, Text } from './field-schemas.ts';

/** Names a task, as it was told. */
export const TaskId = z.string().min(1).max(LIMITS.taskId);

/** What a scanner wants of the tasks there are. */
export const TaskCommand = z.object({
  op: z.enum(['task.next', 'task.extend', 'task.give']),
  owner: Name.optional(),
  warehouse: Name.optional(),
  /** `task.next`: what it may be, the first the soonest; left out: all. */
  kinds: z.array(z.enum(TASK_KINDS)).min(1).max(TASK_KINDS.length).optional(),
  /** `task.next`: where the scanner stands. */
  from: Text.optional(),
  /** The task is another's unless it is done, or extended, meanwhile. */
  leaseMs: z.int().min(1_000).max(LIMITS.longestTaskLeaseMs).optional(),
  /** `task.extend`, `task.give`: which one. */
  task: TaskId.optional(),
});

/** What a scanner was sent to do. */
export const Task = z.object({
  id: TaskId,
  kind: z.enum(TASK_KINDS),
  document: z.string(),
  doc: z.string(),
  line: z.string(),
  sku: Text,
  /** Base units; not there where that is to be found out. */
  qty: z.int().min(1).optional(),
  location: z.string().optional(),
  batch: z.string().optional(),
  /** `replenish`: where it is brought. */
  to: z.string().optional(),
  /** Milliseconds since 1970. */
  leasedUntil: z.int(),
});
