import type { Refused } from '../outcomes.ts';
import type { StockCommand } from './commands.ts';

/** What is minded of some SKUs before stock decides: see the catalogue. */
export interface Fit {
  /** 0 where there is nothing to mind of any. */
  readonly size: number;
  /** The command with what could be filled in, or why it cannot be done like that. */
  fit(command: StockCommand): StockCommand | Refused;
}

export const ANYTHING: Fit = { size: 0, fit: (command) => command };
