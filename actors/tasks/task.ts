import type { DocumentKind } from '../documents/commands.ts';
import type { OwnerId, SkuId, WarehouseId } from '../ids.ts';

/** What a scanner may be sent to do. */
export const TASK_KINDS = ['putaway', 'pick', 'count', 'replenish'] as const;
export type TaskKind = (typeof TASK_KINDS)[number];

/** One line of one document, or one pick place, that somebody has to walk for. A plain value. */
export interface Task {
  readonly id: string;
  readonly kind: TaskKind;
  readonly document: DocumentKind;
  /** '' of a place where a picker did not find all: it is counted in any count. */
  readonly doc: string;
  readonly line: string;
  readonly sku: SkuId;
  /** Base units, as many as can be done there; 0 where that is to be found out. */
  readonly qty: number;
  /** Where to go first; '' where that is not known. */
  readonly location: string;
  readonly batch: string;
  /** `replenish`: where it is brought; '' for others. */
  readonly to: string;
}

/** A task in a scanner's hands. */
export interface Lease {
  readonly task: Task;
  /** Epoch ms; afterwards it may be another's. */
  readonly untilMs: number;
  readonly leaseMs: number;
  /** What the scanner asked for, for the task after this one. */
  readonly kinds: readonly TaskKind[];
  /** Of the scanner's leases, from 1. */
  readonly number: number;
}

/** Asks for a task, more time for it, or gives it back. Whoever asks is the scanner. */
export interface TaskCommand {
  readonly op: 'task';
  readonly act: 'task.next' | 'task.extend' | 'task.give';
  readonly owner: OwnerId;
  readonly warehouse: WarehouseId;
  readonly kinds: readonly TaskKind[];
  /** Where the scanner stands; '' where it does not say. */
  readonly from: string;
  readonly leaseMs: number;
  /** The task that is meant; '' for `task.next`. */
  readonly task: string;
}

/** `pick 4 TEA at A-1, order O1 line 1`. */
export function wordsOf({ kind, qty, sku, location, document, doc, line, to }: Task): string {
  const units = qty === 0 ? sku : `${qty} ${sku}`;
  const where = location === '' ? '' : ` at ${location}`;
  if (kind === 'replenish') return `${kind} ${units}${where}, to ${to}`;
  if (doc === '') return `${kind} ${units}${where}, where some were not found`;
  return `${kind} ${units}${where}, ${document} ${doc} line ${line}`;
}
