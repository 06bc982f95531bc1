import { availableParallelism } from 'node:os';
import { defineConfig } from 'vitest/config';

export default defineConfig({
  test: {
    include: ['test/**/*.test.ts'],
    // `*.tools.test.ts` need Python's tools: `npm run test:tools`.
    exclude: process.env['LOGSEAL_TOOLS_TESTS'] ? [] : ['test/**/*.tools.test.ts'],
    testTimeout: 30_000,
    // One for each core; Vitest's default leaves a core out.
    maxWorkers: availableParallelism(),
    // The files of a worker share their modules: loading the SDKs anew for each takes a third of the suite's time. What a
    // test changes of its process (`vi.stubEnv`, spies) it therefore takes back itself.
    isolate: false,
    coverage: {
      provider: 'v8',
      include: ['lib/**/*.ts'],
      // It runs in a browser: `npm run test:report`.
      exclude: ['lib/report/html/client/**'],
      thresholds: { lines: 95, functions: 95, branches: 90, statements: 95 },
    },
  },
});
