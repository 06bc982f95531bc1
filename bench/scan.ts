import { startSandbox } from '../sandbox/sandbox.ts';
import { type Cost, LOGSEAL, measure, mebibytes, median } from './process.ts';
import { halfSealed } from './world.ts';

const RUNS = [
  { groups: 10_000, rounds: 15 },
  { groups: 100_000, rounds: 7 },
];

/** Compares a scan with a bare paging loop of the SDK. They take turns, so that a change in the machine's speed hits both. */
export async function scanBench(): Promise<void> {
  const idle = await measure(['-e', '0'], {});
  process.stdout.write(
    `scan --format ndjson beside a bare SDK paging loop, medians; Node alone takes ${mebibytes(idle.peakBytes)}\n`,
  );
  for (const { groups, rounds } of RUNS) {
    const sandbox = await startSandbox({ world: halfSealed(groups) });
    const scans: Cost[] = [];
    const loops: Cost[] = [];
    for (let round = 0; round < rounds; round++) {
      loops.push(await measure(['scripts/run.mjs', 'bench/bare-loop.ts'], sandbox.environment()));
      sandbox.resetCalls();
      scans.push(await measure([...LOGSEAL, 'scan', '--format', 'ndjson'], sandbox.environment()));
    }
    const calls = Object.entries(sandbox.calls()).map(([name, count]) => `${count} ${name}`);
    await sandbox.close();
    const [scan, loop] = [scans, loops].map((costs) => median(costs.map(({ seconds }) => seconds)));
    const ratio = median(scans.map(({ seconds }, round) => seconds / (loops[round]?.seconds ?? Number.NaN)));
    const [scanPeak = 0, loopPeak = 0] = [scans, loops].map((costs) => Math.max(...costs.map((one) => one.peakBytes)));
    process.stdout.write(
      `  ${groups} groups, ${rounds} rounds: ${scan?.toFixed(2)} s, loop ${loop?.toFixed(2)} s, ratio ${ratio.toFixed(2)} (goal 1.15); ` +
        `peak ${mebibytes(scanPeak)}, ${mebibytes(scanPeak - idle.peakBytes)} above Node (goal 128 MiB), loop ${mebibytes(loopPeak)}; ` +
        `calls: ${calls.join(', ')} (the loop makes ${groups / 50})\n`,
    );
  }
}
