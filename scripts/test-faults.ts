import { type ChildProcess, fork } from 'node:child_process';
import { availableParallelism } from 'node:os';
import { join, resolve } from 'node:path';
import { parseArgs } from 'node:util';
import { bundleTemplate } from '../test/faults/bundle.ts';
import type { RunResult } from '../test/faults/process.ts';

/**
 * `npm run test:faults -- [--runs N] [--seed S]`: N random runs of the deployed functions under faults, each with the seed
 * after the last one's. A run that violates an invariant is printed with its seed, and `--seed S --runs 1` repeats it.
 */
const { values } = parseArgs({
  options: { runs: { type: 'string', default: '100' }, seed: { type: 'string', default: '1' } },
});
const [runs, firstSeed] = [whole('runs', values.runs, 1), whole('seed', values.seed, 0)];
const GIVE_UP_AFTER_MS = 120_000;

const beganMs = performance.now();
const template = await bundleTemplate();
const seeds = Array.from({ length: runs }, (_, index) => firstSeed + index);
const results: RunResult[] = [];
// One more than cores, since a run sometimes waits a moment to see that nobody does anything.
const processes = Math.min(runs, availableParallelism() + 1);
try {
  await Promise.all(Array.from({ length: processes }, runAll));
} finally {
  await template.remove();
}
report();

function whole(name: string, text: string, least: number): number {
  const value = Number(text);
  if (Number.isSafeInteger(value) && value >= least) return value;
  process.stderr.write(`--${name}: expected a whole number of at least ${least}, got ${JSON.stringify(text)}\n`);
  return process.exit(2);
}

/** Sends seeds to a process of its own until none is left. */
async function runAll(): Promise<void> {
  let child: ChildProcess | undefined;
  for (let seed = seeds.shift(); seed !== undefined; seed = seeds.shift()) {
    child ??= fork(join(resolve(import.meta.dirname, '..'), 'test/faults/process.ts'), [template.path]);
    const result = await runOne(child, seed);
    if (result.calls === 0) {
      child.kill('SIGKILL');
      child = undefined;
    }
    results.push(result);
    show(result);
  }
  child?.disconnect();
}

function runOne(child: ChildProcess, seed: number): Promise<RunResult> {
  return new Promise((done) => {
    const failed = (what: string) => {
      child.removeAllListeners();
      clearTimeout(timer);
      done({ seed, violations: [{ invariant: 'the run itself', stack: '', what }], calls: 0, seen: {}, tookMs: 0 });
    };
    const timer = setTimeout(() => failed(`did not end within ${GIVE_UP_AFTER_MS / 1000} s`), GIVE_UP_AFTER_MS);
    child.once('exit', (code) => failed(`the process ended with ${code}`));
    child.once('message', (result) => {
      child.removeAllListeners();
      clearTimeout(timer);
      done(result as RunResult);
    });
    child.send(seed);
  });
}

function show({ seed, violations }: RunResult): void {
  if (violations.length === 0) return;
  process.stdout.write(`seed ${seed}: npm run test:faults -- --seed ${seed} --runs 1\n`);
  for (const { invariant, stack, what } of violations.slice(0, 10)) {
    process.stdout.write(`  ${invariant}${stack && ` (${stack})`}: ${what}\n`);
  }
  if (violations.length > 10) process.stdout.write(`  and ${violations.length - 10} more\n`);
}

function report(): void {
  const seconds = ((performance.now() - beganMs) / 1000).toFixed(0);
  const bad = results.filter(({ violations }) => violations.length > 0);
  const calls = results.reduce((sum, result) => sum + result.calls, 0);
  const seen = new Map<string, number>();
  for (const [name, count] of results.flatMap((result) => Object.entries(result.seen))) {
    seen.set(name, (seen.get(name) ?? 0) + count);
  }
  const names = Map.groupBy(
    bad.flatMap(({ violations }) => violations),
    ({ invariant }) => invariant,
  );
  for (const [invariant, all] of names) process.stdout.write(`${invariant}: ${all.length} violations\n`);
  process.stdout.write(`${[...seen].map(([name, count]) => `${count} ${name}`).join(', ')}\n`);
  process.stdout.write(
    `${results.length} runs from seed ${firstSeed} in ${seconds} s, ${calls} calls: ${bad.length} violate an invariant\n`,
  );
  process.exitCode = bad.length > 0 ? 1 : 0;
}
