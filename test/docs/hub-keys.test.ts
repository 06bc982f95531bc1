import { expect, it } from 'vitest';
import { accountAccess } from '../../lib/domain/key-policy/account-access.ts';
import { documentProblems } from '../../lib/domain/key-policy/document.ts';
import { readKeyPolicy } from '../../lib/domain/key-policy/read.ts';
import { logsService, serviceCall } from '../../lib/domain/key-policy/service-call.ts';
import { verdictOf } from '../../lib/domain/key-policy/verdict.ts';
import { hubWorld, MEMBERS, ORGANIZATION, planAndApply, STRANGER } from '../support/hub.ts';
import { readPage } from './pages.ts';

const KEY_ARN = 'arn:aws:kms:eu-west-1:111122223333:key/11111111-2222-3333-4444-555555555555';

function policyFor(what: string): string {
  const block = readPage('docs/hub-keys.md').blocks.find(({ comment }) => comment === `policy: hub key, ${what}`);
  return block?.text ?? '';
}

const POLICIES = ['accounts', 'organization'];

it.each(POLICIES)('the key policy by %s lets the members use the key, and nobody else', (what) => {
  const service = logsService(KEY_ARN, { now: new Date(), orgId: ORGANIZATION });
  const policy = readKeyPolicy(policyFor(what), service);
  if (policy.status !== 'READ') throw new Error(policy.mistakes.join());
  const groupOf = (account: string) =>
    ({ type: 'log-group', arn: `arn:aws:logs:eu-west-1:${account}:log-group:/app` }) as const;
  const accessOf = (account: string, orgId: string) =>
    accountAccess(policy, serviceCall(service, groupOf(account)), { account, orgId }).access;

  for (const account of MEMBERS) {
    expect(verdictOf(policy, groupOf(account))).toBe('ALLOWED');
    expect(accessOf(account, ORGANIZATION)).toBe('IAM');
  }
  expect(verdictOf(policy, groupOf(STRANGER))).toBe('MISSING_ACTIONS');
  expect(accessOf(STRANGER, 'o-0000000000')).toBe('NONE');
  expect(policy.publicStatement).toBeNull();
  expect(documentProblems(policy)).toEqual([]);
});

it.each(POLICIES)(
  'with the key policy by %s and the policy of the member role, log groups of the members are sealed',
  async (what) => {
    const world = hubWorld({ keyPolicy: JSON.parse(policyFor(what)), memberPolicy: policyFor('member role') });

    expect(await planAndApply(world)).toEqual(MEMBERS.map((account) => `${account} eu-west-1 /app SEALED`));
  },
);

it('the member role needs each part of its policy', async () => {
  const memberPolicy = policyFor('member role').replace('"kms:Encrypt", ', '');
  const world = hubWorld({ keyPolicy: JSON.parse(policyFor('accounts')), memberPolicy });

  expect(await planAndApply(world)).toEqual(
    MEMBERS.map((account) => `${account} eu-west-1 /app REFUSED CALLER_MISSING_RIGHTS`),
  );
});
