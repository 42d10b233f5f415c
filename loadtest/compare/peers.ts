import { alternate } from '../alternate.ts';
import type { Opened } from '../opened.ts';
import { millionInRoom } from '../size/decisions.ts';
import { millionInNode } from '../size/node.ts';
import type { Rate } from '../throughput/station.ts';
import { type GroupName, groupsOf } from './groups.ts';
import { loadNow, machine, versions } from './machine.ts';
import { type Million, type Report, ratioReports, sideReports } from './report.ts';

export interface PeersSettings {
  /** In the order in which they are measured. */
  readonly groups: readonly GroupName[];
  readonly rounds: number;
  /** Path of its binary. */
  readonly tigerbeetle: string | undefined;
  readonly opened: Opened;
  /** Progress, for a person. */
  readonly say: (line: string) => void;
}

/** Measures Holdfast and its peers side by side, one group after another. */
export async function peers(settings: PeersSettings): Promise<Report> {
  const { rounds, tigerbeetle, opened, say } = settings;
  const before = loadNow();
  const groups = settings.groups.flatMap((name) => groupsOf(tigerbeetle)[name] ?? []);
  const sides = groups.flatMap((group) => group.sides);
  const measured: Record<string, readonly Rate[]> = {};
  for (const { name, sides } of groups) {
    say(name);
    const openers = Object.fromEntries(sides.map((side) => [side.name, side.open]));
    Object.assign(measured, await alternate<string, Rate>(openers, rounds, opened, say));
  }
  return {
    date: new Date().toISOString().slice(0, 10),
    rounds,
    machine: machine(),
    load: { before, after: loadNow() },
    versions: await versions(tigerbeetle),
    sides: sideReports(sides, measured),
    ratios: ratioReports(sides, measured),
    million: settings.groups.includes('memory') ? await million(opened, say) : null,
  };
}

async function million(opened: Opened, say: (line: string) => void): Promise<Million> {
  say('memory: a million actors with a hold each, alone');
  const { heapBytes, residentBytes } = await millionInRoom(opened);
  say('memory: the same in a node');
  const nodeResidentBytes = await millionInNode(opened);
  return { roomHeapBytes: heapBytes, roomResidentBytes: residentBytes, nodeResidentBytes };
}
