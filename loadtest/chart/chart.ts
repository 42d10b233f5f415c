import type { Report, SideReport } from '../compare/report.ts';
import { CONNECTIONS } from '../throughput/shape.ts';
import { logScale, type Scale, short } from './scale.ts';
import { element, escaped } from './svg.ts';

/** Panels from the top: a title, and the sides in it as far as they were measured. */
const PANELS: readonly { readonly title: string; readonly isIn: RegExp }[] = [
  {
    title: 'One reservation in a frame or pipeline',
    isIn: /\.(unsynced|synced|none|always)\.depth1$/,
  },
  { title: '16 in a frame or pipeline', isIn: /\.depth16$/ },
  { title: '128 in a frame or pipeline', isIn: /\.(depth|each)128$/ },
  { title: 'One SKU that everybody wants, and 10,000', isIn: /\.(hot|spread)\b/ },
  { title: 'As many in a frame as it takes', isIn: /(8189|nats1000|^tigerbeetle$)/ },
];

const WIDTH = 880;
const LEFT = 350;
const RIGHT = 70;
const TOP = 64;
const BAR = 16;
const LINE = 24;
const PANEL_HEAD = 34;
const FOOT = 46;

/** Colours that tell on white and on black; text takes the reader's own. */
const STYLE = `
  .paper { fill: #ffffff }
  text { font: 13px system-ui, sans-serif; fill: #24292f }
  .title { font-size: 17px; font-weight: 600 }
  .panel { font-weight: 600 }
  .quiet, .tick { fill: #57606a; font-size: 12px }
  .grid { stroke: #8c959f; stroke-opacity: .35 }
  .spread { stroke: #24292f; stroke-width: 1.5 }
  .holdfast { fill: #2f81f7 }
  .peer { fill: #9a8c7c }
  @media (prefers-color-scheme: dark) {
    .paper { fill: #0d1117 }
    text { fill: #e6edf3 }
    .quiet, .tick { fill: #9da7b3 }
    .spread { stroke: #e6edf3 }
  }
`;

type Named = readonly [name: string, side: SideReport];

/** Reservations a second of every side as an SVG: bars to the middle round, lines from the lowest to the highest. */
export function chart(report: Report): string {
  const panels = PANELS.map(({ title, isIn }) => ({ title, sides: sidesOf(report, isIn) })).filter(
    ({ sides }) => sides.length > 0,
  );
  const all = panels.flatMap(({ sides }) => sides.flatMap(([, { perSecond }]) => perSecond));
  if (all.length === 0) throw new Error('the report has nothing to draw');
  const pixels = WIDTH - LEFT - RIGHT;
  const scale = logScale(
    all.flatMap(({ low, high }) => [low, high]),
    pixels,
  );
  let y = TOP;
  const drawn = panels.map(({ title, sides }) => {
    const begun = y;
    y += PANEL_HEAD + sides.length * LINE;
    return panel(title, sides, scale, begun);
  });
  const height = y + FOOT;
  const paper = element('rect', { width: WIDTH, height, class: 'paper' });
  const parts = [paper, head(), grid(scale, y), ...drawn, foot(report, y)];
  return `${element(
    'svg',
    {
      xmlns: 'http://www.w3.org/2000/svg',
      viewBox: `0 0 ${WIDTH} ${height}`,
      role: 'img',
      'aria-label': 'Reservations a second of Holdfast and its peers',
    },
    `<style>${STYLE}</style>\n${parts.join('\n')}\n`,
  )}\n`;
}

function sidesOf({ sides }: Report, isIn: RegExp): Named[] {
  return Object.entries(sides).flatMap(([name, side]): Named[] =>
    side !== null && isIn.test(name) && !name.startsWith('size.') ? [[name, side]] : [],
  );
}

const text = (x: number, y: number, of: string, kind: string, anchor = 'start'): string =>
  element('text', { x, y, class: kind, 'text-anchor': anchor }, escaped(of));

const head = (): string =>
  [
    text(16, 26, 'Reservations a second, more is better', 'title'),
    text(
      16,
      46,
      `${CONNECTIONS} connections where nothing else is said; each step is ten times as many; lines: lowest to highest round`,
      'quiet',
    ),
  ].join('\n');

function grid(scale: Scale, bottom: number): string {
  return scale.ticks
    .map((tick) => {
      const x = LEFT + scale.at(tick);
      const line = element('line', { x1: x, x2: x, y1: TOP, y2: bottom + 4, class: 'grid' });
      return line + text(x, bottom + 18, short(tick), 'tick', 'middle');
    })
    .join('\n');
}

function panel(title: string, sides: readonly Named[], scale: Scale, top: number): string {
  const lines = sides.map((side, i) => bar(side, scale, top + PANEL_HEAD + i * LINE));
  return [text(16, top + 24, title, 'panel'), ...lines].join('\n');
}

function bar([name, { what, perSecond }]: Named, scale: Scale, y: number): string {
  const [low, middle, high] = [perSecond.low, perSecond.middle, perSecond.high].map(scale.at);
  const kind = name.startsWith('holdfast') ? 'holdfast' : 'peer';
  const centre = y + BAR / 2;
  const baseline = centre + 4;
  return [
    text(LEFT - 8, baseline, what, '', 'end'),
    element('rect', { x: LEFT, y, width: Math.max(1, middle ?? 0), height: BAR, class: kind }),
    element('line', {
      ...{ x1: LEFT + (low ?? 0), x2: LEFT + (high ?? 0), y1: centre, y2: centre },
      class: 'spread',
    }),
    text(LEFT + (high ?? 0) + 6, baseline, short(perSecond.middle), ''),
  ].join('');
}

function foot({ date, machine, rounds, load }: Report, y: number): string {
  const about =
    `${date}, ${machine.cores} × ${machine.cpu}, ${rounds} rounds, ` +
    `load average ${load.before.toFixed(1)} to ${load.after.toFixed(1)}`;
  return text(16, y + 38, about, 'quiet');
}
