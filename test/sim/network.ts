import type { Random } from './random.ts';
import type { Life, World } from './world.ts';

/** A process as others find it: the run that is up now, if one is. */
export interface Proc {
  readonly name: string;
  readonly life: Life | undefined;
}

/** What a link does with messages while it is cut. */
type Cut = 'drops' | 'holds';

const LOSS = 0.0005;
const REPEAT = 0.002;
const SPIKE = 0.01;

/** Messages between processes: late, lost, twice, in another order, or not at all while a link is cut. */
export class Network {
  readonly #world: World;
  readonly #random: Random;
  readonly #cuts = new Map<string, { how: Cut; held: (() => void)[] }>();
  readonly #slow = new Map<string, number>();
  #lossy = 0;

  constructor(world: World, random: Random) {
    this.#world = world;
    this.#random = random;
  }

  /** From `a` to `b` only. */
  cut(a: string, b: string, how: Cut): void {
    if (!this.#cuts.has(`${a}>${b}`)) this.#cuts.set(`${a}>${b}`, { how, held: [] });
  }

  mend(a: string, b: string): void {
    const cut = this.#cuts.get(`${a}>${b}`);
    this.#cuts.delete(`${a}>${b}`);
    for (const deliver of cut?.held ?? []) deliver();
  }

  mendAll(): void {
    for (const link of [...this.#cuts.keys()]) this.mend(...(link.split('>') as [string, string]));
    this.#lossy = 0;
    this.#slow.clear();
  }

  /** Share of all messages that are lost. */
  lose(share: number): void {
    this.#lossy = share;
  }

  /** Everything to this process takes so much longer, ms. */
  slow(name: string, byMs: number): void {
    if (byMs === 0) this.#slow.delete(name);
    else this.#slow.set(name, byMs);
  }

  send(from: Life, to: Proc, deliver: () => void): void {
    if (!from.mayAct()) return;
    const target = to.life;
    if (target === undefined || this.#random.chance(LOSS + this.#lossy)) return;
    const times = this.#random.chance(REPEAT) ? 2 : 1;
    for (let i = 0; i < times; i++) this.#carry(from.name, target, deliver);
  }

  #carry(from: string, target: Life, deliver: () => void): void {
    const cut = this.#cuts.get(`${from}>${target.name}`);
    const go = (): void => {
      this.#world.after(this.#delay(target.name), target, deliver);
    };
    if (cut === undefined) go();
    else if (cut.how === 'holds') cut.held.push(go);
  }

  #delay(to: string): number {
    const slow = (this.#slow.get(to) ?? 0) * this.#random.between(0.5, 1.5);
    if (this.#random.chance(SPIKE)) return slow + this.#random.between(5, 700);
    return slow + 0.1 - 0.4 * Math.log(1 - this.#random.next());
  }

  /** Asks and waits for the answer, which may be an error. Rejects when none has come in time. */
  call<T>(from: Life, to: Proc, timeoutMs: number, serve: () => T | Promise<T>): Promise<T> {
    return new Promise((resolve, reject) => {
      const cancel = this.#world.after(timeoutMs / from.skew.rate, from, () => {
        reject(new Error('timeout'));
      });
      this.send(from, to, () => void this.#serve(from, to, serve, cancel, resolve, reject));
    });
  }

  async #serve<T>(
    from: Life,
    to: Proc,
    serve: () => T | Promise<T>,
    cancel: () => void,
    resolve: (value: T) => void,
    reject: (e: unknown) => void,
  ): Promise<void> {
    const server = to.life as Life;
    const answer = (settle: () => void): void => {
      this.send(server, { name: from.name, life: from }, () => {
        cancel();
        settle();
      });
    };
    try {
      const value = await serve();
      answer(() => resolve(value));
    } catch (e) {
      answer(() => reject(e));
    }
  }
}
