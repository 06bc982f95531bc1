import { startSandbox } from '../sandbox/sandbox.ts';
import { LOGSEAL, measure, mebibytes } from './process.ts';

const PROJECTS = 100;
const LOGSTORES = [20, 200];
const REGION = 'cn-hangzhou';

/** Scans Logstores, which takes a call each: counts the calls, and compares the memory for ten times as many Logstores. */
export async function logstoresBench(): Promise<void> {
  const idle = await measure(['-e', '0'], {});
  const peaks: number[] = [];
  for (const logstores of LOGSTORES) {
    const half = { projects: PROJECTS / 2, logstores };
    const bulk = [
      { project: 'a-{n}', key: 'a', ...half },
      { project: 'b-{n}', key: 'b', ...half },
    ];
    const regions = { [REGION]: { keys: { a: {}, b: {} }, bulk } };
    const sandbox = await startSandbox({ world: { alibaba: { regions } } });
    const { seconds, peakBytes } = await measure(
      [...LOGSEAL, ...['scan', '--provider', 'alibaba', '--region', REGION, '--format', 'ndjson']],
      sandbox.environment(),
    );
    const calls = Object.values(sandbox.calls()).reduce((sum, count) => sum + count, 0);
    await sandbox.close();
    peaks.push(peakBytes);
    const floor = PROJECTS * logstores + PROJECTS + 1 + Object.keys(regions[REGION].keys).length;
    process.stdout.write(
      `scan of ${PROJECTS} projects × ${logstores} Logstores: ${calls} calls (N + pages + K: ${floor}) in ${seconds.toFixed(1)} s, ` +
        `peak ${mebibytes(peakBytes)}, ${mebibytes(peakBytes - idle.peakBytes)} above Node\n`,
    );
  }
  const [few = 0, many = 0] = peaks;
  process.stdout.write(`  ten times the Logstores take ${mebibytes(many - few)} more\n`);
}
