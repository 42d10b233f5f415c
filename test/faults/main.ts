/**
 * `npm run faults -- [--short|--long] [--rounds N] [--sync TIME] [--json] [scenario…]`: real
 * processes on this machine, killed, frozen, starved and damaged under load,
 * and held against every answer that they gave. Exit 1 on anything lost,
 * doubled or otherwise wrong.
 */
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { findBinary } from '../../cli/nats-binary.ts';
import { Opened } from '../../loadtest/opened.ts';
import { runScenario, SCENARIOS } from './faults.ts';
import { isSound, type Row } from './scenario.ts';
import { table } from './table.ts';

const say = (text: string): void => {
  process.stderr.write(`faults: ${text}\n`);
};

async function main(): Promise<number> {
  const { values, positionals } = parseArgs({
    allowPositionals: true,
    options: {
      short: { type: 'boolean', default: false },
      long: { type: 'boolean', default: false },
      rounds: { type: 'string' },
      sync: { type: 'string', default: 'always' },
      json: { type: 'boolean', default: false },
    },
  });
  const unknown = positionals.find((name) => !SCENARIOS.some((s) => s.name === name));
  const rounds = Number(values.rounds ?? 0);
  if (unknown !== undefined || !Number.isInteger(rounds) || rounds < 0) {
    say(
      `usage: faults [--short|--long] [--rounds N] [--sync TIME] [--json] [scenario…]\nscenarios:`,
    );
    for (const { name, what } of SCENARIOS) say(`  ${name.padEnd(18)} ${what}`);
    return 1;
  }
  const chosen = SCENARIOS.filter((s) => positionals.length === 0 || positionals.includes(s.name));
  await findBinary(); // fetched now if need be, not in the middle of an outage
  const opened = new Opened();
  opened.closeOnSignal();
  const rows: Record<string, Row> = {};
  for (const scenario of chosen) {
    say(`${scenario.name}: ${scenario.what}`);
    const asked = rounds || (values.long ? scenario.rounds.long : scenario.rounds.short);
    const row = await runScenario(scenario, { rounds: asked, sync: values.sync, opened, say });
    rows[scenario.name] = row;
    for (const what of row.wrong ?? []) say(`${scenario.name}: ${what}`);
  }
  process.stdout.write(values.json ? `${JSON.stringify(rows)}\n` : `\n${table(rows)}`);
  return Object.values(rows).every(isSound) ? 0 : 1;
}

if (process.argv[1] === fileURLToPath(import.meta.url)) process.exitCode = await main();
