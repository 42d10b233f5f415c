import { Worker } from 'node:worker_threads';
import { KINDS, type KindName } from './kinds.ts';

export interface Failed {
  readonly seed: number;
  readonly rule: string;
  readonly what: string;
}

export interface Report {
  readonly seeds: number;
  readonly from: number;
  readonly failures: readonly Failed[];
  readonly seedsPerSecond: number;
  readonly counts: Readonly<Record<string, number>>;
}

export interface Many {
  readonly kind: KindName;
  readonly seeds: number;
  readonly from: number;
  readonly threads: number;
  /** Stops at the first failure and does not tell its story. */
  readonly first: boolean;
}

/** What became of one seed, and its story if it failed. */
export interface Told {
  readonly seed: number;
  readonly failure: Failed | undefined;
  readonly counts: Readonly<Record<string, number>>;
  readonly story: string | undefined;
}

/** Every how manieth seed from which on up to which. */
export interface Share {
  readonly kind: KindName;
  readonly from: number;
  readonly to: number;
  readonly step: number;
}

/** Of one share: more are only named. */
const STORIES = 3;

/** Runs seeds on several threads. Each has its own seeds by their numbers, and they know nothing of each other. */
export async function runMany(
  { kind, seeds, from, threads, first }: Many,
  say: (text: string) => void,
): Promise<Report> {
  const begun = performance.now();
  const told: Told[] = [];
  const hear = (one: Told): void => {
    told.push(one);
    if (one.story !== undefined) say(one.story);
  };
  const to = from + seeds;
  if (first) await runShare({ kind, from, to, step: 1 }, hear, true);
  else {
    const shares = Array.from({ length: threads }, (_, i) => ({
      kind,
      from: from + i,
      to,
      step: threads,
    }));
    await Promise.all(shares.map((share) => inThread(share, hear)));
  }
  const counts: Record<string, number> = {};
  for (const one of told) {
    for (const [name, n] of Object.entries(one.counts)) counts[name] = (counts[name] ?? 0) + n;
  }
  const failures = told.flatMap(({ failure }) => failure ?? []).sort((a, b) => a.seed - b.seed);
  const perSecond = told.length / ((performance.now() - begun) / 1_000);
  const seedsPerSecond = Math.round(10 * perSecond) / 10;
  return { seeds: told.length, from, failures, seedsPerSecond, counts };
}

/** One thread's seeds, in order. */
export async function runShare(
  { kind, from, to, step }: Share,
  hear: (told: Told) => void,
  first = false,
): Promise<void> {
  const { planOf, run, shortest } = KINDS[kind];
  let stories = 0;
  for (let seed = from; seed < to; seed += step) {
    const plan = planOf(seed);
    const outcome = await run(plan);
    const failure = outcome.failure && {
      seed,
      rule: outcome.failure.rule,
      what: outcome.failure.what,
    };
    const tells = failure !== undefined && !first && stories++ < STORIES;
    const text = tells ? (await shortest(plan, outcome)).text : undefined;
    hear({ seed, failure, counts: outcome.counts, story: text });
    if (first && failure !== undefined) return;
  }
}

function inThread(share: Share, hear: (told: Told) => void): Promise<void> {
  const worker = new Worker(new URL('./share.js', import.meta.url), {
    workerData: share,
    resourceLimits: { maxYoungGenerationSizeMb: 64 },
  });
  worker.on('message', hear);
  return new Promise((resolve, reject) => {
    worker.on('error', reject);
    worker.on('exit', (code) => {
      if (code === 0) resolve();
      else reject(new Error(`a thread ended with ${code}`));
    });
  });
}
