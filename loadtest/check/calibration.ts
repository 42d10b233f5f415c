/**
 * A loop that every machine can run and nothing in the project can speed up:
 * looking texts up, making small objects, adding. What decisions cost is told
 * in times of it, so that a slow machine is slow on both sides.
 */
const ENTRIES = 1_000;
const names = Array.from({ length: ENTRIES }, (_, i) => `entry/${i}/of/the/calibration`);
const table = new Map(names.map((name, i) => [name, { count: i, last: { at: 0, by: '' } }]));

/** Milliseconds that so many turns of it take. */
export function calibration(turns: number): number {
  const begun = performance.now();
  let sum = 0;
  for (let i = 0; i < turns; i++) {
    const name = names[Math.imul(i, 7_919) % ENTRIES] as string;
    const entry = table.get(`${name.slice(0, -1)}n`) as { count: number; last: object };
    entry.count = (entry.count + 1) % 1_000_000;
    entry.last = { at: i, by: name };
    sum += entry.count;
  }
  const ms = performance.now() - begun;
  if (sum < 0) throw new Error('it counted down'); // and so it has to count
  return ms;
}
