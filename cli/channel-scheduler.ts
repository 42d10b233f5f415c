import { systemClock } from '../engine/clock.ts';
import type { RegionNode } from '../engine/node.ts';
import { HUB } from '../engine/regions.ts';
import {
  ChannelScheduler,
  type ChannelSchedulerContext,
} from '../oms/scheduling/channel-scheduler.ts';

/** Starts it at a node of the hub; elsewhere there is none. */
export function channelScheduler({
  node,
  ...context
}: Omit<ChannelSchedulerContext, 'isOurs' | 'clock'> & { readonly node: RegionNode }):
  | ChannelScheduler
  | undefined {
  const { selling } = node;
  if (selling?.region !== HUB) return undefined;
  const isOurs = (): boolean => selling.isServing;
  const scheduler = new ChannelScheduler({ ...context, isOurs, clock: systemClock });
  scheduler.start();
  return scheduler;
}
