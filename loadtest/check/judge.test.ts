import { describe, expect, test } from 'vitest';
import { failures, judgedText, judgeRow } from './judge.ts';

const RECORDED = { low: 0.9, middle: 1, high: 1.2 };
const now = (middle: number) => ({ low: middle, middle, high: middle });

describe('judgeRow', () => {
  test.each([
    [1, 'steady'],
    [1.19, 'steady'],
    [1.21, 'worse'],
    [0.91, 'steady'],
    [0.89, 'better'],
  ])('a middle of %d is %s where 0.9 to 1.2 was measured', (middle, kind) => {
    expect(judgeRow(RECORDED, now(middle)).kind).toBe(kind);
  });
  test('its own worst round does not condemn it, nor its best one save it', () => {
    expect(judgeRow(RECORDED, { low: 1, middle: 1.1, high: 9 }).kind).toBe('steady');
    expect(judgeRow(RECORDED, { low: 0.1, middle: 1.3, high: 1.4 }).kind).toBe('worse');
  });
  test('what was recorded without noise may still move by two in a hundred', () => {
    const exact = { low: 100, middle: 100, high: 100 };
    expect(judgeRow(exact, now(101.9)).kind).toBe('steady');
    expect(judgeRow(exact, now(102.1)).kind).toBe('worse');
    expect(judgeRow(exact, now(97)).kind).toBe('better');
  });
  test('absolute size does not matter', () => {
    const small = { low: 9e-6, middle: 1e-5, high: 1.2e-5 };
    expect(judgeRow(small, now(1.3e-5)).kind).toBe('worse');
  });
  test('a row on one side only says so', () => {
    expect(judgeRow(undefined, now(1)).kind).toBe('not recorded');
    expect(judgeRow(RECORDED, null).kind).toBe('not here');
    expect(judgeRow(null, null).kind).toBe('not here');
  });
});

test('worse and not recorded fail; better, steady and not here do not', () => {
  const recorded = { a: RECORDED, b: RECORDED, c: RECORDED, d: RECORDED };
  const measured = { a: now(1.3), b: now(1), c: now(0.5), d: null, e: now(1) };
  expect(failures(recorded, measured)).toEqual(['a', 'e']);
});

test('the text names every row of either side, and why', () => {
  const text = judgedText({ a: RECORDED, gone: RECORDED }, { a: now(1.5), fresh: now(2) });
  expect(text).toMatch(/^a .*WORSE by 50\.0 %, beyond the noise of 20\.0 %$/m);
  expect(text).toMatch(/^gone .*not countable here$/m);
  expect(text).toMatch(/^fresh .*NOT RECORDED/m);
});
