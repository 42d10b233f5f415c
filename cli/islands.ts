import { networkInterfaces } from 'node:os';
import type { Opened } from '../loadtest/opened.ts';
import { lacks, run } from './machine.ts';

/** How to run a program in a network namespace, before its own words. */
export type Before = readonly string[];

/**
 * A network namespace with two wires: `link`, that can be cut, and `door`, that cannot. A cut wire
 * loses packets and says nothing.
 */
export class Island {
  readonly before: Before;
  /** Its addresses on the two wires. */
  readonly link: string;
  readonly door: string;
  readonly #wire: string;

  constructor(name: string, wire: string, link: string, door: string) {
    this.before = ['ip', 'netns', 'exec', name];
    this.#wire = wire;
    this.link = link;
    this.door = door;
  }

  async cut(): Promise<void> {
    await run('ip', 'link', 'set', this.#wire, 'down');
  }

  async heal(): Promise<void> {
    await run('ip', 'link', 'set', this.#wire, 'up');
  }
}

/** Network namespaces around this one, which has an address on either kind of wire. */
export interface Islands {
  /** This side's address on the wires that can be cut. */
  readonly mainland: string;
  readonly all: readonly Island[];
}

/** Why there can be none here. */
export async function lacksIslands(): Promise<string | undefined> {
  const why = await lacks('ip');
  if (why !== undefined) return why;
  const name = `hf-${process.pid}-try`;
  try {
    await run('ip', 'netns', 'add', name);
    await run('ip', 'netns', 'del', name);
    return undefined;
  } catch {
    return 'needs the right to make network namespaces';
  }
}

/** Makes so many, all of which goes with `opened`. */
export async function makeIslands(opened: Opened, count: number): Promise<Islands> {
  const [links, doors] = freeNets();
  const link = { bridge: `hfa${process.pid}`, net: links };
  const door = { bridge: `hfb${process.pid}`, net: doors };
  await addBridge(opened, link);
  await addBridge(opened, door);
  const all: Island[] = [];
  for (let i = 0; i < count; i++) {
    const name = `hf-${process.pid}-${i}`;
    const wire = `hfn${i}x${process.pid}`;
    await run('ip', 'netns', 'add', name);
    opened.add(() => run('ip', 'netns', 'del', name));
    await run('ip', 'netns', 'exec', name, 'ip', 'link', 'set', 'lo', 'up');
    const island = new Island(name, wire, `${links}.${i + 2}`, `${doors}.${i + 2}`);
    await addWire(opened, name, link, wire, island.link);
    await addWire(opened, name, door, `hfd${i}x${process.pid}`, island.door);
    all.push(island);
  }
  return { mainland: `${links}.1`, all };
}

/** Where wires end on this side. It stays up when a wire does not, and so does this side's address. */
interface Bridge {
  readonly bridge: string;
  /** The first three parts of its addresses. */
  readonly net: string;
}

async function addBridge(opened: Opened, { bridge, net }: Bridge): Promise<void> {
  await run('ip', 'link', 'add', bridge, 'type', 'bridge');
  opened.add(() => run('ip', 'link', 'del', bridge));
  await run('ip', 'addr', 'add', `${net}.1/24`, 'dev', bridge);
  await run('ip', 'link', 'set', bridge, 'up');
}

async function addWire(
  opened: Opened,
  namespace: string,
  { bridge }: Bridge,
  wire: string,
  address: string,
): Promise<void> {
  const inside = (...args: readonly string[]): Promise<unknown> =>
    run('ip', 'netns', 'exec', namespace, 'ip', ...args);
  await run('ip', 'link', 'add', wire, 'type', 'veth', 'peer', 'name', `${wire}i`);
  opened.add(() => run('ip', 'link', 'del', wire));
  await run('ip', 'link', 'set', wire, 'master', bridge);
  await run('ip', 'link', 'set', `${wire}i`, 'netns', namespace);
  await inside('addr', 'add', `${address}/24`, 'dev', `${wire}i`);
  await inside('link', 'set', `${wire}i`, 'up');
  await run('ip', 'link', 'set', wire, 'up');
}

/** Two private networks that this machine does not use. */
function freeNets(): readonly [string, string] {
  const used = Object.values(networkInterfaces()).flatMap((all) => all ?? []);
  const isUsed = (net: string): boolean =>
    used.some(({ address }) => address.startsWith(`${net}.`));
  for (let i = 77; i < 255; i += 2) {
    const nets = [`10.213.${i}`, `10.213.${i + 1}`] as const;
    if (!nets.some(isUsed)) return nets;
  }
  throw new Error('all networks from 10.213.77 on are in use');
}
