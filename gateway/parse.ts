import type { ShardCommand } from '../actors/command.ts';
import type { Refused } from '../actors/outcomes.ts';
import type { Defaults, Identity } from './auth.ts';
import { parseCommand } from './commands.ts';
import { isAct, isReadAct } from './document-schemas.ts';
import { parseAct, parseReadDocument } from './documents.ts';
import type { Fields } from './fields.ts';

/** ① Checks whatever came over an edge to be done: a step on stock, an act on a document, a read of either. */
export function parse(v: Fields, who: Identity, defaults: Defaults): ShardCommand | Refused {
  if (isAct(v.op)) return parseAct(v, who, defaults);
  if (isReadAct(v.op)) return parseReadDocument(v, who, defaults);
  return parseCommand(v, who, defaults);
}
