import { BESIDES, isMap, namesOf, pathOf } from './read.ts';
import { SECTIONS } from './schema.ts';
import { check, type Problem } from './settle.ts';

export type Json = string | number | boolean | null | Json[] | { [name: string]: Json };
type JsonMap = { [name: string]: Json };

/** What a person does to the rules: paths as in {@link Problem}. */
export type Op =
  | { readonly op: 'set'; readonly path: string; readonly value: Json }
  | { readonly op: 'delete'; readonly path: string };

const MAX_DEPTH = 6;
/** Of all rules of an owner as JSON, characters. */
const MAX_LENGTH = 2_000_000;
const TOO_LONG: Problem = {
  path: '',
  what: `the rules would be longer than ${MAX_LENGTH} characters`,
  todo: 'name fewer SKUs, or delete what is over',
};

/** As one op for each value: what a merge patch (RFC 7396) says, null deletes. */
export function opsOf(patch: Json, above: readonly string[] = []): Op[] {
  if (!isMap(patch) || (above.length > 1 && Object.keys(patch).length === 0)) {
    return [{ op: 'set', path: pathOf(...above), value: patch }];
  }
  return Object.entries(patch).flatMap(([name, value]) =>
    value === null
      ? [{ op: 'delete' as const, path: pathOf(...above, name) }]
      : opsOf(value as Json, [...above, name]),
  );
}

/** As many ops as it takes to name every entry that is set, and everything that goes away by it. */
export const spelledOut = (document: JsonMap, ops: readonly Op[]): Op[] =>
  ops.flatMap((op) => {
    const names = namesOf(op.path);
    if (op.op === 'delete') return [op];
    const sets =
      names.length > 1 || !isMap(op.value)
        ? [op]
        : Object.entries(op.value).map(([id, value]) => ({
            ...{ op: 'set' as const, path: pathOf(...names, id), value: value as Json },
          }));
    return [...sets, ...goneBy(at(document, names), op.value, names)];
  });

function goneBy(now: Json | undefined, then: Json, names: readonly string[]): Op[] {
  if (!isMap(now) || !isMap(then)) return [];
  return Object.entries(now).flatMap(([name, value]) => {
    const here = [...names, name];
    if (Object.hasOwn(then, name)) return goneBy(value as Json, then[name] as Json, here);
    return [{ op: 'delete' as const, path: pathOf(...here) }];
  });
}

/** What is at a place; undefined where nothing is. */
export function at(document: Json, names: readonly string[]): Json | undefined {
  let found: Json | undefined = document;
  for (const name of names) found = isMap(found) ? own(found as JsonMap, name) : undefined;
  return found;
}

/** What the document would be, and why it may not become that: what the edit itself would make wrong. */
export function tryEdit(
  document: JsonMap,
  ops: readonly Op[],
  torn: ReadonlySet<string> = new Set(),
): { readonly after: JsonMap; readonly problems: readonly Problem[] } {
  const refused = ops.flatMap((op) => problemsOf(op));
  if (refused.length > 0) return { after: document, problems: refused };
  const after = structuredClone(document);
  const missing = apply(after, ops, torn);
  if (missing.length > 0) return { after: document, problems: missing };
  if (isTooLong(document, after)) return { after: document, problems: [TOO_LONG] };
  const before = new Set(wrongIn(document).map(asText));
  const problems = wrongIn(after).filter((problem) => !before.has(asText(problem)));
  return { after, problems };
}

/** Also where a merge has left more than may be, what makes it shorter may be done. */
function isTooLong(before: JsonMap, after: JsonMap): boolean {
  const length = JSON.stringify(after).length;
  return length > MAX_LENGTH && length >= JSON.stringify(before).length;
}

/** Makes the edits on a document, or on the proxy of one that Automerge changes. Returns what there was not. */
export function apply(
  document: JsonMap,
  ops: readonly Op[],
  torn: ReadonlySet<string> = new Set(),
): Problem[] {
  return ops.flatMap((op) => {
    if (op.op === 'delete') return remove(document, op.path, torn);
    set(document, namesOf(op.path), op.value, torn);
    return [];
  });
}

/** As little as makes it the value: what others change beside it stays. A torn place, which two set at once, is set whole. */
function set(
  document: JsonMap,
  names: readonly string[],
  value: Json,
  torn: ReadonlySet<string>,
): void {
  let map = document;
  for (const name of names.slice(0, -1)) {
    if (!isMap(own(map, name))) map[name] = {};
    map = map[name] as JsonMap;
  }
  put(map, names, value, torn);
}

function put(map: JsonMap, names: readonly string[], value: Json, torn: ReadonlySet<string>): void {
  const name = names.at(-1) as string;
  const now = own(map, name);
  if (!torn.has(pathOf(...names)) && isMap(now) && isMap(value)) {
    for (const gone of Object.keys(now)) if (!Object.hasOwn(value, gone)) delete now[gone];
    for (const [part, its] of Object.entries(value)) {
      put(now as JsonMap, [...names, part], its as Json, torn);
    }
    return;
  }
  const isTorn = torn.has(pathOf(...names));
  if (now === value && !isTorn) return;
  // Else Automerge takes the same value for no change, and keeps the other one beside it.
  if (isTorn && Object.hasOwn(map, name)) delete map[name];
  map[name] = structuredClone(value);
}

function remove(document: JsonMap, path: string, torn: ReadonlySet<string>): Problem[] {
  const names = namesOf(path);
  const last = names.at(-1) as string;
  const map = at(document, names.slice(0, -1));
  const now = isMap(map) ? own(map as JsonMap, last) : undefined;
  if (now !== undefined && names.length === 1) {
    for (const id of Object.keys(now as JsonMap)) delete (now as JsonMap)[id];
    return [];
  }
  if (now !== undefined) delete (map as JsonMap)[last];
  else if (![...torn].some((one) => one === path || one.startsWith(`${path}/`))) {
    return [{ path, what: 'is not there', todo: 'look with: holdfast rules show' }];
  }
  return [];
}

const own = (map: JsonMap, name: string): Json | undefined =>
  Object.hasOwn(map, name) ? map[name] : undefined;

/** What is wrong with an op whatever the document is. */
function problemsOf(op: Op): Problem[] {
  const names = namesOf(op.path);
  const [first] = names;
  const wrong = (what: string, todo: string): Problem[] => [{ path: op.path, what, todo }];
  const parts = [...SECTIONS, 'routing', 'sales'];
  if (first === undefined || !parts.includes(first)) {
    return wrong('is no part of the rules', `begin the path with one of ${parts.join(', ')}`);
  }
  if (names.some((name) => name === '' || name === '__proto__')) {
    return wrong('has a name that cannot be', 'write NAME/NAME, and / within a name as ~1');
  }
  if (op.op === 'delete') {
    if (first !== 'routing' || names.length > 2 || names[1] === 'maxWarehouses') return [];
    return wrong('cannot be deleted', 'delete each weight: then the usual one holds');
  }
  const depth = depthOf(op.value);
  if (!Number.isFinite(depth))
    return wrong('has a name that cannot be', 'do not call it __proto__');
  if (names.length + depth > MAX_DEPTH) {
    return wrong('goes too deep', 'docs/CHANNELS.md lists the fields');
  }
  if (names.length === 1 && !isMap(op.value)) {
    return wrong('has to be a map of entries by id', 'write {"ID": {…}}');
  }
  return [];
}

/** Of maps within each other; infinite where a name in it cannot be. */
function depthOf(value: Json): number {
  if (!isMap(value)) return 0;
  if (Object.hasOwn(value, '__proto__')) return Number.POSITIVE_INFINITY;
  return 1 + Math.max(0, ...Object.values(value).map((one) => depthOf(one as Json)));
}

/** Sales are no rules, but have to be units. */
const wrongIn = (document: JsonMap): Problem[] => [
  ...check(document),
  ...Object.entries(isMap(document.sales) ? document.sales : {}).flatMap(([channel, units]) =>
    isSold(units) ? [] : [{ path: pathOf(BESIDES[1] as string, channel), ...SALES }],
  ),
];
/** Units that a channel may have sold. More than these could not be added up. */
export const isSold = (v: unknown): v is number =>
  typeof v === 'number' && v >= 0 && v <= Number.MAX_SAFE_INTEGER;
const SALES = { what: 'has to be a number of units', todo: 'set what the channel has sold' };

const asText = ({ path, what }: Problem): string => `${path} ${what}`;
