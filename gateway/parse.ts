import type { WarehouseCommand } from '../actors/command.ts';
import type { Refused } from '../actors/outcomes.ts';
import type { Defaults, Identity } from './auth.ts';
import { parseCommand } from './commands.ts';
import { isAct, isReadAct } from './document-schemas.ts';
import { parseAct, parseReadDocument } from './documents.ts';
import type { Fields } from './fields.ts';
import { parseItem, parseReadItem } from './items.ts';
import { hasCode, isScanned, parseScan, parseScannedAct } from './scans.ts';
import { parseTask } from './tasks.ts';

/**
 * ① Checks whatever came over an edge to be done: a step on stock, an act on a document, a read of
 * either. The clock, epoch ms, says in which century a year of two digits is.
 */
export function parse(
  v: Fields,
  who: Identity,
  defaults: Defaults,
  clock: () => number = Date.now,
): WarehouseCommand | Refused {
  if (isAct(v.op)) {
    if (v.op === 'item.set') return parseItem(v, who, defaults);
    if (v.op === 'task.next' || v.op === 'task.extend' || v.op === 'task.give') {
      return parseTask(v, who, defaults);
    }
    const isScan = v.task !== undefined || hasCode(v.lines);
    return isScan ? parseScannedAct(v, who, defaults, clock()) : parseAct(v, who, defaults);
  }
  if (isReadAct(v.op)) {
    const isOfItem = v.op === 'item.read';
    return isOfItem ? parseReadItem(v, who, defaults) : parseReadDocument(v, who, defaults);
  }
  return isScanned(v) ? parseScan(v, who, defaults, clock()) : parseCommand(v, who, defaults);
}
