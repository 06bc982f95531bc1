import { defineConfig } from 'vitest/config';

export default defineConfig({
  test: {
    include: ['test/**/*.test.ts'],
    // `*.tools.test.ts` need Python's tools: `npm run test:tools`.
    exclude: process.env['LOGSEAL_TOOLS_TESTS'] ? [] : ['test/**/*.tools.test.ts'],
    testTimeout: 30_000,
    coverage: {
      provider: 'v8',
      include: ['lib/**/*.ts'],
      thresholds: { lines: 95, functions: 95, branches: 90, statements: 95 },
    },
  },
});
