import type { z } from 'zod';
import {
  ENTRIES,
  nameOf,
  noRules,
  RoutingSaid,
  type Rules,
  SECTIONS,
  type Section,
} from './schema.ts';

/** What is wrong with the rules, what a person should do, and what holds until then. */
export interface Finding {
  /** Names from the top, with `/` between them; `/` and `~` in a name are written `~1` and `~0`. */
  readonly path: string;
  readonly what: string;
  readonly todo: string;
  readonly done: string;
}

/** Keys of a document that are no rules: whose it is, and what channels have sold. */
export const BESIDES = ['owner', 'sales'];

export const pathOf = (...names: readonly PropertyKey[]): string =>
  names.map((name) => String(name).replaceAll('~', '~0').replaceAll('/', '~1')).join('/');

export const namesOf = (path: string): string[] =>
  path.split('/').map((name) => name.replaceAll('~1', '/').replaceAll('~0', '~'));

/** By name, in the order of their letters: replicas may have keys in another order. */
export const sorted = <Value>(map: Readonly<Record<string, Value>>): [string, Value][] =>
  Object.entries(map).sort(([a], [b]) => (a < b ? -1 : a > b ? 1 : 0));

export const isMap = (v: unknown): v is Record<string, unknown> =>
  typeof v === 'object' && v !== null && !Array.isArray(v);

/** Reads whatever there is: entries that are as they should be, and what is wrong with the others, which are left out. */
export function read(raw: unknown): { rules: Rules; found: Finding[] } {
  const rules = noRules();
  const document = isMap(raw) ? raw : {};
  const found = sorted(document).flatMap(([name]) => (isKnown(name) ? [] : [unknownPart(name)]));
  for (const section of SECTIONS) {
    const map = document[section];
    if (map === undefined) continue;
    if (!isMap(map)) found.push(off([section], 'has to be a map of entries by id'));
    else for (const one of readEntries(rules, section, map)) found.push(one);
  }
  found.push(...readRouting(rules, document.routing));
  return { rules, found };
}

const isKnown = (name: string): boolean =>
  name === 'routing' || BESIDES.includes(name) || (SECTIONS as readonly string[]).includes(name);

const unknownPart = (name: string): Finding => ({
  path: pathOf(name),
  what: 'is no part of the rules',
  todo: `use one of ${[...SECTIONS, 'routing'].join(', ')}`,
  done: 'it is passed over',
});

function readEntries(rules: Rules, section: Section, map: Record<string, unknown>): Finding[] {
  const found: Finding[] = [];
  const entries = rules[section] as Record<string, unknown>;
  for (const [id, entry] of sorted(map)) {
    const named = nameOf(section).safeParse(id);
    const parsed = ENTRIES[section].safeParse(entry);
    if (named.success && parsed.success) entries[id] = parsed.data;
    else if (!named.success) found.push(...issues([section, id], named.error, OFF));
    else found.push(...issues([section, id], parsed.error as z.ZodError, OFF));
  }
  return found;
}

function readRouting(rules: Rules, routing: unknown): Finding[] {
  const parsed = RoutingSaid.safeParse(routing ?? {});
  if (!parsed.success) return issues(['routing'], parsed.error, 'the usual routing holds');
  const { weights, maxWarehouses } = parsed.data;
  Object.assign(rules.routing.weights, weights);
  if (maxWarehouses !== undefined) rules.routing.maxWarehouses = maxWarehouses;
  return [];
}

const OFF = 'the entry is off';
const off = (names: readonly string[], what: string): Finding => ({
  path: pathOf(...names),
  what,
  todo: 'correct it, or delete it',
  done: OFF,
});

function issues(names: readonly string[], error: z.ZodError, done: string): Finding[] {
  return error.issues.map((issue) => ({
    path: pathOf(...names, ...issue.path),
    what:
      issue.code === 'unrecognized_keys' ? `does not know ${issue.keys.join(', ')}` : say(issue),
    todo:
      issue.code === 'unrecognized_keys'
        ? 'leave it out; docs/CHANNELS.md lists the fields'
        : 'correct it, or delete it',
    done,
  }));
}

/** Our own sentences as they are; what zod says by itself begins with a capital. */
function say({ message }: z.core.$ZodIssue): string {
  if (message.endsWith('received undefined')) return 'is missing';
  return message.startsWith('has ') || message.startsWith('is ')
    ? message
    : `is not as it should be: ${message}`;
}
