import * as A from '@automerge/automerge';
import { historyOf, type Made, type RulesDoc } from './document.ts';
import { at, type Op } from './edit.ts';
import { isMap, namesOf, pathOf, sorted } from './read.ts';
import type { Settlement } from './settle.ts';

/**
 * Where edits that did not know of each other met in one place: set to two values, or changed by one and deleted by another. All replicas take
 * the same one; this says which, and what the others were, until a person sets or deletes the place again.
 */
export function collisionsOf(doc: A.Doc<RulesDoc>): Settlement[] {
  const history = historyOf(doc);
  return isLine(history) ? [] : [...torn(doc, []), ...deleted(doc, history)];
}

/** True where everybody knew of all changes before their own: then nothing can have met. */
const isLine = (history: readonly Made[]): boolean =>
  history.every(
    ({ after }, i) => after.length === 1 && (i === 0 || after[0] === history[i - 1]?.hash),
  );

/** The places that {@link collisionsOf} names. */
export const tornIn = (doc: A.Doc<RulesDoc>): ReadonlySet<string> =>
  new Set(collisionsOf(doc).map(({ path }) => path));

function torn(map: Readonly<Record<string, unknown>>, names: readonly string[]): Settlement[] {
  return sorted(map).flatMap(([name, value]) => {
    const here = [...names, name];
    const all = Object.values(A.getConflicts(map, name) ?? {}).map((one) => JSON.stringify(one));
    const inner = isMap(value) ? torn(value, here) : [];
    const others = [...new Set(all)].filter((one) => one !== JSON.stringify(value)).sort();
    if (others.length === 0) return inner;
    const what = `was set to ${[JSON.stringify(value), ...others].join(' and to ')} at the same time`;
    const done = `${JSON.stringify(value)} holds`;
    return [{ path: pathOf(...here), what, todo: 'set it as it should be', done }, ...inner];
  });
}

/** Changes of what somebody else was deleting, while it is not there, until somebody who knows of them sets or deletes the place again. */
function deleted(doc: A.Doc<RulesDoc>, history: readonly Made[]): Settlement[] {
  const lost = new Map<string, Settlement>();
  let end = 0;
  for (const stretch of stretchesOf(history)) {
    end += stretch.length;
    const deletions = stretch.filter(({ what }) => what.some(({ op }) => op === 'delete'));
    if (stretch.length === 1 || deletions.length === 0) continue;
    const knows = knowledgeOf(stretch);
    for (const edit of stretch) {
      for (const path of pathsOf(edit, 'set')) {
        if (at(doc, namesOf(path)) !== undefined) continue;
        const by = deletions.find(
          (made) => isAbout(made, 'delete', path) && !knows(made, edit) && !knows(edit, made),
        );
        if (by === undefined) continue;
        const aware = [...stretch.filter((made) => knows(made, edit)), ...history.slice(end)];
        const isSettled = aware.some(
          (made) => isAbout(made, 'set', path) || isAbout(made, 'delete', path),
        );
        if (!isSettled) lost.set(path, lostIn(path, edit, by));
      }
    }
  }
  return [...lost.values()].sort((a, b) => (a.path < b.path ? -1 : 1));
}

/**
 * A history in stretches: whoever made a change of one knew of all before it. So only changes of one stretch may not have known of each other, and
 * however long rules have been edited, no more than these have to be held against each other.
 */
export function stretchesOf(history: readonly Made[]): Made[][] {
  const places = new Map(history.map(({ hash }, i) => [hash, i]));
  // Of each change and those after it, the earliest that anybody was the next to know of.
  const earliest = history.map(({ after }) =>
    Math.min(...after.map((hash) => places.get(hash) ?? -1)),
  );
  for (let i = history.length - 2; i >= 0; i--) {
    earliest[i] = Math.min(earliest[i] as number, earliest[i + 1] as number);
  }
  const stretches: Made[][] = [];
  const heads = new Set<string>();
  let stretch: Made[] = [];
  for (const [i, made] of history.entries()) {
    for (const hash of made.after) heads.delete(hash);
    heads.add(made.hash);
    stretch.push(made);
    if (heads.size > 1 || (earliest[i + 1] ?? i) < i) continue;
    stretches.push(stretch);
    stretch = [];
  }
  return stretch.length === 0 ? stretches : [...stretches, stretch];
}

const lostIn = (path: string, edit: Made, by: Made): Settlement => ({
  path,
  what: `was set by ${edit.who} while ${by.who} deleted ${pathsOf(by, 'delete').find((p) => isIn(path, p))}`,
  todo: 'set it again if it is to be, or delete it again',
  done: 'it stays deleted',
});

/** Whether somebody knew of one change of a stretch who made another. */
function knowledgeOf(stretch: readonly Made[]): (made: Made, of: Made) => boolean {
  const changes = new Map(stretch.map((made) => [made.hash, made]));
  const known = new Map<string, ReadonlySet<string>>();
  return (made, of) => {
    let seen = known.get(made.hash);
    if (seen === undefined) {
      seen = before(made, changes);
      known.set(made.hash, seen);
    }
    return seen.has(of.hash);
  };
}

function before(made: Made, changes: ReadonlyMap<string, Made>): ReadonlySet<string> {
  const seen = new Set<string>();
  const next = [...made.after];
  for (let hash = next.pop(); hash !== undefined; hash = next.pop()) {
    const change = changes.get(hash);
    if (change === undefined || seen.has(hash)) continue;
    seen.add(hash);
    next.push(...change.after);
  }
  return seen;
}

const pathsOf = ({ what }: Made, kind: 'set' | 'delete'): string[] =>
  what.flatMap(({ op, path }) => (op === kind ? [path] : []));
const isAbout = (made: Made, kind: Op['op'], path: string): boolean =>
  pathsOf(made, kind).some((one) => isIn(path, one));
const isIn = (path: string, above: string): boolean =>
  path === above || path.startsWith(`${above}/`);
