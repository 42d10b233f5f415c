import { apportion } from './apportion.ts';
import { type Finding, pathOf, read, sorted } from './read.ts';
import { type Allocation, DEFAULT_ROUTING, type Part, type Rules, type Scope } from './schema.ts';
import { fitsWarehouse } from './scope.ts';
import { isOrdered } from './spans.ts';

/** What is wrong, and what a person should do. */
export type Problem = Pick<Finding, 'path' | 'what' | 'todo'>;
/** What was wrong after a merge, and what holds until a person has edited it. */
export type Settlement = Finding;

export interface Settled {
  readonly rules: Rules;
  readonly settled: readonly Settlement[];
}

/** Hundredths of a hundredth: what percents are counted in. */
const STEPS = 10_000;

/**
 * Makes any document valid, in a stated way: edits that were valid each for itself may not be together. It is a view, the same
 * on every replica that has the same document; the document stays as it is until a person edits it.
 */
export function settle(raw: unknown): Settled {
  const { rules, found } = read(raw);
  const settling = new Settling(rules, found);
  settling.run();
  return { rules, settled: found };
}

/** All that is wrong with a document. */
export const check = (raw: unknown): Problem[] =>
  settle(raw).settled.map(({ path, what, todo }) => ({ path, what, todo }));

/** Settles rules in place. */
class Settling {
  readonly #rules: Rules;
  readonly #found: Finding[];

  constructor(rules: Rules, found: Finding[]) {
    this.#rules = rules;
    this.#found = found;
  }

  run(): void {
    const { allocations, promotions, presale, oversell, safety, buffers } = this.#rules;
    for (const [section, map] of Object.entries({ allocations, promotions, presale, oversell })) {
      this.#windows(section, map);
    }
    const scoped = { allocations, promotions, presale, oversell, safety, buffers };
    for (const [section, map] of Object.entries(scoped)) {
      for (const [id, rule] of sorted<Scope>(map)) this.#warehouses([section, id], rule);
    }
    for (const [id, allocation] of sorted(allocations)) this.#parts(id, allocation);
    for (const [section, map] of Object.entries({ promotions, presale, oversell })) {
      this.#channels(section, map);
    }
    for (const [id, buffer] of sorted(buffers)) this.#buffer(id, buffer);
    this.#routing();
  }

  #windows(
    section: string,
    map: Record<string, { window?: { from: string; until: string } | undefined }>,
  ) {
    for (const [id, { window }] of sorted(map)) {
      if (window === undefined || isOrdered(window)) continue;
      delete map[id];
      const what = `ends (${window.until}) before it begins (${window.from})`;
      this.#say([section, id, 'window'], what, 'set from and until', OFF);
    }
  }

  #warehouses(names: readonly string[], rule: Scope): void {
    if (rule.warehouses === '*') return;
    const todo = 'add it to the warehouses, or take it out here';
    const done = 'the rule holds for the others';
    const isThere = (id: string): boolean => Object.hasOwn(this.#rules.warehouses, id);
    this.#keep([...names, 'warehouses'], rule.warehouses, isThere, 'warehouse', todo, done);
  }

  #channels(
    section: string,
    map: Record<string, { channels?: '*' | Record<string, true> | undefined }>,
  ) {
    for (const [id, { channels }] of sorted(map)) {
      if (channels === undefined || channels === '*') continue;
      const names = [section, id, 'channels'];
      const todo = 'add it to the channels, or take it out here';
      this.#keep(names, channels, this.#isChannel, 'channel', todo, 'it is left out');
      if (Object.keys(channels).length > 0) continue;
      delete map[id];
      this.#say(names, 'names no channel that there is', 'name one, or leave channels out', OFF);
    }
  }

  #parts(id: string, allocation: Allocation): void {
    const { parts } = allocation;
    const todo = 'add it to the channels, or delete the part';
    const done = 'the part is left out; its goods are shared';
    this.#keep(['allocations', id, 'parts'], parts, this.#isChannel, 'channel', todo, done);
    for (const [channel, part] of sorted(parts))
      this.#one(['allocations', id, 'parts', channel], parts, part);
    this.#percents(id, parts);
  }

  /** Of what a part says twice, that holds which is surest: units, then a minimum, then percents. */
  #one(names: readonly string[], parts: Record<string, Part>, part: Part): void {
    const said = WAYS.filter((way) => part[way] !== undefined);
    const [first] = said;
    if (said.length === 1) return;
    const todo = `give one of ${WAYS.join(', ')}`;
    if (first === undefined) {
      delete parts[names.at(-1) as string];
      this.#say(
        names,
        'says nothing of how much',
        todo,
        'the part is left out; its goods are shared',
      );
      return;
    }
    for (const way of said.slice(1)) delete part[way];
    this.#say(names, `has ${said.join(' and ')}`, todo, `${first} holds`);
  }

  #percents(id: string, parts: Record<string, Part>): void {
    const shares = sorted(parts).flatMap(([, part]) => (part.percent === undefined ? [] : [part]));
    const percents = shares.map((part) => Math.round((part.percent as number) * STEPS));
    const sum = percents.reduce((all, one) => all + one, 0);
    if (sum <= 100 * STEPS) return;
    const scaled = scaledDown(percents);
    for (const [i, part] of shares.entries()) part.percent = (scaled[i] as number) / STEPS;
    const what = `are ${sum / STEPS} % together`;
    this.#say(
      ['allocations', id, 'parts'],
      what,
      'make them 100 % at most',
      'they are scaled down in proportion',
    );
  }

  #buffer(id: string, buffer: Scope): void {
    const declared = sorted(this.#rules.warehouses);
    const isIn = declared.some(([name, { country }]) => fitsWarehouse(buffer, name, country));
    if (isIn) return;
    delete this.#rules.buffers[id];
    const todo = 'add the warehouses over which it is split';
    this.#say(['buffers', id], 'is for none of the warehouses', todo, 'nothing is kept back by it');
  }

  #routing(): void {
    const { routing } = this.#rules;
    if (Object.values(routing.weights).some((weight) => weight > 0)) return;
    routing.weights = { ...DEFAULT_ROUTING.weights };
    const what = 'are all 0, so there is nothing to choose by';
    this.#say(['routing', 'weights'], what, 'set one above 0', 'the usual weights hold');
  }

  readonly #isChannel = (id: string): boolean => Object.hasOwn(this.#rules.channels, id);

  /** Takes out what is not there. */
  #keep(
    names: readonly string[],
    map: Record<string, unknown>,
    isThere: (id: string) => boolean,
    kind: string,
    todo: string,
    done: string,
  ): void {
    for (const [id] of sorted(map)) {
      if (isThere(id)) continue;
      delete map[id];
      this.#say([...names, id], `names a ${kind} that is not there`, todo, done);
    }
  }

  #say(names: readonly string[], what: string, todo: string, done: string): void {
    this.#found.push({ path: pathOf(...names), what, todo, done });
  }
}

/** To 100 % together; none to nothing, which is no percent: what it lacks is taken from the greatest. */
function scaledDown(percents: readonly number[]): number[] {
  const scaled = apportion(100 * STEPS, percents);
  for (const [i, steps] of scaled.entries()) {
    if (steps > 0) continue;
    const greatest = scaled.indexOf(Math.max(...scaled));
    scaled[greatest] = (scaled[greatest] as number) - 1;
    scaled[i] = 1;
  }
  return scaled;
}

const OFF = 'the rule is off';
const WAYS = ['units', 'least', 'percent'] as const;
