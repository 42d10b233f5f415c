import { describe, expect, it } from 'vitest';
import { RulesRequest } from './rules-schemas.ts';

/** Maps or lists within each other, as JSON has them. */
const nested = (levels: number, [open, close]: readonly [string, string]): unknown =>
  JSON.parse(`${open.repeat(levels)}1${close.repeat(levels)}`);
const MAPS = ['{"a":', '}'] as const;
const LISTS = ['[', ']'] as const;

describe('what is asked of rules', () => {
  it('is refused where it goes deeper than anything can, however deep that is', () => {
    for (const levels of [17, 100_000]) {
      for (const value of [nested(levels, MAPS), nested(levels, LISTS)]) {
        const asked = RulesRequest.safeParse({ op: 'set', path: 'channels/a', value });
        expect(asked.error?.issues).toMatchObject([{ path: ['value'] }]);
      }
      const merge = { op: 'merge', patch: nested(levels, MAPS) };
      const steps = RulesRequest.safeParse({ op: 'edit', edits: [merge] });
      expect(steps.error?.issues).toMatchObject([{ path: ['edits', 0, 'patch'] }]);
    }
  });

  it('may go as deep as a rule', () => {
    const patch = { allocations: { usual: { parts: { app: { percent: 40 } } } } };
    expect(RulesRequest.safeParse({ op: 'merge', patch }).success).toBe(true);
  });
});
