import { connect, type NatsConnection } from '@nats-io/transport-node';
import { RECONNECT } from '../../engine/reconnect.ts';
import { ChildStack } from '../child-stack.ts';
import { openLog } from '../log.ts';
import { centreCaughtUp, hasWritten } from '../replay/compare.ts';
import { Floor } from './floor.ts';
import {
  type BatchLedgerLine,
  balancesOf,
  batchLedgerOf,
  contradictions,
  type LedgerLine,
  ledgerOf,
} from './proof.ts';
import { SKUS, workDay } from './script.ts';

export interface DayOptions {
  readonly json: boolean;
  /** Data folder of the private stack; kept afterwards. */
  readonly data?: string;
}

/** Plays a working day on a private stack, prints its ledger and proves every balance from it. */
export async function replayDay(options: DayOptions): Promise<void> {
  const log = openLog('info');
  const { stack, ready } = await ChildStack.start(
    options.data === undefined ? {} : { data: options.data },
  );
  const nats = await connect({ servers: ready.nats, ...RECONNECT });
  const print = options.json ? () => {} : (line: string) => void process.stdout.write(`${line}\n`);
  const target = { url: ready.ws, token: ready.token };
  const floors = new Map<string, Floor>();
  try {
    for (const name of ['W1', 'W2']) floors.set(name, await Floor.open(target, name, print));
    const [w1, w2] = [...floors.values()] as [Floor, Floor];
    await workDay(w1, w2, Date.now());
    const problems = [
      ...w1.problems,
      ...w2.problems,
      ...(await prove(nats, floors, print, options)),
    ];
    for (const problem of problems) log.error(problem);
    if (problems.length > 0) process.exitCode = 1;
  } finally {
    for (const floor of floors.values()) floor.close();
    await nats.close();
    await stack.stop();
  }
}

async function prove(
  nats: NatsConnection,
  floors: ReadonlyMap<string, Floor>,
  print: (line: string) => void,
  { json }: DayOptions,
): Promise<string[]> {
  const behind = await centreCaughtUp(nats, hasWritten);
  if (behind !== undefined) return [behind];
  const problems: string[] = [];
  const told: Record<string, unknown> = {};
  let lines = 0;
  for (const sku of SKUS) {
    const ledger = await ledgerOf(nats, sku);
    const batches = await batchLedgerOf(nats, sku);
    lines += ledger.length;
    printLedger(sku, ledger, batches, print);
    told[sku] = balancesOf(ledger).map(({ by, ...rest }) => ({
      ...rest,
      by: Object.fromEntries(by),
    }));
    problems.push(...(await contradictions(sku, ledger, batches, floors)));
  }
  if (json) process.stdout.write(`${JSON.stringify({ ledgerLines: lines, ...told, problems })}\n`);
  const verdict = 'Every balance follows from the ledger, and is what the scanners read.';
  print(problems.length === 0 ? `\n${verdict}` : '');
  return problems;
}

function printLedger(
  sku: string,
  ledger: readonly LedgerLine[],
  batches: readonly BatchLedgerLine[],
  print: (line: string) => void,
): void {
  print(`\n${sku}: stock ledger`);
  for (const l of ledger) {
    const what = `${l.docType} ${l.doc}`.padEnd(24);
    print(
      `  ${l.warehouse}  ${what} ${l.reason.padEnd(12)} ${l.quality.padEnd(10)} ${l.account.padEnd(9)} ` +
        `${signed(l.change).padStart(5)} ${String(l.after).padStart(5)}`,
    );
  }
  print(`${sku}: balances`);
  for (const { warehouse, quality, account, opening, by, closing } of balancesOf(ledger)) {
    const moved = [...by].map(([type, change]) => `${signed(change)} ${type}`).join(' ');
    print(`  ${warehouse}  ${quality} ${account}: ${opening} ${moved} = ${closing}`);
  }
  const ofBatches = batches.filter(({ batch }) => batch !== '');
  if (ofBatches.length === 0) return;
  print(`${sku}: batch ledger`);
  for (const b of ofBatches) {
    const way = `${b.placeFrom || 'outside'} → ${b.placeTo || 'outside'}`;
    print(
      `  ${b.warehouse}  ${b.batch.padEnd(4)} ${b.reason.padEnd(12)} ${String(b.qty).padStart(4)}  ` +
        `${way.padEnd(46)} ${signed(b.change).padStart(5)} ${String(b.after).padStart(5)}`,
    );
  }
}

const signed = (n: number): string => (n > 0 ? `+${n}` : String(n));
