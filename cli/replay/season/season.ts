import { Opened } from '../../../loadtest/opened.ts';
import { Play, type Season, type Step } from './acts.ts';
import { Stage } from './stage.ts';

export interface SeasonOptions {
  readonly json: boolean;
}

/** A season of one product in three channels: every pool at every step, and whether the sums are right. */
export async function replaySeason({ json }: SeasonOptions): Promise<void> {
  const opened = new Opened();
  opened.closeOnSignal();
  say('starting a hub and two regions');
  try {
    const stage = await Stage.open(opened);
    const season = await new Play(stage, say).run();
    const told = { ...season, accepted: stage.accepted.size, views: stage.views.length };
    process.stdout.write(json ? `${JSON.stringify(told)}\n` : textOf(season, stage.views.length));
    if (season.faults.length > 0) process.exitCode = 1;
  } finally {
    await opened.close();
  }
}

const say = (line: string): void => {
  process.stderr.write(`season: ${line}\n`);
};

function textOf({ steps, faults }: Season, views: number): string {
  const pools = [...new Set(steps.flatMap((step) => Object.keys(step.pools)))];
  const lines = steps.flatMap((step) => linesOf(step, pools));
  const checked = `${views} figures of pools were published meanwhile: each sum is what was available`;
  const wrong = faults.length === 0 ? [checked] : ['Not as it should be:', ...faults];
  return `${[...lines, '', ...wrong].join('\n')}\n`;
}

function linesOf({ name, pools, stock, notes }: Step, all: readonly string[]): string[] {
  const units = all.map((pool) => `${pool} ${pools[pool] ?? 0}`).join('  ');
  const { onHand, allocated, waiting, inTransit } = stock;
  return [
    '',
    name,
    `  ${units}`,
    `  on hand ${onHand}, allocated ${allocated}, waiting ${waiting}, in transit ${inTransit}`,
    ...notes.map((note) => `  ${note}`),
  ];
}
