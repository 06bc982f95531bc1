import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { startSandbox } from '../sandbox/sandbox.ts';
import { type Cost, LOGSEAL, measure, mebibytes, median } from './process.ts';
import { halfSealed } from './world.ts';

const GROUPS = 100_000;
const EXEMPTIONS = 1_000;
const ROUNDS = 7;

/** Compares a scan with a configuration of many exemptions and one without. They take turns. */
export async function exemptionsBench(): Promise<void> {
  const directory = await mkdtemp(join(tmpdir(), 'logseal-bench-'));
  const path = join(directory, 'logseal.json');
  await writeFile(path, JSON.stringify({ schema: 'logseal/config/1', exemptions: exemptions() }));
  const sandbox = await startSandbox({ world: halfSealed(GROUPS) });
  const [without, under]: [Cost[], Cost[]] = [[], []];
  const scan = [...LOGSEAL, 'scan', '--format', 'ndjson'];
  for (let round = 0; round < ROUNDS; round++) {
    without.push(await measure(scan, sandbox.environment()));
    under.push(await measure([...scan, '--config', path], sandbox.environment()));
  }
  await sandbox.close();
  await rm(directory, { recursive: true });
  const [bare, configured] = [without, under].map((costs) => median(costs.map(({ seconds }) => seconds)));
  const ratio = median(under.map(({ seconds }, round) => seconds / (without[round]?.seconds ?? Number.NaN)));
  const [barePeak = 0, peak = 0] = [without, under].map((costs) => Math.max(...costs.map((one) => one.peakBytes)));
  process.stdout.write(
    `scan of ${GROUPS} log groups under ${EXEMPTIONS} exemptions, medians of ${ROUNDS} rounds: ${configured?.toFixed(2)} s, ` +
      `without ${bare?.toFixed(2)} s, ratio ${ratio.toFixed(2)} (goal 1.10); peak ${mebibytes(peak)}, without ${mebibytes(barePeak)}\n`,
  );
}

/** As people write them: beginnings, ends, middles and whole names, most of which match few log groups. */
function exemptions(): object[] {
  const globs = (index: number) =>
    [`/plain/${index}`, `/team-${index}/*`, `/plain/*${index}x`, `*/${index}7`, `*-${index}-*`][index % 5] ?? '';
  return Array.from({ length: EXEMPTIONS }, (_, index) => ({
    id: `exemption-${index}`,
    match: { names: [globs(index)], regions: ['us-east-1', 'eu-west-1'] },
    reason: 'Measured',
    owner: 'bench@example.com',
    expires: new Date(Date.now() + 86_400_000).toISOString().slice(0, 10),
  }));
}
