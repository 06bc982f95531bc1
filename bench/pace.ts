import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { LOGS_REQUESTS_PER_SECOND } from '../lib/pacing.ts';
import { startSandbox } from '../sandbox/sandbox.ts';
import type { World } from '../sandbox/world.ts';
import { LOGSEAL, measure } from './process.ts';
import { DELEGATING_POLICY } from './world.ts';

/** What a call takes longer than here. Pages are listed one after another, so that a slower network than this uses less of the quota. */
const LATENCY_MS = { DescribeLogGroups: 40, AssociateKmsKey: 80 };
const GROUPS_PER_PAGE = 50;
const LISTED = 20_000;
const SEALED = 400;

interface Case {
  readonly what: string;
  readonly call: 'DescribeLogGroups' | 'AssociateKmsKey';
  /** The calls that must be made, by all commands together. */
  readonly needed: number;
  readonly groups: Record<string, number>;
  readonly commands: readonly (readonly string[])[];
  readonly goal: string;
}

/** How much of AWS's quotas one command uses, and two at once, and how many requests are throttled. */
export async function paceBench(): Promise<void> {
  const directory = await mkdtemp(join(tmpdir(), 'logseal-bench-'));
  const scan = ['scan', '--format', 'ndjson'];
  const apply = (half: string) => [
    ...['apply', '--key', 'alias/logseal', '--yes', '--include', `/${half}/*`],
    ...['--journal', join(directory, half)],
  ];
  const listing = { call: 'DescribeLogGroups', groups: { '/a/{n}': LISTED } } as const;
  const pages = LISTED / GROUPS_PER_PAGE;
  const [alone, together] = ['goals 0.97, 2%', 'goal 0.90'];
  await measureCase({ ...listing, what: 'scan alone', needed: pages, commands: [scan], goal: alone });
  await measureCase({ ...listing, what: 'two scans', needed: 2 * pages, commands: [scan, scan], goal: together });
  await measureCase({
    ...{ what: 'two applies', call: 'AssociateKmsKey', needed: SEALED, goal: together },
    groups: { '/a/{n}': SEALED / 2, '/b/{n}': SEALED / 2 },
    commands: [apply('a'), apply('b')],
  });
  await rm(directory, { recursive: true });
}

async function measureCase({ what, call, needed, groups, commands, goal }: Case): Promise<void> {
  const world: World = {
    policies: { logs: DELEGATING_POLICY },
    keys: { logseal: { alias: 'alias/logseal', policy: 'logs' } },
    bulk: Object.entries(groups).map(([name, count]) => ({ name, count })),
    quotas: 'aws',
    faults: [{ call: `logs:${call}`, kind: 'latency', latencyMs: LATENCY_MS[call] }],
  };
  const sandbox = await startSandbox({ world });
  const beganMs = performance.now();
  await Promise.all(commands.map((words) => measure([...LOGSEAL, ...words], sandbox.environment())));
  const seconds = (performance.now() - beganMs) / 1000;
  const { [`logs:${call}`]: made = 0, [`throttled:logs:${call}`]: throttled = 0 } = sandbox.calls();
  await sandbox.close();
  if (made < needed) throw new Error(`${what}: made ${made} of ${needed} calls`);
  const perSecond = LOGS_REQUESTS_PER_SECOND[call] ?? Number.NaN;
  // The token bucket starts full, so the first second's calls wait for nothing.
  const possible = (needed - perSecond) / perSecond;
  process.stdout.write(
    `${what} at ${perSecond} ${call}/s: ${needed} calls in ${seconds.toFixed(1)} s, at best ${possible} s, ` +
      `${(possible / seconds).toFixed(2)} of the quota, ${((100 * throttled) / (made + throttled)).toFixed(1)}% of the requests throttled (${goal})\n`,
  );
}
