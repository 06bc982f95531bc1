import { startSandbox } from '../sandbox/sandbox.ts';
import type { Part } from './demo-part.ts';

/** Prints a sentence, runs a command and shows a part of its output. @throws Error when it ends with another exit status than expected */
type Run = (
  text: string,
  expectedStatus: number,
  command: string,
  shown: Part,
  environment: Record<string, string>,
) => Promise<void>;

/** The same command for Logstores of Alibaba Cloud. */
export async function scanLogstores(world: string, run: Run): Promise<void> {
  const sandbox = await startSandbox({ world });
  try {
    const command = 'scan --provider alibaba --region cn-hangzhou';
    await run('The Logstores of Alibaba Cloud, too.', 3, command, { first: 2 }, sandbox.environment());
  } finally {
    await sandbox.close();
  }
}
