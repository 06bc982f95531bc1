import { CONCURRENT_TARGETS } from '../lib/pacing.ts';
import { startSandbox } from '../sandbox/sandbox.ts';
import type { World } from '../sandbox/world.ts';
import { LOGSEAL, measure, mebibytes } from './process.ts';
import { DELEGATING_POLICY } from './world.ts';

const ACCOUNTS = 1_000;
const REGIONS = ['eu-west-1', 'eu-central-1', 'us-east-1', 'us-east-2', 'us-west-2'];
const GROUPS = 20;
const LATENCY_MS = 20;
const ROLE = 'logseal-member';
const TIMEOUT_MS = 600_000;

/**
 * Scans 5,000 targets in accounts that are entered, where each call takes 20 ms longer than it does here: how much memory that takes,
 * and how much longer than the latency alone, if as many calls as targets are under way at once.
 */
export async function estateBench(): Promise<void> {
  const idle = await measure(['-e', '0'], {});
  const accounts = Array.from({ length: ACCOUNTS }, (_, index) => String(500_000_000_000 + index));
  const sandbox = await startSandbox({ world: estate(accounts) });
  const where = [...accounts.map((account) => `--account=${account}`), `--region=${REGIONS.join(',')}`];
  const { seconds, peakBytes } = await measure(
    [...LOGSEAL, 'scan', '--format=ndjson', `--role-name=${ROLE}`, ...where],
    sandbox.environment(),
    TIMEOUT_MS,
  );
  const calls = Object.entries(sandbox.calls());
  await sandbox.close();
  const made = calls.reduce((sum, [, count]) => sum + count, 0);
  const floor = (made * LATENCY_MS) / 1000 / CONCURRENT_TARGETS;
  process.stdout.write(
    `scan of ${ACCOUNTS} accounts × ${REGIONS.length} Regions × ${GROUPS} log groups, ${LATENCY_MS} ms a call, ${CONCURRENT_TARGETS} targets at once: ` +
      `${seconds.toFixed(1)} s, the latency alone ${floor.toFixed(1)} s, ratio ${(seconds / floor).toFixed(2)} (goal 1.20); ` +
      `peak ${mebibytes(peakBytes)}, ${mebibytes(peakBytes - idle.peakBytes)} above Node (goal 150 MiB); ` +
      `calls: ${calls.map(([name, count]) => `${count} ${name}`).join(', ')}\n`,
  );
}

/** Half of the log groups of each target have the target's own healthy key, the others none. */
function estate(accounts: readonly string[]): World {
  const Version = '2012-10-17';
  const trust = {
    Version,
    Statement: { Effect: 'Allow', Principal: { AWS: 'arn:aws:iam::{home}:root' }, Action: 'sts:AssumeRole' },
  };
  const Action = ['logs:DescribeLogGroups', 'kms:DescribeKey', 'kms:GetKeyPolicy'];
  const policies = [{ Version, Statement: { Effect: 'Allow', Action, Resource: '*' } }];
  const targets = accounts.flatMap((account) => REGIONS.map((region) => ({ account, region })));
  return {
    policies: { logs: DELEGATING_POLICY },
    keys: Object.fromEntries(targets.map((place) => [nameOf(place), { ...place, policy: 'logs' }])),
    roles: Object.fromEntries(accounts.map((account) => [`in-${account}`, { account, name: ROLE, policies, trust }])),
    elsewhere: targets.map((place) => ({
      ...place,
      bulk: [
        { name: '/plain/{n}', count: GROUPS / 2 },
        { name: '/sealed/{n}', count: GROUPS / 2, key: nameOf(place) },
      ],
    })),
    faults: [{ call: '*', kind: 'latency', latencyMs: LATENCY_MS }],
  };
}

function nameOf({ account, region }: { readonly account: string; readonly region: string }): string {
  return `${account}-${region}`;
}
