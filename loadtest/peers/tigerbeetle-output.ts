/** What `tigerbeetle benchmark` prints, as far as it is compared. */
export interface TigerbeetleFigures {
  readonly transfersPerSecond: number;
  readonly batchCommands: number;
  /** Of one batch. Its own clock counts whole milliseconds. */
  readonly p50Ms: number;
  readonly p99Ms: number;
}

/** Throws where a figure is missing: another version may print other words. */
export function parseTigerbeetle(text: string): TigerbeetleFigures {
  const number = (pattern: RegExp, what: string): number => {
    const found = pattern.exec(text)?.[1];
    if (found === undefined) throw new Error(`tigerbeetle benchmark did not print ${what}`);
    return Number(found);
  };
  return {
    transfersPerSecond: number(/^load accepted = (\d+) tx\/s$/m, 'its rate'),
    batchCommands: number(/^transfer batch size = (\d+) txs$/m, 'the size of its batches'),
    p50Ms: number(/^batch latency p50\s*= (\d+) ms$/m, 'the p50 of its batches'),
    p99Ms: number(/^batch latency p99\s*= (\d+) ms$/m, 'the p99 of its batches'),
  };
}
