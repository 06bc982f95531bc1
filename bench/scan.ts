import { startSandbox } from '../sandbox/sandbox.ts';
import { type Cost, LOGSEAL, measure, mebibytes, median } from './process.ts';
import { LOGS_POLICY } from './world.ts';

const SIZES = [10_000, 100_000];
const ROUNDS = 15;

/** Scanning beside a bare paging loop of the SDK, in turns, so that a machine that drifts is unfair to neither. */
export async function scanBench(): Promise<void> {
  const idle = await measure(['-e', '0'], {});
  process.stdout.write(
    `scan --format ndjson beside a bare SDK paging loop, medians of ${ROUNDS}; Node alone takes ${mebibytes(idle.peakBytes)}\n`,
  );
  for (const groups of SIZES) {
    const sandbox = await startSandbox({ world: worldOf(groups) });
    const scans: Cost[] = [];
    const loops: Cost[] = [];
    for (let round = 0; round < ROUNDS; round++) {
      loops.push(await measure(['scripts/run.mjs', 'bench/bare-loop.ts'], sandbox.environment()));
      sandbox.resetCalls();
      scans.push(await measure([...LOGSEAL, 'scan', '--format', 'ndjson'], sandbox.environment()));
    }
    const calls = Object.entries(sandbox.calls()).map(([name, count]) => `${count} ${name}`);
    await sandbox.close();
    const [scan, loop] = [scans, loops].map((costs) => median(costs.map(({ seconds }) => seconds)));
    const ratio = median(scans.map(({ seconds }, round) => seconds / (loops[round]?.seconds ?? Number.NaN)));
    const peak = Math.max(...scans.map(({ peakBytes }) => peakBytes));
    process.stdout.write(
      `  ${groups} groups: ${scan?.toFixed(2)} s, loop ${loop?.toFixed(2)} s, ratio ${ratio.toFixed(2)} (goal 1.15); ` +
        `peak ${mebibytes(peak)}, ${mebibytes(peak - idle.peakBytes)} above Node (goal 128 MiB), loop ${mebibytes(Math.max(...loops.map(({ peakBytes }) => peakBytes)))}; ` +
        `calls: ${calls.join(', ')} (the loop makes ${groups / 50})\n`,
    );
  }
}

/** Half of the groups have a healthy key, one of four. */
function worldOf(groups: number) {
  const names = ['a', 'b', 'c', 'd'];
  return {
    policies: { logs: LOGS_POLICY },
    keys: Object.fromEntries(names.map((name) => [name, { policy: 'logs' }])),
    bulk: [
      { name: '/plain/{n}', count: groups / 2 },
      ...names.map((name) => ({ name: `/sealed-${name}/{n}`, count: groups / 2 / names.length, key: name })),
    ],
  };
}
