import { StartError } from '../../../engine/errors.ts';
import { Opened } from '../../../loadtest/opened.ts';
import { type Sale, sale } from './sale.ts';

export interface FlashReplayOptions {
  readonly units: number;
  readonly rate: number;
  readonly delay: number;
  readonly json: boolean;
}

/** A flash sale at four points over long links, and whether anybody was sent away while a unit was left. */
export async function replayFlash(options: FlashReplayOptions): Promise<void> {
  const { units, rate, delay: delayMs, json } = options;
  if (units < 1 || rate < 1) throw new StartError('--units and --rate are 1 at least');
  const opened = new Opened();
  opened.closeOnSignal();
  const done = await sale({ units, rate, delayMs, opened, say }).finally(() => opened.close());
  process.stdout.write(json ? `${JSON.stringify(done)}\n` : textOf(done));
  const { unsold, oversold, failed, refusedWhileUnsold, held, accepted } = done;
  const isRight = unsold + oversold + failed + refusedWhileUnsold === 0 && held === accepted;
  if (!isRight) process.exitCode = 1;
}

const say = (line: string): void => {
  process.stderr.write(`flash: ${line}\n`);
};

function textOf(done: Sale): string {
  const { units, orders, delayMs, accepted, refused, failed, unsold, oversold } = done;
  const points = (of: Readonly<Record<string, number>>): string =>
    Object.entries(of)
      .map(([point, n]) => `${point} ${n}`)
      .join(', ');
  const { acceptedMs, refusedMs, longestWaitMs, salesPerSecond } = done;
  return `${[
    `${units} units, ${orders} orders at four points, ${delayMs} ms from the hub each way`,
    `  accepted ${accepted}, refused ${refused}, failed ${failed}; unsold ${unsold}, oversold ${oversold}`,
    `  refused while a unit was unsold: ${done.refusedWhileUnsold} for sure, ${done.refusedBeforeLastSale} at most`,
    ...done.wrongly.map((why) => `    ${why}`),
    `  longest wait ${longestWaitMs} ms; accepted p50 ${acceptedMs.p50}, p99 ${acceptedMs.p99} ms; refused p50 ${refusedMs.p50}, p99 ${refusedMs.p99} ms`,
    `  ${salesPerSecond} sales a second; at the start ${points(done.split)}; sold by ${points(done.soldAt)}`,
    `  ${done.moves.grants} grants, ${done.moves.recalls} recalls`,
    `  home holds ${done.held} for orders, ${done.out} are still out`,
  ].join('\n')}\n`;
}
