/** The count in what `perf stat -x ,` prints; undefined where the machine does not count. */
export function instructionsIn(text: string): number | undefined {
  const line = text.split('\n').find((one) => one.includes('instructions'));
  const count = Number(line?.split(',')[0] || Number.NaN);
  return Number.isFinite(count) ? count : undefined;
}
