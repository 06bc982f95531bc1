import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

/**
 * Runs a script's work and cleans up afterwards, even when the work fails or is interrupted. The clean-up is synchronous,
 * because Vitest ends the process on an interrupt without waiting.
 * @param work gets a directory that is removed afterwards, and registers further clean-up with `onEnd`
 */
export async function withCleanUp(
  work: (directory: string, onEnd: (undo: () => void) => void) => Promise<void>,
): Promise<void> {
  const directory = mkdtempSync(join(tmpdir(), 'logseal-run-'));
  const steps = [() => rmSync(directory, { recursive: true, force: true, maxRetries: 10, retryDelay: 100 })];
  const cleanUp = () => {
    for (const undo of steps.splice(0).reverse()) undo();
  };
  process.once('exit', cleanUp);
  const signals = { SIGINT: 130, SIGTERM: 143, SIGHUP: 129 } as const;
  for (const [signal, status] of Object.entries(signals)) process.once(signal, () => process.exit(status));
  try {
    await work(directory, (undo) => steps.push(undo));
  } catch (error) {
    process.stderr.write(`${(error as Error).message}\n`);
    process.exitCode = 1;
  } finally {
    cleanUp();
  }
}
