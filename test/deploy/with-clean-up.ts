/**
 * Runs a script's work, and undoes what it started, also when it fails or is interrupted.
 * @param work tells by `onEnd` what to undo, in the order in which it was done
 */
export async function withCleanUp(work: (onEnd: (undo: () => Promise<void>) => void) => Promise<void>): Promise<void> {
  const steps: (() => Promise<void>)[] = [];
  const cleanUp = async () => {
    for (const undo of steps.splice(0).reverse()) await undo();
  };
  const signals = { SIGINT: 130, SIGTERM: 143, SIGHUP: 129 } as const;
  for (const [signal, status] of Object.entries(signals)) {
    process.once(signal, () => void cleanUp().finally(() => process.exit(status)));
  }
  try {
    await work((undo) => steps.push(undo));
  } catch (error) {
    process.stderr.write(`${(error as Error).message}\n`);
    process.exitCode = 1;
  } finally {
    await cleanUp();
  }
}
