import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { STORES_PER_READ } from '../lib/pacing.ts';
import { startSandbox } from '../sandbox/sandbox.ts';
import { LOGSEAL, measure } from './process.ts';
import { DELEGATING_POLICY } from './world.ts';

const GROUPS = 2_000;
const PER_SECOND = 5;
/** When the log groups were read 50 at a time: once to list them, and once before their change. */
const EARLIER_READS_A_GROUP = 2 / STORES_PER_READ;
/** What reading each log group at most two seconds before its change may cost more. */
const MORE_READS_A_GROUP = 0.25;

/**
 * Seals under AWS's quota of 5 AssociateKmsKey a second: how much of the quota is used, how many calls are throttled, and how often
 * log groups are read.
 * @throws where some were not sealed, or were read too often
 */
export async function sealBench(): Promise<void> {
  const sandbox = await startSandbox({
    world: {
      policies: { logs: DELEGATING_POLICY },
      keys: { logseal: { alias: 'alias/logseal', policy: 'logs' } },
      bulk: [{ name: '/plain/{n}', count: GROUPS }],
      quotas: 'aws',
      // About what a call to AWS takes from within its Region.
      faults: [{ call: 'logs:AssociateKmsKey', kind: 'latency', latencyMs: 80 }],
    },
  });
  const directory = await mkdtemp(join(tmpdir(), 'logseal-bench-'));
  const { seconds } = await measure(
    [...LOGSEAL, 'apply', '--key', 'alias/logseal', '--yes', '--journal', join(directory, 'journal')],
    sandbox.environment(),
  );
  const {
    'logs:AssociateKmsKey': sealed = 0,
    'throttled:logs:AssociateKmsKey': throttled = 0,
    'logs:DescribeLogGroups': reads = 0,
  } = sandbox.calls();
  await sandbox.close();
  await rm(directory, { recursive: true });
  if (sealed !== GROUPS) throw new Error(`apply sealed ${sealed} of ${GROUPS} log groups`);
  const readsAGroup = reads / GROUPS;
  const atMost = EARLIER_READS_A_GROUP + MORE_READS_A_GROUP;
  // The token bucket starts full, so the first second's calls wait for nothing.
  const possible = (GROUPS - PER_SECOND) / PER_SECOND;
  process.stdout.write(
    `apply at ${PER_SECOND} AssociateKmsKey/s: ${sealed} log groups in ${seconds.toFixed(1)} s, at best ${possible} s, ` +
      `${(possible / seconds).toFixed(2)} of the quota (goal 0.97), ${throttled} requests throttled (goal: fewer than ${GROUPS / 50}), ` +
      `${readsAGroup.toFixed(3)} calls of DescribeLogGroups a log group (at most ${atMost})\n`,
  );
  if (readsAGroup > atMost) {
    throw new Error(`apply made ${readsAGroup.toFixed(3)} calls of DescribeLogGroups a log group, more than ${atMost}`);
  }
}
