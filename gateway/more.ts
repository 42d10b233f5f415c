import { isQty } from '../actors/ids.ts';
import type { Refused } from '../actors/outcomes.ts';
import {
  BLOCK_REASONS,
  type BlockReason,
  type More,
  NO_MORE,
  PICK_POLICIES,
  type PickPolicy,
  QUALITIES,
  type Quality,
  type QualityName,
} from '../actors/stock/commands.ts';
import { type Fields, field, qualityOf, wholeOf } from './fields.ts';
import {
  badLots,
  DATE_FIELDS,
  datesOf,
  LOT_FIELDS,
  lotOf,
  namesUnits,
  serialsOf,
  TO_FIELDS,
  toOf,
} from './lots.ts';
import type { Shape } from './shapes.ts';

/** Fields that few commands have, in the order in which they are checked. */
export const MORE_FIELDS = [
  ...(['toQuality', 'why', 'arrived', 'level', 'untilPutaway', 'useSafety'] as const),
  ...LOT_FIELDS,
  ...TO_FIELDS,
  ...(['serials'] as const),
  ...DATE_FIELDS,
  ...(['policy', 'backorder'] as const),
] as const;

const NAMES: ReadonlySet<string> = new Set(MORE_FIELDS);

/** The first of these fields that a message has; most have none, so this comes before any check. */
export function moreField(v: Fields): string | undefined {
  for (const name in v) if (NAMES.has(name)) return name;
  return undefined;
}

/** What few commands say: missing, or wrong even if this op does not use it. */
export function badMore(v: Fields, needs: Shape): Refused | undefined {
  return badQualities(v, needs) ?? badUse(v, needs) ?? badLots(v, needs) ?? badChoice(v);
}

function badQualities(v: Fields, needs: Shape): Refused | undefined {
  const { toQuality, why } = v;
  if (
    (needs.toQuality || toQuality !== undefined) &&
    !QUALITIES.includes(toQuality as QualityName)
  ) {
    return field('toQuality', `one of ${QUALITIES.join(', ')}`);
  }
  if (needs.toQuality && qualityOf(toQuality) === qualityOf(v.quality)) {
    return field('toQuality', 'another than quality');
  }
  if ((needs.why || why !== undefined) && !BLOCK_REASONS.includes(why as BlockReason)) {
    return field('why', `one of ${BLOCK_REASONS.join(', ')}`);
  }
  return undefined;
}

function badUse(v: Fields, needs: Shape): Refused | undefined {
  const { arrived, level } = v;
  if (arrived !== undefined && !isQty(arrived))
    return field('arrived', 'units that were announced');
  if (arrived !== undefined && isQty(v.qty) && arrived > v.qty) {
    return field('arrived', 'no more than qty');
  }
  if ((needs.level || level !== undefined) && level !== 0 && !isQty(level)) {
    return field('level', 'base units, 0 for none');
  }
  return notBoolean(v, 'untilPutaway') ?? notBoolean(v, 'useSafety');
}

/** How units are chosen, and what happens where there are none. */
function badChoice(v: Fields): Refused | undefined {
  const { policy, backorder } = v;
  if (policy !== undefined && !PICK_POLICIES.includes(policy as PickPolicy)) {
    return field('policy', `one of ${PICK_POLICIES.join(', ')}`);
  }
  const bad = notBoolean(v, 'backorder');
  if (bad !== undefined || backorder !== true) return bad;
  if (v.partial === true) return field('backorder', 'not together with partial');
  return namesUnits(v) ? field('backorder', 'not for units that are named') : undefined;
}

const notBoolean = (v: Fields, name: string): Refused | undefined =>
  v[name] === undefined || typeof v[name] === 'boolean' ? undefined : field(name, 'true or false');

/** {@link NO_MORE} itself where nothing differs from it. */
export function moreOf(v: Fields): More {
  const more: More = {
    toQuality: qualityOf(v.toQuality) as Quality,
    arrived: wholeOf(v.arrived),
    untilPutaway: v.untilPutaway === true,
    useSafety: v.useSafety === true,
    why: (v.why as BlockReason | undefined) ?? NO_MORE.why,
    backorder: v.backorder === true,
    lot: lotOf(v),
    to: toOf(v),
    serials: serialsOf(v),
    policy: (v.policy as PickPolicy | undefined) ?? NO_MORE.policy,
    fromHold: NO_MORE.fromHold,
    ...{ presale: 0, oversell: 0 },
    dates: datesOf(v),
  };
  const names = Object.keys(NO_MORE) as (keyof More)[];
  return names.every((name) => more[name] === NO_MORE[name]) ? NO_MORE : more;
}
