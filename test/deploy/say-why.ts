import { FilterLogEventsCommand } from '@aws-sdk/client-cloudwatch-logs';
import type { DeployedCloud } from './cloud.ts';
import { type Deployment, emulator } from './deployment.ts';
import { say } from './say.ts';

/** Prints likely reasons why a test failed: refused rights, and errors in the functions' logs. */
export async function sayWhy(stack: Deployment | undefined, cloud: DeployedCloud | undefined): Promise<void> {
  for (const right of (await cloud?.refusedRights())?.slice(0, 5) ?? []) say(`  refused: ${right}`);
  for (const id of ['ScanLogs', 'RemediateLogs']) {
    const logGroupName = stack?.ids[id];
    const { events = [] } = await emulator()
      .logs.send(new FilterLogEventsCommand({ logGroupName }))
      .catch(() => ({ events: [] }));
    const errors = events.filter(({ message = '' }) => /error/i.test(message));
    for (const { message } of errors.slice(-5)) say(`  ${id}: ${message}`);
  }
}
