import { randomUUID } from 'node:crypto';
import { onTestFinished, vi } from 'vitest';
import { applySteps } from '../../lib/app/change/apply-plan.ts';
import { planTarget } from '../../lib/app/change/plan-target.ts';
import type { PreparedConfiguration } from '../../lib/domain/configuration.ts';
import type { Step } from '../../lib/domain/plan-step.ts';
import { rulesAt } from '../../lib/domain/rules.ts';
import { awsClouds } from '../../lib/runtime.ts';
import { startSandbox } from '../../sandbox/sandbox.ts';
import type { World } from '../../sandbox/world.ts';
import { stubEndpoint } from '../aws/endpoint.ts';
import { fakeJournal } from './fake-cloud.ts';

export const HUB = '111122223333';
export const MEMBERS = ['444455556666', '777788889999'] as const;
export const STRANGER = '222233334444';
export const ORGANIZATION = 'o-a1b2c3d4e5';
export const HUB_ALIAS = `arn:aws:kms:eu-west-1:${HUB}:alias/hub`;

/** What the role of a member may do on its own log groups and keys. */
const OWN_RIGHTS = ['logs:DescribeLogGroups', 'logs:AssociateKmsKey', 'kms:GetKeyPolicy', 'iam:ListAccountAliases'];

interface HubFacts {
  /** Of the key of the hub. */
  readonly keyPolicy: Record<string, unknown>;
  /** What each member's role may do with the key of the hub, with KEY_ARN in it. Default: everything. */
  readonly memberPolicy?: string;
  readonly groups?: NonNullable<World['groups']>;
}

/** A hub with a key, and members with a log group and a role that the hub may enter. */
export function hubWorld({ keyPolicy, memberPolicy, groups = { '/app': null } }: HubFacts): World {
  const Version = '2012-10-17';
  const ofKey = (memberPolicy ?? ALL_OF_KMS).replaceAll('KEY_ARN', `arn:aws:kms:eu-west-1:${HUB}:key/*`);
  const policies = [
    { Version, Statement: { Effect: 'Allow', Action: OWN_RIGHTS, Resource: '*' } },
    JSON.parse(ofKey) as Record<string, unknown>,
  ];
  const Principal = { AWS: `arn:aws:iam::${HUB}:root` };
  const trust = { Version, Statement: { Effect: 'Allow', Principal, Action: 'sts:AssumeRole' } };
  const role = (account: string) => ({ account, name: 'logseal-member', policies, trust });
  return {
    account: HUB,
    region: 'eu-west-1',
    organization: ORGANIZATION,
    keys: { hub: { alias: 'alias/hub', policy: keyPolicy } },
    roles: Object.fromEntries(MEMBERS.map((account, index) => [`member${index}`, role(account)])),
    elsewhere: MEMBERS.map((account) => ({ account, groups })),
  };
}

const ALL_OF_KMS = JSON.stringify({ Statement: { Effect: 'Allow', Action: 'kms:*', Resource: '*' } });

interface Work {
  readonly key?: string | null;
  readonly configuration?: PreparedConfiguration;
  readonly accounts?: readonly string[];
  readonly regions?: readonly string[];
}

/** Plans and applies in member accounts, by default with the key of the hub. @returns account, Region, name, outcome and code of each log group */
export async function planAndApply(
  world: World,
  { key = HUB_ALIAS, configuration, accounts = MEMBERS, regions = ['eu-west-1'] }: Work = {},
): Promise<string[]> {
  const sandbox = await startSandbox({ world });
  onTestFinished(async () => {
    vi.unstubAllEnvs();
    await sandbox.close();
  });
  stubEndpoint(sandbox.url);
  const accountRole = { name: 'logseal-member', externalId: null, sessionName: 'logseal-1' };
  const cloudOf = awsClouds({ accountRole });
  const clock = () => new Date();
  const rules = rulesAt(clock(), { key, ...(configuration && { configuration }) });
  const lines: string[] = [];
  const targets = accounts.flatMap((account) =>
    regions.map((region) => ({ provider: 'aws', account, region }) as const),
  );
  for (const target of targets) {
    const cloud = cloudOf(target);
    const steps: Step[] = [];
    await planTarget(target, cloud, { rules, onSteps: (some) => void steps.push(...some) });
    const { journal } = fakeJournal();
    const run = { runId: randomUUID(), actor: 'arn', journal, clock, rules, onOutcome: () => {} };
    for (const { store, outcome, refusal, error } of await applySteps(steps, cloud, run)) {
      const words = [store.account, store.region, store.name, outcome, refusal?.code ?? error?.code];
      lines.push(words.filter(Boolean).join(' '));
    }
  }
  return lines;
}
