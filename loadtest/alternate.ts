import { setTimeout as sleep } from 'node:timers/promises';
import type { Opened } from './opened.ts';
import type { Process } from './processes.ts';

/** One of several that are compared. It has been started and has what it needs. */
export interface Entrant<Sample> {
  /** Until compiled code and connections are as they will be. */
  warmUp(): Promise<unknown>;
  round(): Promise<Sample>;
  /** Throws if what was measured is not what really happened. */
  verify(): Promise<void>;
  /** Who works for it, where rounds do not tell. */
  readonly processes?: readonly Process[];
}

/** Undefined where the peer is not on this machine. */
export type Opener<Sample> = (opened: Opened) => Promise<Entrant<Sample> | undefined>;

/** After each turn, so that work left over from one is not charged to the next. */
const PAUSE_MS = 200;

/**
 * Opens all, then lets them take turns, so that a machine which is busy for a
 * while is so for all of them. Closes what it opened.
 * @returns the samples of each, none where the peer is not there
 */
export async function alternate<Name extends string, Sample>(
  openers: Readonly<Partial<Record<Name, Opener<Sample>>>>,
  rounds: number,
  opened: Opened,
  say: (line: string) => void,
): Promise<Partial<Record<Name, Sample[]>>> {
  if (Object.keys(openers).length === 0) return {};
  const entrants: { name: Name; entrant: Entrant<Sample>; samples: Sample[] }[] = [];
  try {
    for (const [name, open] of Object.entries(openers) as [Name, Opener<Sample>][]) {
      const entrant = await open(opened);
      if (entrant === undefined) say(`${name}: not on this machine`);
      else entrants.push({ name, entrant, samples: [] });
    }
    for (const { entrant } of entrants) await entrant.warmUp();
    for (let round = 1; round <= rounds; round++) {
      say(`${entrants.map((e) => e.name).join(', ')}: round ${round} of ${rounds}`);
      for (const { entrant, samples } of entrants) {
        await sleep(PAUSE_MS);
        samples.push(await entrant.round());
      }
    }
    for (const { entrant } of entrants) await entrant.verify();
  } finally {
    await opened.close();
  }
  const samples: Partial<Record<Name, Sample[]>> = {};
  for (const e of entrants) samples[e.name] = e.samples;
  return samples;
}

/** Opens once, for several sides that are measured on the same one. */
export function shared<Thing>(
  open: (opened: Opened) => Promise<Thing>,
): (opened: Opened) => Promise<Thing> {
  let thing: Promise<Thing> | undefined;
  return (opened) => {
    thing ??= open(opened);
    return thing;
  };
}
