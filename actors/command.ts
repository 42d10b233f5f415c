import type { ScanCommand } from './catalogue/scan.ts';
import type { DocumentCommand, DocumentKey } from './documents/commands.ts';
import type { OwnerId, WarehouseId } from './ids.ts';
import type { RightsCommand } from './rights/acts.ts';
import type { ChangeCommand, ReadCommand } from './stock/commands.ts';
import type { TaskCommand } from './tasks/task.ts';

/** Asks what a document is like; changes nothing. `strict` as in a read of stock. */
export interface ReadDocument {
  readonly op: 'readDocument';
  readonly key: DocumentKey;
  readonly owner: OwnerId;
  readonly warehouse: WarehouseId;
  readonly strict: boolean;
}

/** What a shard may be asked to change. */
export type ShardChange = ChangeCommand | DocumentCommand | RightsCommand;
/** What a shard may be asked to tell. */
export type ShardRead = ReadCommand | ReadDocument;
/** What says by itself what is to be changed or told. */
export type DirectCommand = ShardChange | ShardRead;
/** Whatever a shard may be asked. */
export type ShardCommand = DirectCommand | Indirect;
/** What callers ask of a warehouse: all but rights, which are asked of a shard by its number. */
export type WarehouseCommand = Exclude<ShardCommand, RightsCommand>;

/** What a shard has to look at its state for to know what is to be changed. */
export type Indirect = ScanCommand | TaskCommand;

export const isRights = (command: ShardCommand): command is RightsCommand =>
  command.op === 'rights';

export const isIndirect = (command: ShardChange | Indirect): command is Indirect =>
  command.op === 'scan' || command.op === 'task';

export const isRead = <C extends ShardCommand>(command: C): command is C & ShardRead =>
  command.op === 'read' || command.op === 'readDocument';
