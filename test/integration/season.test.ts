import { existsSync } from 'node:fs';
import { afterEach, describe, expect, test } from 'vitest';
import type { Play as Acts } from '../../cli/replay/season/acts.ts';
import type { Stage as Doors } from '../../cli/replay/season/stage.ts';
import { Opened } from '../../loadtest/opened.ts';

/** The real programs: a hub and two regions. */
const acts = new URL('../../dist/cli/replay/season/acts.js', import.meta.url);
const stage = new URL('../../dist/cli/replay/season/stage.js', import.meta.url);
const SLOW_MS = 400_000;

const opened = new Opened();
afterEach(() => opened.close(), SLOW_MS);

describe.skipIf(!existsSync(acts))('a season of one product in four channels', () => {
  test(
    'has every pool as it should be at every step, and ships every accepted order once',
    async () => {
      const { Play } = (await import(acts.href)) as { Play: typeof Acts };
      const { Stage } = (await import(stage.href)) as { Stage: typeof Doors };
      const on = await Stage.open(opened);
      const { steps, settled, faults } = await new Play(on, () => {}).run();
      expect(faults).toEqual([]);
      expect(settled.map(({ path }) => path)).toEqual(['allocations/usual/parts']);
      expect(steps.length).toBeGreaterThan(10);
      expect(on.views.length).toBeGreaterThan(20);
      expect(on.accepted.size).toBe(100);
    },
    SLOW_MS,
  );
});
