import type { Refused } from '../actors/outcomes.ts';
import type { ChannelId } from '../actors/rights/plan.ts';
import { field } from './fields.ts';

const NO_CHANNELS = 'left out, since the rules of this owner name no channels';

/** Of an order that names a channel: one of those of the rules. */
export function wrongChannel(
  channel: ChannelId | undefined,
  channelsOf: () => readonly ChannelId[],
): Refused | undefined {
  if (channel === undefined) return undefined;
  const channels = channelsOf();
  if (channels.includes(channel)) return undefined;
  return field('channel', channels.length === 0 ? NO_CHANNELS : `one of ${channels.join(', ')}`);
}
