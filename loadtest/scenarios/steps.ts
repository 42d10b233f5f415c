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

/** Units that an acknowledged step changes in two accounts. */
export const EFFECT: Readonly<Record<StepOp, readonly [onHand: number, allocated: number]>> = {
  receive: [1, 0],
  adjust: [1, 0],
  reserve: [0, 1],
  pick: [0, 0],
  pack: [0, 0],
  ship: [-1, -1],
  cancel: [0, -1],
  putback: [0, 0],
};
