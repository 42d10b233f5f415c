import type { RightsChange } from '../actors/rights/acts.ts';
import type { Change } from '../actors/stock/stockroom.ts';
import type { Clock } from './clock.ts';
import type { CommitContext } from './commit.ts';
import type { Errand } from './courier.ts';
import type { Lease } from './lease.ts';
import type { SnapshotDuty } from './snapshots/duty.ts';

/** What a shard is given to work with. */
export interface ShardContext {
  readonly shard: number;
  readonly commit: CommitContext;
  readonly clock: Clock;
  readonly lease: Lease;
  readonly snapshots: SnapshotDuty;
  /** Whether anybody wants to hear of changes that are decided now. */
  readonly isHeard: () => boolean;
  /** Those of them that are committed, in order. */
  readonly onCommitted: (changes: readonly Change[]) => void;
  /** What documents have to tell elsewhere, now that it is committed. */
  readonly onErrand: (errand: Errand) => void;
  /** What became of rights, in order, now that it is committed: there is something to say elsewhere. */
  readonly onRights: (changes: readonly RightsChange[]) => void;
  readonly onTurn: (turn: { readonly commands: number; readonly bytes: number }) => void;
}
