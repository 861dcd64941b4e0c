import { defineConfig } from 'vitest/config';

// Packages import one another by name and so run their built code; a test
// imports the file beside it from src.
export default defineConfig({
  test: {
    projects: [
      {
        test: {
          name: 'unit',
          include: [
            '{proto,packages,services,apps}/**/src/**/*.test.{ts,tsx}',
            '{packages,services,apps}/*/test/**/*.test.{ts,tsx}',
          ],
          testTimeout: 20_000,
        },
      },
      {
        test: {
          name: 'system',
          include: ['test/**/*.test.ts'],
          testTimeout: 120_000,
          hookTimeout: 120_000,
          fileParallelism: false,
        },
      },
    ],
  },
});
