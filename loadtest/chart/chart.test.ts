import { describe, expect, test } from 'vitest';
import type { Report, SideReport } from '../compare/report.ts';
import { chart } from './chart.ts';
import { logScale, short } from './scale.ts';
import { element, escaped } from './svg.ts';

const side = (what: string, middle: number): SideReport => ({
  what,
  settings: {},
  perSecond: { low: middle / 2, middle, high: middle * 2 },
  p50Us: null,
  p99Us: null,
  commands: 1,
  cpuSeconds: {},
  cpuUsPerCommand: null,
  residentBytes: {},
});
const report = (sides: Report['sides']): Report => ({
  date: '2001-01-01',
  rounds: 5,
  machine: { cpu: 'A <fast> one', cores: 2, memoryBytes: 1, kernel: '6' },
  load: { before: 1, after: 2 },
  versions: {},
  sides,
  ratios: {},
  million: null,
});

describe('scale', () => {
  test('ten times as many is the same step everywhere', () => {
    const { at, ticks } = logScale([50, 4_000], 300);
    expect(ticks).toEqual([10, 100, 1_000, 10_000]);
    expect([at(10), at(100), at(1_000), at(10_000)]).toEqual([0, 100, 200, 300]);
  });
  test('one value alone still has a step around it', () => {
    expect(logScale([100], 10).ticks).toEqual([100, 1_000]);
  });
  test('figures keep three digits', () => {
    expect([1_234_567, 38_359, 999_999, 42].map(short)).toEqual(['1.23M', '38.4k', '1M', '42']);
  });
});

describe('chart', () => {
  test('draws each side that was measured, in its panel, and no other', () => {
    const svg = chart(
      report({
        'redis.none.depth16': side('Redis', 1_000),
        'holdfast.synced.depth16': side('Holdfast', 3_000),
        'holdfast.synced.depth1': null,
        'size.node.base': side('size', 9),
      }),
    );
    expect(svg.match(/class="(holdfast|peer)"/g)).toHaveLength(2);
    expect(svg).toContain('16 in a frame or pipeline');
    expect(svg).not.toContain('One reservation in a frame');
    expect(svg.indexOf('class="peer"')).toBeLessThan(svg.indexOf('class="holdfast"'));
  });
  test('a bar ends at its middle, its line at the lowest and the highest', () => {
    const svg = chart(report({ 'redis.none.depth1': side('Redis', 200) }));
    const width = Number(/<rect x=[^>]*width="([\d.]+)"/.exec(svg)?.[1]);
    const [, x1, x2] = (/<line x1="([\d.]+)" x2="([\d.]+)"[^>]*class="spread"/.exec(svg) ?? []).map(
      Number,
    );
    const x = Number(/<rect x="([\d.]+)"/.exec(svg)?.[1]);
    expect(x1).toBeLessThan(x + width);
    expect(x2).toBeGreaterThan(x + width);
    expect((x1 as number) + (x2 as number)).toBeCloseTo(2 * (x + width), 0);
  });
  test('what a machine calls itself cannot break the picture', () => {
    const svg = chart(report({ 'redis.none.depth1': side('a "b" & <c>', 5) }));
    expect(svg).toContain('A &lt;fast&gt; one');
    expect(svg).toContain('a &quot;b&quot; &amp; &lt;c&gt;');
  });
  test('nothing measured is nothing to draw', () => {
    expect(() => chart(report({}))).toThrow('nothing to draw');
  });
});

test('an element without content is closed', () => {
  expect(element('line', { x: 1.26, class: 'a"b' })).toBe('<line x="1.3" class="a&quot;b"/>');
  expect(element('text', {}, escaped('<'))).toBe('<text>&lt;</text>');
});
