import { refuse } from '../outcomes.ts';
import type { Lease } from '../tasks/task.ts';
import { headOf, type Machine, moved } from './plan.ts';
import type { Head } from './states.ts';

/** What one scanner has been sent to do. Its number is the scanner's name. */
export interface TaskState extends Head<'task', 'leased' | 'free'> {
  readonly lease: Lease | null;
  /** Leases so far. */
  readonly leases: number;
  /** The task that it gave back last; '' for none. */
  readonly given: string;
  readonly lines: readonly never[];
}

export const task: Machine<TaskState> = {
  opens: ['task.next'],
  isReplaced: true,
  statusOf: ({ lease }) => (lease === null ? 'free' : 'leased'),
  isEnded: () => false,
  plan(state, c, _look, nowMs) {
    const { lease } = c.more;
    if (c.act === 'task.give') {
      const before = state as TaskState;
      return moved({ ...before, lease: null, given: before.lease?.task.id ?? '' });
    }
    if (lease === undefined) return refuse('bad_field', 0, -1, 'lease: of which task');
    const before = state ?? { ...headOf('task', 'leased', c, nowMs), given: '' };
    return moved({ ...before, lease, leases: lease.number, lines: [] });
  },
};
