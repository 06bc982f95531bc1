import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';

export const root = resolve(import.meta.dirname, '..');

const { scripts } = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8'));
/** Arguments for Node that run logseal exactly as its npm script does. */
export const LOGSEAL: readonly string[] = scripts.logseal.split(' ').slice(1);

/** What a process cost from its start to its end. */
export interface Cost {
  readonly seconds: number;
  readonly peakBytes: number;
}

/**
 * Runs a script of this project in a process of its own, discards its output and measures it.
 * @throws Error when it fails, or is killed because it took longer than `timeoutMs`
 */
export async function measure(
  words: readonly string[],
  environment: Record<string, string>,
  timeoutMs?: number,
): Promise<Cost> {
  const report = join(tmpdir(), `logseal-bench-${process.pid}.txt`);
  const startedAt = performance.now();
  const child = spawn(process.execPath, ['--import', join(root, 'bench/measured.mjs'), ...words], {
    cwd: root,
    stdio: ['ignore', 'ignore', 'inherit'],
    env: { ...process.env, ...environment, LOGSEAL_BENCH_REPORT: report },
    timeout: timeoutMs,
    killSignal: 'SIGKILL',
  });
  const [status, signal] = await once(child, 'exit');
  const seconds = (performance.now() - startedAt) / 1000;
  // Exit status 3: done, and something is not compliant.
  if (status !== 0 && status !== 3) {
    throw new Error(
      `${words.join(' ')}: ended with ${signal ?? `exit status ${status}`} after ${seconds.toFixed(0)} s`,
    );
  }
  return { seconds, peakBytes: Number(readFileSync(report, 'utf8')) };
}

export function median(values: readonly number[]): number {
  const sorted = values.toSorted((one, other) => one - other);
  return sorted[Math.floor(sorted.length / 2)] ?? Number.NaN;
}

export function mebibytes(bytes: number): string {
  return `${(bytes / 2 ** 20).toFixed(0)} MiB`;
}
