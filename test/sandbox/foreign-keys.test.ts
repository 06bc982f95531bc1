import { AssociateKmsKeyCommand } from '@aws-sdk/client-cloudwatch-logs';
import { DescribeKeyCommand } from '@aws-sdk/client-kms';
import { describe, expect, it } from 'vitest';
import { aSandbox, clients, logsPolicy, refusal } from './support.ts';

const MEMBER = '444455556666';
const ORGANIZATION = 'o-a1b2c3d4e5';
const Version = '2012-10-17';
const may = (more: object) => ({ Effect: 'Allow', Action: 'kms:*', Resource: '*', ...more });
const inOrganization = { StringEquals: { 'aws:PrincipalOrgID': ORGANIZATION } };

/** What a member account gets for the key of another one, whose policy has one more statement. */
async function answers(statement: object, organization?: string, role?: object) {
  const { Statement } = logsPolicy();
  const named = JSON.stringify(Statement).replaceAll('{home}', MEMBER);
  const { sandbox, kms } = await aSandbox({
    world: {
      ...(organization && { organization }),
      keys: { hub: { alias: 'alias/hub', policy: { Version, Statement: [...JSON.parse(named), statement] } } },
      roles: role ? { member: { account: MEMBER, policies: [{ Version, Statement: role }] } } : {},
      elsewhere: [{ account: MEMBER, groups: { '/theirs': null } }],
    },
  });
  const { KeyMetadata } = await kms.send(new DescribeKeyCommand({ KeyId: 'alias/hub' }));
  const kmsKeyId = KeyMetadata?.Arn ?? '';
  const member = clients(sandbox, { account: role ? 'member' : MEMBER });
  return {
    described: await refusal(member.kms.send(new DescribeKeyCommand({ KeyId: kmsKeyId }))),
    sealed: await refusal(member.logs.send(new AssociateKmsKeyCommand({ logGroupName: '/theirs', kmsKeyId }))),
  };
}

describe('a key of another account', () => {
  it('is for callers that its policy names, whatever rights they have in their own account', async () => {
    const own = await answers(may({ Principal: { AWS: '222233334444' } }));
    expect(own.described).toContain('because no resource-based policy allows the kms:DescribeKey action');
    expect(own.sealed).toContain('because no resource-based policy allows the kms:DescribeKey action');

    expect(await answers(may({ Principal: { AWS: MEMBER } }))).toEqual({ described: 'no error', sealed: 'no error' });
  });

  it('is for a role only if its own policies allow it, too', async () => {
    const statement = may({ Principal: { AWS: '*' }, Condition: { StringEquals: { 'kms:CallerAccount': MEMBER } } });
    const logs = { Effect: 'Allow', Action: 'logs:*', Resource: '*' };

    const { sealed } = await answers(statement, undefined, logs);
    expect(sealed).toContain('because no identity-based policy allows the kms:DescribeKey action');
    expect((await answers(statement, undefined, { ...logs, Action: '*' })).sealed).toBe('no error');
  });

  it('is for the organization that its policy names', async () => {
    const statement = may({ Principal: { AWS: '*' }, Condition: inOrganization });

    expect((await answers(statement, ORGANIZATION)).sealed).toBe('no error');
    expect((await answers(statement, 'o-9999999999')).sealed).toContain('AccessDeniedException');
    expect((await answers(statement)).sealed).toContain('AccessDeniedException');
  });
});
