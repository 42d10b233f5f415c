import {
  type DocumentCommand,
  type DocumentKey,
  documentKey,
  NO_DOCUMENT_MORE,
} from '../documents/commands.ts';
import type { Documents } from '../documents/documents.ts';
import type { Look } from '../documents/plan.ts';
import type { TaskState } from '../documents/task.ts';
import { type Refused, refuse } from '../outcomes.ts';
import type { StockCommand } from '../stock/commands.ts';
import type { Floor } from './board.ts';
import { type Lease, type Task, type TaskCommand, type TaskKind, wordsOf } from './task.ts';

/** What a shard knows when it leads scanners. */
export interface Leading {
  readonly documents: Documents;
  readonly look: Look;
  readonly nowMs: number;
  /** The name of whoever asks. */
  readonly scanner: string;
}

/** What a {@link TaskCommand} makes of the scanner's document, or why nothing. */
export function led(c: TaskCommand, leading: Leading): DocumentCommand | Refused {
  if (c.act === 'task.next') return leadOn(c, c, leading) ?? refuse('no_task');
  const held = heldBy(c, c.task, leading);
  if ('ok' in held) return held;
  if (c.act === 'task.give') return command(c, leading, 'task.give', undefined);
  const { documents, nowMs } = leading;
  const { leases } = documents.get(keyOf(c, leading)) as TaskState;
  const untilMs = nowMs + c.leaseMs;
  const lease = { ...held, untilMs, leaseMs: c.leaseMs, number: leases + 1 };
  return command(c, leading, 'task.extend', lease);
}

interface Wanted {
  readonly kinds: readonly TaskKind[];
  readonly from: string;
  readonly leaseMs: number;
}

/** The task that the scanner has, or its next one; undefined where there is none. */
export function leadOn(
  floor: Floor,
  { kinds, from, leaseMs }: Wanted,
  leading: Leading,
): DocumentCommand | undefined {
  const { documents, look, nowMs } = leading;
  const scanner = keyOf(floor, leading);
  const {
    lease = null,
    leases = 0,
    given = '',
  } = (documents.get(scanner) ?? {}) as Partial<TaskState>;
  const wish = { ...floorOf(floor), kinds, from, scanner, except: given };
  const task = current(floor, lease, leading) ?? documents.board.choose(wish, look, nowMs);
  if (task === undefined) return undefined;
  const next = { task, untilMs: nowMs + leaseMs, leaseMs, kinds, number: leases + 1 };
  return command(floor, leading, 'task.next', next);
}

/** What is left of the task that a scanner has, if nobody else got it. */
function current(floor: Floor, lease: Lease | null, leading: Leading): Task | undefined {
  if (lease === null) return undefined;
  const { documents, look, nowMs } = leading;
  const { id } = lease.task;
  const isTaken = documents.board.isTaken(floor, id, keyOf(floor, leading), nowMs);
  return isTaken ? undefined : documents.board.task(floor, id, look);
}

/** The lease of that task, if this scanner has it: after its time too, until another gets it. */
function heldBy(floor: Floor, id: string, leading: Leading): Lease | Refused {
  const { documents, nowMs } = leading;
  const scanner = keyOf(floor, leading);
  const state = documents.get(scanner) as TaskState | undefined;
  const lease = state?.lease ?? null;
  if (lease === null) return refuse('not_the_task', 0, -1, 'you have none; ask for one');
  if (lease.task.id !== id) return refuse('not_the_task', 0, -1, wordsOf(lease.task));
  if (documents.board.isTaken(floor, id, scanner, nowMs)) {
    return refuse('not_the_task', 0, -1, 'another has it by now; ask for one');
  }
  return lease;
}

/** What may be a step of a task. */
export type Stepping = DocumentCommand | StockCommand;

/** Why a scan is not of the task that it names; undefined where it is. */
export function notTheTask(id: string, c: Stepping, leading: Leading): Refused | undefined {
  const lease = heldBy(c, id, leading);
  if ('ok' in lease) return lease;
  return isOf(lease.task, c) ? undefined : refuse('not_the_task', 0, -1, wordsOf(lease.task));
}

function isOf(task: Task, c: Stepping): boolean {
  if (c.op !== 'document') {
    const isIt = task.kind === 'replenish' && c.op === 'move' && c.sku === task.sku;
    return isIt && c.more.lot.location === task.location && c.more.to.location === task.to;
  }
  const isIts = task.doc === '' || c.doc === task.doc;
  if (!isIts || !actsOf(task).includes(c.act) || c.lines.length === 0) return false;
  return c.lines.every(
    ({ line, sku, lot }) =>
      (task.line === '' || line === task.line) &&
      (sku === '' || sku === task.sku) &&
      (task.location === '' || lot.location === undefined || lot.location === task.location),
  );
}

function actsOf({ kind, document }: Task): readonly string[] {
  if (kind === 'pick') return ['order.pick', 'order.short'];
  if (kind === 'count') return ['count.line'];
  if (kind === 'replenish') return [];
  return [document === 'order' ? 'order.putback' : `${document}.putaway`];
}

/** The scanner's next task once a scan is done, from where that was. */
export function leadAfter(c: Floor, leading: Leading): DocumentCommand | undefined {
  const state = leading.documents.get(keyOf(c, leading)) as TaskState;
  const { task, kinds, leaseMs } = state.lease as Lease;
  return leadOn(c, { kinds, leaseMs, from: task.location }, leading);
}

const keyOf = ({ owner, warehouse }: Floor, { scanner }: Leading): DocumentKey =>
  documentKey(owner, 'task', scanner, warehouse);

const floorOf = ({ owner, warehouse }: Floor): Floor => ({ owner, warehouse });

function command(
  floor: Floor,
  leading: Leading,
  act: TaskCommand['act'],
  lease: Lease | undefined,
): DocumentCommand {
  return {
    ...{ op: 'document', act, key: keyOf(floor, leading), doc: leading.scanner, lines: [] },
    ...{ ...floorOf(floor), step: '', reason: '', occurredAtMs: 0 },
    more: { ...NO_DOCUMENT_MORE, lease },
  };
}
