import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { startSandbox } from '../sandbox/sandbox.ts';
import { bundle } from '../scripts/package/bundle.ts';
import { type Cost, LOGSEAL, measure, mebibytes, median } from './process.ts';
import { halfSealed } from './world.ts';

const RUNS = [
  { groups: 10_000, rounds: 15 },
  { groups: 100_000, rounds: 7 },
  { groups: 1_000_000, rounds: 1 },
];
const LOOP = ['scripts/run.mjs', 'bench/bare-loop.ts'];
const SCAN = ['scan', '--format', 'ndjson'];

/**
 * Compares a scan with a bare paging loop of the SDK: as npm runs it here, and as the package contains it. They take turns, so that a
 * change in the machine's speed hits all.
 */
export async function scanBench(): Promise<void> {
  const idle = await measure(['-e', '0'], {});
  process.stdout.write(
    `scan --format ndjson beside a bare SDK paging loop, medians; Node alone takes ${mebibytes(idle.peakBytes)}\n`,
  );
  const directory = await mkdtemp(join(tmpdir(), 'logseal-bench-'));
  await bundle(directory);
  await writeFile(join(directory, 'package.json'), '{"type":"module"}');
  const commands = { 'npm run logseal': LOGSEAL, 'the package': [join(directory, 'logseal.js')] };
  for (const { groups, rounds } of RUNS) {
    const sandbox = await startSandbox({ world: halfSealed(groups) });
    const loops: Cost[] = [];
    const scans = Object.keys(commands).map((): Cost[] => []);
    for (let round = 0; round < rounds; round++) {
      loops.push(await measure(LOOP, sandbox.environment()));
      for (const [index, start] of Object.values(commands).entries()) {
        sandbox.resetCalls();
        scans[index]?.push(await measure([...start, ...SCAN], sandbox.environment()));
      }
    }
    const calls = Object.entries(sandbox.calls()).map(([name, count]) => `${count} ${name}`);
    await sandbox.close();
    process.stdout.write(
      `  ${groups} groups, ${rounds} rounds: loop ${timesOf(loops)}, peak ${mebibytes(peakOf(loops))}; ` +
        `calls of a scan: ${calls.join(', ')} (the loop makes ${groups / 50})\n`,
    );
    for (const [index, name] of Object.keys(commands).entries()) {
      const costs = scans[index] ?? [];
      process.stdout.write(
        `    ${name}: ${timesOf(costs)}, ratio ${ratioOf(costs, loops)} (goal 1.15); ` +
          `peak ${mebibytes(peakOf(costs))}, ${mebibytes(peakOf(costs) - idle.peakBytes)} above Node (goal 150 MiB)\n`,
      );
    }
  }
  await rm(directory, { recursive: true });
}

function timesOf(costs: readonly Cost[]): string {
  return `${median(costs.map(({ seconds }) => seconds)).toFixed(2)} s`;
}

function ratioOf(costs: readonly Cost[], loops: readonly Cost[]): string {
  return median(costs.map(({ seconds }, round) => seconds / (loops[round]?.seconds ?? Number.NaN))).toFixed(2);
}

function peakOf(costs: readonly Cost[]): number {
  return Math.max(...costs.map(({ peakBytes }) => peakBytes));
}
