import type { OwnerId, WarehouseId } from '../ids.ts';
import type { AdjustmentState } from './adjustment.ts';
import type { BatchState } from './batch.ts';
import type { BundleState } from './bundle.ts';
import type { DocumentKind } from './commands.ts';
import type { CountState } from './count.ts';
import type { InboundState } from './inbound.ts';
import type { InspectionState } from './inspection.ts';
import type { ItemState } from './item.ts';
import type { OrderState } from './order.ts';
import type { OwnershipState } from './ownership.ts';
import type { PoolState } from './pool.ts';
import type { SupplierReturnState } from './supplier-return.ts';
import type { TaskState } from './task.ts';
import type { TransferState } from './transfer.ts';

/** What every document has. A state is never changed: an event makes a new one. */
export interface Head<K extends DocumentKind, S extends string> {
  readonly kind: K;
  readonly id: string;
  readonly owner: OwnerId;
  readonly warehouse: WarehouseId;
  readonly status: S;
  /** Events applied so far. */
  readonly seq: number;
  /** Names of the acts done, the newest {@link STEPS_KEPT}. */
  readonly steps: readonly string[];
  /** Fingerprint of what it was opened with, by which a second opening is known. */
  readonly content: string;
  /** Record time, epoch ms; `endedAtMs` 0 while there is something left to do. */
  readonly openedAtMs: number;
  readonly endedAtMs: number;
}

export const STEPS_KEPT = 64;

/** What every line has; `line` names it within its document. */
export interface LineHead {
  readonly line: string;
}

export type DocumentState =
  | AdjustmentState
  | BatchState
  | BundleState
  | CountState
  | InboundState
  | InspectionState
  | ItemState
  | OrderState
  | OwnershipState
  | PoolState
  | SupplierReturnState
  | TaskState
  | TransferState;
