import { Packr, Unpackr } from 'msgpackr';
import type {
  HomeAct,
  PointAct,
  RightsChange,
  RightsOutcome,
  Sold,
} from '../actors/rights/acts.ts';
import type { Up } from '../actors/rights/lane.ts';

/** What an act made of rights, as it stands in a record: whose bytes few look at. */
export type ToldRights = Pick<RightsOutcome, 'rights' | 'sold'>;

const packr = new Packr({ useRecords: false });
const unpackr = new Unpackr({ useRecords: false });

export const packRights = ({ rights, sold }: ToldRights): Uint8Array =>
  packr.pack([
    rights.map(({ key, seq, point, event }) => [key, seq, point, event]),
    ...(sold === undefined ? [] : [sold]),
  ]);

export function unpackRights(bytes: Uint8Array): ToldRights {
  const [changes, sold] = unpackr.unpack(bytes) as [
    [RightsChange['key'], number, string, RightsChange['event']][],
    Sold | undefined,
  ];
  return { rights: changes.map(([key, seq, point, event]) => ({ key, seq, point, event })), sold };
}

/** Of a character of JSON, bytes at most; and of what an event says beyond its act. */
const CHARACTER = 4;
const EVENT = 512;
const LINE = 512;

/** Of what {@link packRights} gives of an act, bytes at most: told before it is decided. */
export function rightsBound(act: HomeAct | PointAct): number {
  if (act.act === 'sell') return saleBound(act);
  return EVENT + linesOf(act) * LINE + CHARACTER * JSON.stringify(act).length;
}

/** Told without writing it down: a sale is what is asked for most. Its order stands in the event and in the answer. */
function saleBound({ owner, order, lines }: Extract<PointAct, { act: 'sell' }>): number {
  let characters = owner.length + (1 + lines.length) * order.length;
  for (const { home, sku, pools } of lines) {
    characters += home.length + sku.length;
    for (const pool of pools) characters += 2 * pool.length;
  }
  return EVENT + lines.length * LINE + CHARACTER * characters;
}

const linesOf = (act: HomeAct | PointAct): number =>
  act.act === 'hear' && 'up' in act ? upLines(act.up) : 1;

const upLines = ({ lanes, log }: Up): number => lanes.length + log.length;
