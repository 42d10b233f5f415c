import type { WayKind } from '../../ways.ts';
import type { Outage } from './cutter.ts';
import type { Judged, PointFigures } from './judge.ts';
import type { Sale } from './shop.ts';

/** How sales were decided, as the nodes counted. */
export interface Traffic {
  readonly lines: number;
  readonly localLines: number;
  readonly grants: number;
  readonly returns: number;
}

export interface Run {
  readonly links: WayKind;
  readonly seconds: number;
  readonly seed: number;
  readonly products: number;
  readonly supplyUnits: number;
  readonly sales: readonly Sale[];
  readonly outages: readonly Outage[];
  readonly judged: Judged;
  readonly traffic: Traffic;
  /** The same after half of the time. */
  readonly halfway: Traffic;
  /** Null where they never were equal. */
  readonly convergedMs: number | null;
  readonly shippedUnits: number;
  readonly problems: readonly string[];
}

export type Report = ReturnType<typeof reportOf>;

/** What `--json` prints. */
export function reportOf(run: Run) {
  const { judged, sales, outages, traffic } = run;
  const points = Object.values(judged.points);
  const sum = (read: (figures: PointFigures) => number): number =>
    points.reduce((total, figures) => total + read(figures), 0);
  const [accepted, refused] = [sum((p) => p.accepted), sum((p) => p.refused)];
  const decided = accepted + refused;
  return {
    ...{ links: run.links, seconds: run.seconds, seed: run.seed },
    ...{ orders: sales.length, products: run.products, supplyUnits: run.supplyUnits },
    ...{ accepted, refused, stranded: sum((p) => p.stranded) },
    saidStranded: judged.saidStranded,
    ...{ refusedUnsold: judged.refusedUnsold, unsoldWhy: judged.unsoldWhy },
    undecided: sales.filter(({ outcome }) => outcome === 'undecided').length,
    askedAgain: sales.filter(({ asked }) => asked > 1).length,
    oversold: judged.oversold,
    acceptedUnits: [...judged.sold.values()].reduce((total, units) => total + units, 0),
    shippedUnits: run.shippedUnits,
    cuts: outages.length,
    cutSeconds: rounded(outages.reduce((ms, o) => ms + o.toMs - o.fromMs, 0) / 1_000, 1),
    soldWhileCut: sum((p) => p.soldWhileCut),
    unitsWhileCut: sum((p) => p.unitsWhileCut),
    convergedMs: run.convergedMs === null ? null : Math.round(run.convergedMs),
    localShare: localShare(traffic, NONE),
    /** Of the second half, when points know what they sell. */
    laterLocalShare: localShare(traffic, run.halfway),
    ...{ grants: traffic.grants, returns: traffic.returns },
    movesPerOrder: rounded((traffic.grants + traffic.returns) / Math.max(1, decided), 3),
    movesPerLine: rounded((traffic.grants + traffic.returns) / Math.max(1, traffic.lines), 3),
    answerMs: percentiles(sales),
    refusals: countBy(sales.filter(({ outcome }) => outcome === 'refused')),
    points: judged.points,
    problems: run.problems,
  };
}

const NONE: Traffic = { lines: 0, localLines: 0, grants: 0, returns: 0 };

const localShare = (now: Traffic, before: Traffic): number =>
  rounded((now.localLines - before.localLines) / Math.max(1, now.lines - before.lines), 4);

const rounded = (n: number, digits: number): number => Number(n.toFixed(digits));

function countBy(sales: readonly Sale[]): Record<string, number> {
  const counts: Record<string, number> = {};
  for (const { code } of sales) counts[code] = (counts[code] ?? 0) + 1;
  return counts;
}

/** From asking first to the last answer. */
function percentiles(sales: readonly Sale[]) {
  const all = sales.map((s) => s.answeredMs - s.sentMs).sort((a, b) => a - b);
  const at = (share: number): number =>
    rounded(all[Math.min(all.length - 1, Math.floor(all.length * share))] ?? 0, 1);
  return { p50: at(0.5), p99: at(0.99), max: at(1) };
}

/** The same for a person: what each side sold while cut. */
export function told(report: Report, outages: readonly Outage[]): string {
  const names = Object.keys(report.points);
  const head = ['point', 'orders', 'accepted', 'refused', 'stranded', 'cuts', 'cut, s'];
  head.push('sold while cut', ...names.map((name) => `units from ${name}`));
  const rows = Object.entries(report.points).map(([name, figures]) => {
    const its = outages.filter(({ region }) => region === name);
    const seconds = its.reduce((ms, o) => ms + o.toMs - o.fromMs, 0) / 1_000;
    const { orders, accepted, refused, stranded, soldWhileCut, unitsFrom } = figures;
    const counts = [orders, accepted, refused, stranded, its.length, rounded(seconds, 1)];
    const from = names.map((home) => (home === name ? '-' : unitsFrom[home]));
    return [name, ...counts, soldWhileCut, ...from].map(String);
  });
  return `${table([head, ...rows])}\n${summary(report)}`;
}

function table(rows: readonly (readonly string[])[]): string {
  const widths = (rows[0] ?? []).map((_, i) => Math.max(...rows.map((r) => (r[i] ?? '').length)));
  const line = (row: readonly string[]): string =>
    row.map((text, i) => text.padStart(widths[i] ?? 0)).join('  ');
  return `${rows.map(line).join('\n')}\n`;
}

function summary(r: Report): string {
  const { accepted, refused, stranded, oversold, shippedUnits, cuts, soldWhileCut } = r;
  const how = r.links === 'namespaces' ? 'in network namespaces' : 'through TCP relays';
  const end =
    r.convergedMs === null
      ? 'REGIONS AND CENTRE DIFFER'
      : `all equal ${(r.convergedMs / 1_000).toFixed(1)} s after the last healing`;
  return (
    `${cuts} cuts ${how}: ${accepted} orders accepted, ${soldWhileCut} of them with a cut between ` +
    `the point and the goods; ${refused} refused, ${stranded} of these stranded. ${oversold} oversold, ` +
    `${shippedUnits} units shipped, ${end}. ` +
    `${(r.localShare * 100).toFixed(1)} % of lines decided locally, ${r.movesPerOrder} moves an order.\n`
  );
}
