import { DescribeLogGroupsCommand, DisassociateKmsKeyCommand } from '@aws-sdk/client-cloudwatch-logs';
import { AssumeRoleCommand, GetCallerIdentityCommand, STSClient } from '@aws-sdk/client-sts';
import { describe, expect, it } from 'vitest';
import { aSandbox, clientConfig, clients, refusal } from './support.ts';

const MEMBER = '444455556666';
const ROLE = `arn:aws:iam::${MEMBER}:role/reader`;
const READS = {
  Version: '2012-10-17',
  Statement: { Effect: 'Allow', Action: 'logs:DescribeLogGroups', Resource: '*' },
};
const MAY_ENTER = { Version: '2012-10-17', Statement: { Effect: 'Allow', Action: 'sts:AssumeRole', Resource: ROLE } };

/** The trust of the role: who may assume it, and with which external id. */
function trust(principal: string, externalId?: string) {
  const Condition = externalId === undefined ? {} : { StringEquals: { 'sts:ExternalId': externalId } };
  const Principal = { AWS: principal };
  return { Version: '2012-10-17', Statement: { Effect: 'Allow', Principal, Action: 'sts:AssumeRole', Condition } };
}

async function aMember(trusted: ReturnType<typeof trust> | undefined, callers = {}) {
  const reader = { account: MEMBER, policies: [READS], ...(trusted && { trust: trusted }) };
  return aSandbox({
    world: { roles: { reader, ...callers }, elsewhere: [{ account: MEMBER, groups: { '/theirs': null } }] },
  });
}

const HUB = 'arn:aws:iam::111122223333:root';
const input = { RoleArn: ROLE, RoleSessionName: 'somebody' };

describe('AssumeRole', () => {
  it('begins a session in the account of the role, with its rights alone', async () => {
    const { sandbox, sts } = await aMember(trust(HUB));

    const { Credentials, AssumedRoleUser } = await sts.send(new AssumeRoleCommand(input));

    const { AccessKeyId: accessKeyId = '', SecretAccessKey: secretAccessKey = '', SessionToken } = Credentials ?? {};
    const credentials = { accessKeyId, secretAccessKey, sessionToken: SessionToken ?? '' };
    const identity = await new STSClient({ ...clientConfig(sandbox), credentials }).send(
      new GetCallerIdentityCommand(),
    );
    expect(identity).toMatchObject({ Account: MEMBER, Arn: `arn:aws:sts::${MEMBER}:assumed-role/reader/somebody` });
    expect(AssumedRoleUser?.Arn).toBe(identity.Arn);
    const { logs } = clients(sandbox, { account: accessKeyId });
    const { logGroups } = await logs.send(new DescribeLogGroupsCommand());
    expect(logGroups).toMatchObject([{ logGroupName: '/theirs' }]);
    const change = new DisassociateKmsKeyCommand({ logGroupName: '/theirs' });
    expect(await refusal(logs.send(change))).toContain('AccessDeniedException');
  });

  it('refuses a session that has expired', async () => {
    const { sandbox, sts } = await aMember(trust(HUB));
    const { Credentials } = await sts.send(new AssumeRoleCommand({ ...input, DurationSeconds: 0 }));

    const { logs } = clients(sandbox, { account: Credentials?.AccessKeyId ?? '' });

    expect(await refusal(logs.send(new DescribeLogGroupsCommand()))).toContain('ExpiredTokenException');
  });

  const refused = `AccessDenied: User: arn:aws:iam::111122223333:user/sandbox is not authorized to perform: sts:AssumeRole on resource: ${ROLE}`;

  it.each([
    ['nobody is trusted', undefined, {}],
    ['another account is trusted', trust('arn:aws:iam::999988887777:root'), {}],
    ['no external id is given', trust(HUB, 'secret'), {}],
    ['the external id is another', trust(HUB, 'secret'), { ExternalId: 'wrong' }],
  ])('is refused where %s', async (_, trusted, more) => {
    const { sts } = await aMember(trusted);
    expect(await refusal(sts.send(new AssumeRoleCommand({ ...input, ...more })))).toBe(refused);
  });

  it('refuses a role that does not exist in the same words', async () => {
    const { sts } = await aMember(trust(HUB));
    const RoleArn = ROLE.replace('reader', 'missing');
    expect(await refusal(sts.send(new AssumeRoleCommand({ ...input, RoleArn })))).toBe(
      refused.replace('reader', 'missing'),
    );
  });

  it('takes the right external id', async () => {
    const { sts } = await aMember(trust(HUB, 'secret'));
    expect(await refusal(sts.send(new AssumeRoleCommand({ ...input, ExternalId: 'secret' })))).toBe('no error');
  });

  it('asks the policies of a caller of another account as well', async () => {
    const { sandbox } = await aMember(trust(HUB), {
      entering: { policies: [MAY_ENTER] },
      reading: { policies: [READS] },
    });
    const enter = (account: string) => refusal(clients(sandbox, { account }).sts.send(new AssumeRoleCommand(input)));

    expect(await enter('entering')).toBe('no error');
    expect(await enter('reading')).toContain('AccessDenied: User: arn:aws:sts::111122223333:assumed-role/reading/');
  });
});
