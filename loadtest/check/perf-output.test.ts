import { expect, test } from 'vitest';
import { instructionsIn } from './perf-output.ts';

test('the count of the event that was asked for', () => {
  const text = '12,,task-clock:u,9,100.00,,\n4804231,,instructions:u,612000,100.00,,\n';
  expect(instructionsIn(text)).toBe(4_804_231);
});
test('a machine that does not count has no count, not 0', () => {
  expect(instructionsIn('<not supported>,,instructions:u,0,100.00,,\n')).toBeUndefined();
  expect(instructionsIn('<not counted>,,instructions:u,0,0.00,,\n')).toBeUndefined();
  expect(instructionsIn('')).toBeUndefined();
});
