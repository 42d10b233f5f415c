import type { ShardRead } from '../actors/command.ts';
import { availableOf } from '../actors/documents/available.ts';
import { refuse } from '../actors/outcomes.ts';
import type { ReadCommand } from '../actors/stock/commands.ts';
import { openHold } from '../actors/stock/state.ts';
import { type Answer, holdView } from './settled.ts';
import type { ShardState } from './state.ts';

/** What a read is told of the state as it is. */
export function see(state: ShardState, command: ShardRead): Answer {
  if (command.op === 'read') return seeStock(state, command);
  const document = state.documents.get(command.key);
  if (document === undefined) return refuse('unknown_document');
  const available = availableOf(document, (key) => state.stockroom.get(key));
  return { ok: true, kind: 'seenDocument', document, ...(available && { available }) };
}

function seeStock({ stockroom }: ShardState, command: ReadCommand): Answer {
  const actor = stockroom.read(command);
  if ('ok' in actor) return actor;
  const hold = command.hold === '' ? undefined : openHold(actor, command.hold);
  if (command.hold !== '' && hold === undefined) return refuse('unknown_hold');
  return {
    ok: true,
    kind: 'seen',
    seq: actor.seq,
    after: actor.b.slice(),
    hold: hold && holdView(hold),
  };
}
