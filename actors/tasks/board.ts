import type { DocumentKey } from '../documents/commands.ts';
import type { ItemState } from '../documents/item.ts';
import type { Look } from '../documents/plan.ts';
import type { DocumentState } from '../documents/states.ts';
import { type ActorKey, type OwnerId, parseActorKey, type WarehouseId } from '../ids.ts';
import { type Work, workOf } from './derive.ts';
import { hasMissing, missingWork, placeOf as placeSeen, placesSeen } from './missing.ts';
import { type Rule, ruleOf } from './replenish.ts';
import type { Task, TaskKind } from './task.ts';

/** Work that is looked at before the nearest of it is chosen. */
export const LOOKED_AT = 128;

/** Whose work, and where. */
export interface Floor {
  readonly owner: OwnerId;
  readonly warehouse: WarehouseId;
}

interface Posted extends Work {
  readonly floor: string;
  /** Whose line it is; of no document, where units are missing. */
  readonly document: Pick<DocumentState, 'kind' | 'id'>;
}

/** Work of one kind, priority and wave, in the order in which it came. */
interface Group {
  readonly priority: number;
  readonly wave: string;
  readonly work: Map<string, Posted>;
}

export interface Wish extends Floor {
  readonly kinds: readonly TaskKind[];
  /** Where the scanner stands. */
  readonly from: string;
  readonly scanner: DocumentKey;
  /** A task that it gave back: another sooner, if there is one. */
  readonly except: string;
}

/**
 * What there is to do on each floor, and who does it. Derived from the documents, so never
 * stored. A change of a document costs as much as it has lines; a choice looks at the work of
 * the first priority and wave that has any free, {@link LOOKED_AT} lines of it at most.
 */
export class Board {
  /** Work by document. */
  readonly #posted = new Map<DocumentKey, readonly Posted[]>();
  /** By floor and kind, the first to be done first. */
  readonly #groups = new Map<string, Group[]>();
  readonly #byId = new Map<string, Posted>();
  /** Until when each scanner has a task, by floor and task, epoch ms. */
  readonly #leases = new Map<string, Map<DocumentKey, number>>();

  /** Pick places by SKU, and of which of these the stock has changed since they were looked at, by floor. */
  readonly #rules = new Map<ActorKey, Rule>();
  readonly #changed = new Map<string, Set<ActorKey>>();
  /** SKUs of which units are missing, or were when they were last looked at. */
  readonly #missing = new Set<ActorKey>();
  /** Places that open counts have seen, and whose books do not know it yet. */
  readonly #seen = new Map<DocumentKey, ReadonlySet<string>>();

  /** A document is so from now on. */
  set(key: DocumentKey, old: DocumentState | undefined, state: DocumentState): void {
    if (state.kind === 'task') this.#lease(key, old, state);
    if (state.kind === 'count') this.#see(key, state);
    if (state.kind === 'item') this.#rule(state, old);
    const before = this.#posted.get(key) ?? [];
    const work = workOf(state);
    if (before.length + work.length === 0) return;
    const floor = floorOf(state);
    const now = work.map((one): Posted => ({ ...one, floor, document: state }));
    const kept = new Set(now.map(placeOf));
    for (const one of before) if (!kept.has(placeOf(one))) this.#drop(one);
    for (const one of now) this.#add(one);
    if (now.length === 0) this.#posted.delete(key);
    else this.#posted.set(key, now);
  }

  /** The stock of a SKU is another from now on. */
  touched(key: ActorKey): void {
    const rule = this.#rules.size === 0 ? undefined : this.#rules.get(key);
    if (rule === undefined) return;
    const floor = floorOf(rule.item);
    const changed = this.#changed.get(floor);
    if (changed === undefined) this.#changed.set(floor, new Set([key]));
    else changed.add(key);
  }

  /** Units of a SKU are not where they should be: somebody has to count that place. */
  missing(key: ActorKey): void {
    this.#add(this.#missingAt(key));
    this.#missing.add(key);
  }

  #missingAt(key: ActorKey): Posted {
    const document = { kind: 'count', id: '' } as const;
    const isCounted = (location: string): boolean => {
      const place = placeSeen(key, location);
      return [...this.#seen.values()].some((places) => places.has(place));
    };
    return { ...missingWork(key, isCounted), floor: floorOf(parseActorKey(key)), document };
  }

  #see(key: DocumentKey, count: DocumentState): void {
    const places = placesSeen(count);
    if (places.size === 0) this.#seen.delete(key);
    else this.#seen.set(key, places);
  }

  /** The task as it is now; undefined where it is done, or there is nothing to do of it. */
  task(floor: Floor, id: string, look: Look): Task | undefined {
    const posted = this.#byId.get(`${floorOf(floor)}/${id}`);
    return posted && taskOf(posted, look);
  }

  /** True where another scanner has it. */
  isTaken(floor: Floor, id: string, scanner: DocumentKey, nowMs: number): boolean {
    for (const [who, untilMs] of this.#leases.get(`${floorOf(floor)}/${id}`) ?? []) {
      if (who !== scanner && untilMs > nowMs) return true;
    }
    return false;
  }

  /** By kind as wished, then by priority, then wave, then the shortest walk. */
  choose(wish: Wish, look: Look, nowMs: number): Task | undefined {
    let other: Task | undefined;
    for (const kind of wish.kinds) {
      if (kind === 'replenish') this.#lookAgain(floorOf(wish), look);
      if (kind === 'count') this.#forgetFound(look);
      for (const { work } of this.#groups.get(`${floorOf(wish)}/${kind}`) ?? []) {
        const free = this.#free(work, wish, look, nowMs);
        const task = nearest(
          free.filter(({ id }) => id !== wish.except),
          wish.from,
        );
        if (task !== undefined) return task;
        other ??= free[0];
      }
    }
    return other;
  }

  #free(work: ReadonlyMap<string, Posted>, wish: Wish, look: Look, nowMs: number): Task[] {
    const free: Task[] = [];
    for (const posted of work.values()) {
      if (this.isTaken(wish, posted.id, wish.scanner, nowMs)) continue;
      const task = taskOf(posted, look);
      if (task !== undefined && free.push(task) === LOOKED_AT) break;
    }
    return free;
  }

  #rule(item: ItemState, old: DocumentState | undefined): void {
    const before = old?.kind === 'item' ? ruleOf(old) : undefined;
    if (before !== undefined) {
      this.#drop(postedOf(before));
      this.#rules.delete(before.key);
    }
    const rule = ruleOf(item);
    if (rule === undefined) return;
    this.#rules.set(rule.key, rule);
    this.touched(rule.key);
  }

  /** Pick places whose stock has changed: they are work, or no more. */
  #lookAgain(floor: string, look: Look): void {
    for (const key of this.#changed.get(floor) ?? []) {
      const rule = this.#rules.get(key);
      if (rule === undefined) continue;
      if (rule.work.spot(look) === undefined) this.#drop(postedOf(rule));
      else this.#add(postedOf(rule));
    }
    this.#changed.delete(floor);
  }

  /** What was missing and is counted, or found, is no work any more. */
  #forgetFound(look: Look): void {
    for (const key of this.#missing) {
      if (hasMissing(look(key))) continue;
      this.#missing.delete(key);
      this.#drop(this.#missingAt(key));
    }
  }

  #lease(key: DocumentKey, old: DocumentState | undefined, state: DocumentState): void {
    const floor = floorOf(state);
    const was = old?.kind === 'task' ? old.lease : null;
    if (was !== null) {
      const name = `${floor}/${was.task.id}`;
      const there = this.#leases.get(name);
      there?.delete(key);
      if (there?.size === 0) this.#leases.delete(name);
    }
    if (state.kind !== 'task' || state.lease === null) return;
    const { task, untilMs } = state.lease;
    const name = `${floor}/${task.id}`;
    const there = this.#leases.get(name) ?? new Map<DocumentKey, number>();
    this.#leases.set(name, there.set(key, untilMs));
  }

  #add(posted: Posted): void {
    const { floor, kind, id, priority, wave } = posted;
    this.#byId.set(`${floor}/${id}`, posted);
    const name = `${floor}/${kind}`;
    const groups = this.#groups.get(name) ?? [];
    this.#groups.set(name, groups);
    const at = groups.findIndex((g) => !isSooner(g, posted));
    const found = at === -1 ? undefined : groups[at];
    if (found?.priority === priority && found.wave === wave) found.work.set(id, posted);
    else {
      const group = { priority, wave, work: new Map([[id, posted]]) };
      groups.splice(at === -1 ? groups.length : at, 0, group);
    }
  }

  #drop({ floor, kind, id, priority, wave }: Posted): void {
    const name = `${floor}/${kind}`;
    const groups = this.#groups.get(name) ?? [];
    const at = groups.findIndex((g) => g.priority === priority && g.wave === wave);
    const group = groups[at];
    this.#byId.delete(`${floor}/${id}`);
    if (group === undefined) return;
    group.work.delete(id);
    if (group.work.size === 0) groups.splice(at, 1);
    if (groups.length === 0) this.#groups.delete(name);
  }
}

const floorOf = ({ owner, warehouse }: Floor): string => `${owner}@${warehouse}`;

const postedOf = ({ item, work }: Rule): Posted => ({
  ...{ ...work, floor: floorOf(item), document: item },
});

/** Equal where a task stays where it is on the board. */
const placeOf = ({ id, priority, wave }: Work): string => `${priority}\n${wave}\n${id}`;

type Rank = Pick<Group, 'priority' | 'wave'>;

const isSooner = (a: Rank, b: Rank): boolean =>
  a.priority === b.priority ? a.wave < b.wave : a.priority > b.priority;

function taskOf({ id, kind, line, sku, document, spot }: Posted, look: Look): Task | undefined {
  const found = spot(look);
  if (found === undefined) return undefined;
  return { id, kind, document: document.kind, doc: document.id, line, sku, ...found };
}

/** The next place in the order of places, from where one stands; from the first again after the last. */
function nearest(tasks: readonly Task[], from: string): Task | undefined {
  const walk = (a: Task, b: Task): Task => {
    const [aBehind, bBehind] = [a.location < from, b.location < from];
    if (aBehind !== bBehind) return aBehind ? b : a;
    return b.location < a.location ? b : a;
  };
  return tasks.length === 0 ? undefined : tasks.reduce(walk);
}
