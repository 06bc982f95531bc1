import { startSandbox } from '../sandbox/sandbox.ts';
import { LOGSEAL, measure, mebibytes } from './process.ts';
import { halfSealed } from './world.ts';

const GROUPS = 1_000_000;
const TIMEOUT_MS = 300_000;
/** The goals for memory above Node's own; none is set for a table. */
const FORMATS = { json: 'goal 150 MiB', ndjson: 'goal 150 MiB', table: 'no goal' };

/** Whether memory stays flat at the largest size, by format. One round each: memory hardly varies, and a round is long. */
export async function largeScanBench(): Promise<void> {
  const idle = await measure(['-e', '0'], {});
  const sandbox = await startSandbox({ world: halfSealed(GROUPS) });
  for (const [format, goal] of Object.entries(FORMATS)) {
    const figures = await measure([...LOGSEAL, 'scan', '--format', format], sandbox.environment(), TIMEOUT_MS).then(
      ({ seconds, peakBytes }) =>
        `${seconds.toFixed(0)} s, peak ${mebibytes(peakBytes)}, ${mebibytes(peakBytes - idle.peakBytes)} above Node (${goal})`,
      (error: Error) => {
        process.exitCode = 1;
        return `NOT MEASURED: ${error.message}`;
      },
    );
    process.stdout.write(`scan of ${GROUPS} groups as ${format}: ${figures}\n`);
  }
  await sandbox.close();
}
