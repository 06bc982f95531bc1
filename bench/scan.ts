import { spawn } from 'node:child_process';
import { mkdtemp, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { type Cost, measure, mebibytes, median, root } from './process.ts';
import { LOGS_POLICY } from './world.ts';

const SIZES = [10_000, 100_000];
const ROUNDS = 5;

/** Scanning beside a bare paging loop of the SDK, in turns, so that a machine that drifts is unfair to neither. */
export async function scanBench(): Promise<void> {
  const idle = await measure(['-e', '0'], {});
  process.stdout.write(
    `scan --format ndjson beside a bare SDK paging loop, medians of ${ROUNDS}; Node alone takes ${mebibytes(idle.peakBytes)}\n`,
  );
  for (const groups of SIZES) {
    const { environment, stop } = await serve(groups);
    const scans: Cost[] = [];
    const loops: Cost[] = [];
    for (let round = 0; round < ROUNDS; round++) {
      loops.push(await measure(['scripts/run.mjs', 'bench/bare-loop.ts'], environment));
      scans.push(
        await measure(
          ['--max-semi-space-size=4', 'scripts/run.mjs', 'cli/main.ts', 'scan', '--format', 'ndjson'],
          environment,
        ),
      );
    }
    stop();
    const [scan, loop] = [scans, loops].map((costs) => median(costs.map(({ seconds }) => seconds)));
    const ratio = median(scans.map(({ seconds }, round) => seconds / (loops[round]?.seconds ?? Number.NaN)));
    const peak = Math.max(...scans.map(({ peakBytes }) => peakBytes));
    process.stdout.write(
      `  ${groups} groups: ${scan?.toFixed(2)} s, loop ${loop?.toFixed(2)} s, ratio ${ratio.toFixed(2)} (goal 1.15); ` +
        `peak ${mebibytes(peak)}, ${mebibytes(peak - idle.peakBytes)} above Node (goal 128 MiB), loop ${mebibytes(Math.max(...loops.map(({ peakBytes }) => peakBytes)))}\n`,
    );
  }
}

/** A sandbox in a process of its own, as a cloud is: half the groups have a healthy key, under one of four keys. */
async function serve(groups: number): Promise<{ environment: Record<string, string>; stop: () => void }> {
  const names = ['a', 'b', 'c', 'd'];
  const world = {
    policies: { logs: LOGS_POLICY },
    keys: Object.fromEntries(names.map((name) => [name, { policy: 'logs' }])),
    bulk: [
      { name: '/plain/{n}', count: groups / 2 },
      ...names.map((name) => ({ name: `/sealed-${name}/{n}`, count: groups / 2 / names.length, key: name })),
    ],
  };
  const file = join(await mkdtemp(join(tmpdir(), 'logseal-bench-')), 'world.yaml');
  await writeFile(file, JSON.stringify(world));
  const server = spawn(process.execPath, ['cli/main.ts', 'sandbox', '--port', '0', '--world', file], {
    cwd: root,
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  const environment: Record<string, string> = {};
  for await (const line of createInterface(server.stdout)) {
    const [, name = '', value = ''] = /^export (\w+)=(.*)$/.exec(line) ?? [];
    environment[name] = value;
    if (name === 'AWS_REGION') break;
  }
  return { environment, stop: () => server.kill() };
}
