import { Opened } from '../loadtest/opened.ts';
import { type Island, lacksIslands, makeIslands } from './islands.ts';
import type { RegionStackOptions } from './region-stack.ts';
import { type Cut, Relay } from './relay.ts';

/** What a link between a hub and its regions is made of. */
export type WayKind = 'namespaces' | 'relay';

/** The links between a hub and its regions on this machine, which can be cut and healed one by one. */
export interface Ways {
  readonly kind: WayKind;
  /** How links can break here. */
  readonly cuts: readonly Cut[];
  /** What a stack of regions is told, so that it uses them. */
  readonly options: Pick<RegionStackOptions, 'way' | 'placeOf' | 'leafHost'>;
  cut(region: string, how: Cut): Promise<void>;
  heal(region: string): Promise<void>;
  close(): Promise<void>;
}

/** Every region reaches the hub through a relay, on the loopback; `delayMs` is what it takes in either direction. */
export function relays(delayMs = 0): Ways {
  const all = new Map<string, Relay>();
  return {
    kind: 'relay',
    cuts: ['closed', 'silent'],
    options: {
      way: async (region, hub) => {
        const relay = await Relay.open(hub, delayMs);
        all.set(region, relay);
        return relay.address;
      },
    },
    cut: async (region, how) => theirs(all, region).cut(how),
    heal: async (region) => theirs(all, region).heal(),
    close: async () => {
      for (const relay of all.values()) relay.close();
    },
  };
}

/** Every region is in a network namespace of its own, with a wire to the hub that is taken down and put up. */
export async function namespaces(regions: readonly string[]): Promise<Ways> {
  const opened = new Opened();
  try {
    const { mainland, all } = await makeIslands(opened, regions.length);
    const islands = new Map(regions.map((region, i) => [region, all[i] as Island]));
    return {
      kind: 'namespaces',
      cuts: ['silent'],
      options: {
        leafHost: mainland,
        placeOf: (region) => {
          const { before, door } = theirs(islands, region);
          return { before, host: door };
        },
      },
      cut: (region) => theirs(islands, region).cut(),
      heal: (region) => theirs(islands, region).heal(),
      close: () => opened.close(),
    };
  } catch (e) {
    await opened.close();
    throw e;
  }
}

/** Namespaces where this machine allows them, else relays, and why. */
export async function waysFor(
  regions: readonly string[],
): Promise<{ readonly ways: Ways; readonly why?: string }> {
  const why = await lacksIslands();
  return why === undefined ? { ways: await namespaces(regions) } : { ways: relays(), why };
}

function theirs<T>(all: ReadonlyMap<string, T>, region: string): T {
  const its = all.get(region);
  if (its === undefined) throw new Error(`there is no region ${region} here`);
  return its;
}
