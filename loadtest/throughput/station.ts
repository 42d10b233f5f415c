import type { Entrant } from '../alternate.ts';
import { Child } from '../child.ts';
import type { Opened } from '../opened.ts';
import { type CpuSeconds, cpuOf, type Process, residentOf, settled, spent } from '../processes.ts';
import { perSecond } from '../stats.ts';
import { ROUND_LIMIT_MS } from './drive.ts';
import type { Order, Peer, Report } from './driver.ts';
import type { Load } from './lane.ts';
import { connectionsOf, framesOf, warmUpFrames } from './shape.ts';

const DRIVER = new URL('./driver.js', import.meta.url);

/** A deep frame is no way to meet a server whose code is not compiled yet. */
const WARM_DEPTH = 128;
const WARM_FRAMES = 30;

/** Commands of one turn of filling: prepared frames take memory. */
const FILL_COMMANDS = 200_000;

/** A started peer: where it is reached, who works for it, and how its stock is held against us. */
export interface Server {
  readonly peer: Peer;
  readonly processes: readonly Process[];
  /** Throws unless exactly so many reservations are in its books. */
  readonly verify: (acknowledged: number) => Promise<void>;
}

/** One round of one side. */
export interface Rate {
  readonly commands: number;
  readonly perSecond: number;
  /** Of one frame, from sent to answered. */
  readonly p50Us: number;
  readonly p99Us: number;
  /** Until nothing was left to do: what is written later, such as history, is in it. */
  readonly cpu: CpuSeconds;
  /** Bytes, after the round. */
  readonly resident: Readonly<Record<string, number | null>>;
  /** What else this side can tell, by name and unit. */
  readonly more?: Readonly<Record<string, number>>;
}

/** A server and its driver, for any number of loads in turn. */
export class Station {
  readonly #driver: Child<Order, Report>;
  readonly #server: Server;
  readonly #processes: readonly Process[];
  #acknowledged = 0;
  #verified: Promise<void> | undefined;

  private constructor(driver: Child<Order, Report>, pid: number, server: Server) {
    this.#driver = driver;
    this.#server = server;
    this.#processes = [...server.processes, { name: 'driver', pid }];
  }

  static async open(server: Server, opened: Opened): Promise<Station> {
    const { child, ready: pid } = await Child.start<number, Order, Report>(DRIVER, opened);
    await child.ask({ kind: 'open', peer: server.peer }, ROUND_LIMIT_MS);
    return new Station(child, pid, server);
  }

  /** One load as a side of a comparison. */
  entrant(load: Load): Entrant<Rate> {
    let frames = warmUpFrames(load);
    return {
      warmUp: async () => {
        if (load.depth > WARM_DEPTH) await this.#run(WARM_FRAMES, { ...load, depth: WARM_DEPTH });
        await this.#run(frames, load); // compiles, and so says little of the rate
        const { perSecond } = await this.#run(frames, load);
        frames = framesOf(load, perSecond);
      },
      round: () => this.#run(frames, load),
      verify: () => {
        this.#verified ??= this.#server.verify(this.#acknowledged);
        return this.#verified;
      },
    };
  }

  /** Leaves so many frames of each connection behind, before anything is measured. */
  async fill(frames: number, load: Load): Promise<void> {
    const each = Math.max(1, Math.floor(FILL_COMMANDS / (connectionsOf(load) * load.depth)));
    for (let left = frames; left > 0; left -= each) await this.#run(Math.min(each, left), load);
  }

  resident(): Rate['resident'] {
    return residentOf(this.#processes);
  }

  async #run(frames: number, load: Load): Promise<Rate> {
    await this.#driver.ask({ kind: 'prepare', frames, load }, ROUND_LIMIT_MS);
    const before = cpuOf(this.#processes);
    const { ms, p50Us, p99Us, again } = await this.#driver.ask({ kind: 'go' }, 2 * ROUND_LIMIT_MS);
    await settled(this.#processes);
    const cpu = spent(before, cpuOf(this.#processes));
    const commands = connectionsOf(load) * frames * load.depth;
    if (load.ends !== true) this.#acknowledged += commands;
    const rate = perSecond(commands, ms);
    const more = again === 0 ? {} : { more: { 'frames sent again': again } };
    return { commands, perSecond: rate, p50Us, p99Us, cpu, resident: this.resident(), ...more };
  }
}
