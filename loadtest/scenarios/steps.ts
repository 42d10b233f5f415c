import type { StockMessage } from '../../client/messages.ts';

export type StepOp =
  | 'receive'
  | 'adjust'
  | 'reserve'
  | 'pick'
  | 'pack'
  | 'ship'
  | 'cancel'
  | 'putback';

/** One scan. */
export interface Step extends StockMessage {
  op: StepOp;
  warehouse: string;
}
