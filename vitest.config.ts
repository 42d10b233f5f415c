import { configDefaults, defineConfig } from 'vitest/config';

const TIDY = 'test/tidy.test.ts';

/** `unit`: beside the code, quick, no servers. `system`: real parts, in test/. */
export default defineConfig({
  test: {
    pool: 'forks',
    maxWorkers: 2,
    testTimeout: 120_000,
    hookTimeout: 60_000,
    exclude: [...configDefaults.exclude, 'dist/**'],
    projects: [
      {
        extends: true,
        test: {
          name: 'unit',
          include: [
            '{actors,engine,gateway,oms,rules,cli,client,loadtest}/**/*.test.ts',
            'setup/*.test.mjs',
            TIDY,
          ],
        },
      },
      {
        extends: true,
        test: {
          name: 'system',
          include: ['test/**/*.test.ts'],
          exclude: [TIDY],
        },
      },
    ],
  },
});
