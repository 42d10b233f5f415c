import { layOut } from '../table.ts';
import { MILLION_BYTES } from '../targets.ts';
import type { Million, RatioReport, Report, SideReport } from './report.ts';

const MIB = 1024 * 1024;

/** The report for a person. */
export function reportText(report: Report): string {
  const { sides, ratios, million } = report;
  return [
    about(report),
    tableOf(
      ['side', '/s low', 'middle', 'high', 'p99 µs', 'CPU µs/cmd', 'CPU s', 'resident MiB', 'also'],
      Object.entries(sides).map(([name, side]) => sideLine(name, side)),
    ),
    tableOf(
      ['ratio', 'low', 'middle', 'high', 'target', 'what'],
      Object.entries(ratios).map(([name, ratio]) => ratioLine(name, ratio)),
    ),
    ...(million === null
      ? []
      : [
          `A million actors with a hold each: ${mib(million.roomHeapBytes)} MiB of heap, ` +
            `${mib(million.roomResidentBytes)} MiB resident alone, ${mib(million.nodeResidentBytes)} MiB in a node (≤ ${mib(MILLION_BYTES)} ${isMillionMet(million) ? 'met' : 'MISSED'}).\n`,
        ]),
  ].join('\n');
}

function about({ date, rounds, machine, load, versions, sides }: Report): string {
  const named = Object.entries(versions).map(([name, v]) => `${name} ${v ?? 'not here'}`);
  const settings = Object.entries(sides).flatMap(([name, side]) => {
    if (side === null) return [];
    const all = Object.entries(side.settings).map(([key, value]) => `${key} ${value}`);
    return [`  ${name}: ${all.join(', ')}`];
  });
  return [
    `${date}, ${rounds} rounds, load ${load.before.toFixed(1)} to ${load.after.toFixed(1)}`,
    `${machine.cores} × ${machine.cpu}, ${Math.round(machine.memoryBytes / 2 ** 30)} GiB, Linux ${machine.kernel}`,
    named.join(', '),
    ...settings,
    '',
  ].join('\n');
}

function sideLine(name: string, side: SideReport | null): string[] {
  if (side === null) return [name, 'not here'];
  const { perSecond, p99Us, cpuSeconds, cpuUsPerCommand, residentBytes, more = {} } = side;
  return [
    name,
    ...[perSecond.low, perSecond.middle, perSecond.high].map(shown),
    p99Us === null ? '' : shown(p99Us.middle),
    cpuUsPerCommand === null ? '' : cpuUsPerCommand.toFixed(1),
    each(cpuSeconds, (s) => s.toFixed(2)),
    each(residentBytes, mib),
    each(more, shown),
  ];
}

function ratioLine(name: string, ratio: RatioReport | null): string[] {
  if (ratio === null) return [name, 'not here'];
  const { low, middle, high, unit, what, target } = ratio;
  const all = [low, middle, high].map((v) => (unit === '×' ? v.toFixed(3) : shown(v)));
  return [name, ...all, target === undefined ? '' : verdict(target), what];
}

/** By what is resident: of the actors alone. */
const isMillionMet = ({ roomHeapBytes, roomResidentBytes }: Million): boolean =>
  (roomResidentBytes ?? roomHeapBytes) <= MILLION_BYTES;

const verdict = ({ sense, amount, met }: NonNullable<RatioReport['target']>): string =>
  `${sense === 'at least' ? '≥' : '≤'} ${shown(amount)} ${met ? 'met' : 'MISSED'}`;

const each = (all: Readonly<Record<string, number | null>>, show: (v: number) => string): string =>
  Object.entries(all)
    .map(([name, value]) => `${name} ${value === null ? '?' : show(value)}`)
    .join(', ');

const mib = (bytes: number | null): string =>
  bytes === null ? '?' : Math.round(bytes / MIB).toString();

const shown = (value: number): string =>
  value.toLocaleString('en-GB', { maximumFractionDigits: 2 });

function tableOf(head: readonly string[], lines: readonly (readonly string[])[]): string {
  const all = [head, ...lines];
  const widths = head.map((_, at) => Math.max(...all.map((line) => line[at]?.length ?? 0)));
  return `${all.map((line) => layOut(line, widths, isFigure)).join('\n')}\n`;
}

/** Names and words begin on the left, figures end on the right. */
const isFigure = (at: number): boolean => at >= 1 && at <= 3;
