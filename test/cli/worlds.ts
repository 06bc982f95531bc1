import type { Sandbox } from '../../sandbox/sandbox.ts';
import type { World } from '../../sandbox/world.ts';
import { journalOf } from '../support/logseal.ts';

export const ACCOUNT = '111122223333';

/** What the trust policy of a `memberRole` asks for. */
export const EXTERNAL_ID = 'a-secret-of-ours';

/** A role with the rights of a scan, which an account may assume with the external id. */
export function memberRole(account: string, trusted = ACCOUNT): NonNullable<World['roles']>[string] {
  const Version = '2012-10-17';
  const ofScans = ['logs:DescribeLogGroups', 'kms:DescribeKey', 'kms:GetKeyPolicy'];
  const Action = [...ofScans, 'iam:ListAccountAliases', 'account:ListRegions'];
  const admits = {
    Effect: 'Allow',
    Principal: { AWS: `arn:aws:iam::${trusted}:root` },
    Action: 'sts:AssumeRole',
    Condition: { StringEquals: { 'sts:ExternalId': EXTERNAL_ID } },
  };
  return {
    account,
    name: 'logseal-member',
    policies: [{ Version, Statement: { Effect: 'Allow', Action, Resource: '*' } }],
    trust: { Version, Statement: admits },
  };
}

/** Healthy keys, each with as many groups. */
export function manyKeys(keys: number, groupsEach: number): World {
  const names = Array.from({ length: keys }, (_, index) => `key-${index}`);
  return {
    keys: Object.fromEntries(names.map((name) => [name, { policy: 'logs' }])),
    bulk: names.map((name) => ({ name: `/${name}/{n}`, count: groupsEach, key: name })),
  };
}

/** Where changes are written down unless told otherwise. */
export const JOURNAL = journalOf(ACCOUNT);

/** Name, outcome and why of each step. */
export function outcomesOf({ steps }: { steps: readonly OutcomeStep[] }): string[] {
  return steps.map(({ store, outcome, refusal, error }) =>
    [store.name, outcome, refusal?.code ?? error?.code].filter(Boolean).join(' '),
  );
}

interface OutcomeStep {
  readonly store: { readonly name: string };
  readonly outcome: string;
  readonly refusal: { readonly code: string } | null;
  readonly error: { readonly code: string } | null;
}

/** How often a call was carried out. */
export function runCalls(sandbox: Sandbox, call: string): number {
  return sandbox.calls()[call] ?? 0;
}
