import { startVitest } from 'vitest/node';

type Settings = NonNullable<Parameters<typeof startVitest>[2]>;

/** Runs test files that are not part of `npm test` in Vitest, one after the other, and sets the exit status. */
export async function runTests(include: string, files: readonly string[], settings: Settings): Promise<void> {
  const vitest = await startVitest('test', [...files], {
    config: false,
    watch: false,
    include: [include],
    fileParallelism: false,
    maxConcurrency: 2, // each concurrent test keeps a core busy
    reporters: ['verbose'],
    hookTimeout: 120_000,
    testTimeout: 120_000,
    ...settings,
  });
  await vitest.close();
}
