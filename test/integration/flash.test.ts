import { existsSync } from 'node:fs';
import { afterEach, describe, expect, test } from 'vitest';
import type { sale as Sell } from '../../cli/replay/flash/sale.ts';
import { Opened } from '../../loadtest/opened.ts';

/** The real programs, behind links that take 50 ms in either direction. */
const built = new URL('../../dist/cli/replay/flash/sale.js', import.meta.url);
const SLOW_MS = 240_000;
const UNITS = 500;

const opened = new Opened();
afterEach(() => opened.close(), SLOW_MS);

describe.skipIf(!existsSync(built))('a flash sale at four points over long links', () => {
  test(
    'sells every unit once, and sends nobody away while one is left',
    async () => {
      const { sale } = (await import(built.href)) as { sale: typeof Sell };
      const done = await sale({ units: UNITS, rate: 200, delayMs: 50, opened, say: () => {} });
      expect(done).toMatchObject({
        ...{ accepted: UNITS, refused: 4 * UNITS, failed: 0, unsold: 0, oversold: 0 },
        ...{ refusedWhileUnsold: 0, wrongly: [], held: UNITS, out: 0 },
      });
      expect(Object.keys(done.split).sort()).toEqual(['ap', 'eu', 'hub', 'us']);
    },
    SLOW_MS,
  );
});
