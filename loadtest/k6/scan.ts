/** Scanners in k6: many connections a virtual user, due times that no answer moves. */

import type { Options } from 'k6/options';
import { clearInterval, setInterval, setTimeout } from 'k6/timers';
import { type WorkPlan, workOf } from '../scenarios/work.ts';
import { late, summaryOf } from './metrics.ts';
import { K6Scanner } from './scanner.ts';

const url = __ENV.HOLDFAST_URL as string;
const token = __ENV.HOLDFAST_TOKEN as string;
const plan = JSON.parse(__ENV.HOLDFAST_PLAN as string) as WorkPlan;
const rate = Number(__ENV.HOLDFAST_RATE);
const seconds = Number(__ENV.HOLDFAST_SECONDS);
const scanners = Number(__ENV.HOLDFAST_SCANNERS);
/** Epoch ms: every virtual user has the same start, after all have connected. */
const startMs = Number(__ENV.HOLDFAST_START_MS);
/** A virtual user is a JavaScript engine of its own; so many connections share one. */
const SHARE = 50;
const users = Math.ceil(scanners / SHARE);
const BEAT_MS = 2;
const DRAIN_MS = 30_000;
/** k6 chooses the steps of its report by it. */
const longestMs = startMs - Date.now() + seconds * 1000 + 2 * DRAIN_MS;

export const options: Options = {
  scenarios: {
    scan: {
      executor: 'per-vu-iterations',
      vus: users,
      iterations: 1,
      maxDuration: `${Math.ceil(longestMs / 1000)}s`,
    },
  },
  thresholds: {
    holdfast_unexpected: ['count==0'],
    holdfast_unanswered: ['count==0'],
    holdfast_broke: ['count==0'],
    holdfast_latency: ['p(99)<1000'],
  },
  summaryTrendStats: ['count', 'med', 'p(99)', 'p(99.9)', 'max'],
};

export default function user(): void {
  const first = (__VU - 1) * SHARE;
  const count = Math.min(SHARE, scanners - first);
  const work = workOf(plan, `vu-${__VU}`);
  const all = Array.from({ length: count }, (_, i) => {
    const name = `k6-${first + i}`;
    return new K6Scanner({ url, token, name, endMs: startMs + seconds * 1000 }, work, i);
  });
  // Of all arrivals 0, 1, 2, … scanner s has s, s + scanners, s + 2 scanners, …
  const total = Math.floor(rate * seconds);
  const next = all.map((_, i) => first + i);
  const beat = setInterval(() => {
    const elapsedMs = Date.now() - startMs;
    let isOver = true;
    for (let i = 0; i < count; i++) {
      for (let n = next[i] as number; n < total; n += scanners) {
        const dueMs = (n / rate) * 1000;
        next[i] = n;
        if (dueMs > elapsedMs) {
          isOver = false;
          break;
        }
        next[i] = n + scanners;
        late.add(elapsedMs - dueMs);
        (all[i] as K6Scanner).send(work.next(i), startMs + dueMs);
      }
    }
    if (!isOver) return;
    clearInterval(beat);
    finish(all, Date.now() + DRAIN_MS);
  }, BEAT_MS);
}

/** Closes when all is answered, or will not be any more. */
function finish(all: readonly K6Scanner[], untilMs: number): void {
  const isDone = all.every((scanner) => scanner.waiting === 0);
  if (isDone || Date.now() > untilMs) for (const scanner of all) scanner.close();
  else setTimeout(() => finish(all, untilMs), 20);
}

export const handleSummary = summaryOf(__ENV.HOLDFAST_SUMMARY as string);
