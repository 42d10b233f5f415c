import type { World } from './world.ts';

/** What runs went through, so that a run that met nothing is seen to prove nothing. */
export interface Counts {
  steps: number;
  sales: number;
  messages: number;
  shippedUnits: number;
  endedLives: number;
  lostLives: number;
  buriedLives: number;
  lateUnits: number;
  homeRestores: number;
  doubledOrders: number;
}

export const noCounts = (): Counts => ({
  ...{ steps: 0, sales: 0, messages: 0, shippedUnits: 0, endedLives: 0, lostLives: 0 },
  ...{ buriedLives: 0, lateUnits: 0, homeRestores: 0, doubledOrders: 0 },
});

export function countsOf(w: World, counts: Counts): void {
  counts.steps += w.steps;
  counts.sales += w.sales;
  counts.messages += w.bag.length;
  for (const shelf of w.shelves.values()) counts.shippedUnits += shelf.shipped;
  counts.endedLives += w.past.size;
  counts.lostLives += w.lost.size;
  for (const life of w.home.lives.values()) if (life.state === 'buried') counts.buriedLives++;
  counts.lateUnits += w.late;
  counts.homeRestores += w.lineage - 1;
  counts.doubledOrders += w.doubled.length;
}
