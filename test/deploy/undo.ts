import { runProcess } from '../support/logseal.ts';
import type { DeployedCloud } from './cloud.ts';
import { type Deployment, emulator } from './deployment.ts';
import { REGION } from './place.ts';

interface Undone {
  readonly status: number | null;
  readonly steps: readonly Record<string, unknown>[];
}

/** Runs `logseal undo` on the journal table of a stack, as the root of the stack's account. */
export async function undo(stack: Deployment, cloud: DeployedCloud, words: readonly string[]): Promise<Undone> {
  const { url, credentials } = emulator().endpoint;
  const env = {
    AWS_ENDPOINT_URL: url,
    AWS_ENDPOINT_URL_CLOUDWATCH_LOGS: cloud.url,
    AWS_ENDPOINT_URL_KMS: cloud.url,
    AWS_ACCESS_KEY_ID: credentials.accessKeyId,
    AWS_SECRET_ACCESS_KEY: credentials.secretAccessKey,
    AWS_REGION: REGION,
  };
  const table = ['--journal-table', stack.ids['JournalTable'] ?? ''];
  const how = ['--yes', '--quiet', '--format', 'json'];
  const { status, stdout, stderr } = await runProcess(['undo', ...words, ...table, ...how], { env });
  if (!stdout) throw new Error(`undo ended with status ${status}: ${stderr}`);
  return { status, steps: JSON.parse(stdout).steps };
}
