import * as Logs from '@aws-sdk/client-cloudwatch-logs';
import * as Kms from '@aws-sdk/client-kms';
import { GetCallerIdentityCommand } from '@aws-sdk/client-sts';
import { describe, expect, it } from 'vitest';
import type { World } from '../../sandbox/world.ts';
import { aSandbox, clients, logsPolicy, refusal } from './support.ts';

const ROLE = 'arn:aws:iam::111122223333:role/teams/logs/sealer';
const SESSION = 'arn:aws:sts::111122223333:assumed-role/sealer/sandbox';
const SERVICE = logsPolicy().Statement.slice(1);
const allow = (Action: string | string[], Condition?: object) => ({
  Effect: 'Allow',
  Action,
  Resource: '*',
  Condition,
});
const deny = (Action: string, Condition?: object) => ({ ...allow(Action, Condition), Effect: 'Deny' });
const to = (AWS: string, statement: object) => ({ ...statement, Principal: { AWS } });
const anyone = (statement: object) => ({ ...statement, Principal: '*' });
const policyOf = (...Statement: object[]) => ({ Version: '2012-10-17', Statement });

/** A role with the statements `own`, and a key whose policy allows CloudWatch Logs and has the statements `ofKey`. */
async function aCaller(own: object[], ofKey: object[], more: World = {}) {
  const keys = { key: { alias: 'alias/key', policy: policyOf(...SERVICE, ...ofKey) } };
  const roles = { sealer: { path: '/teams/logs/', policies: own.length ? [policyOf(...own)] : [] } };
  const { sandbox, logs } = await aSandbox({ world: { keys, roles, groups: { '/key': 'key', '/a': null }, ...more } });
  const { logGroups } = await logs.send(new Logs.DescribeLogGroupsCommand({ logGroupIdentifiers: ['/key'] }));
  const KeyId = logGroups?.[0]?.kmsKeyId ?? '';
  const as = clients(sandbox, { account: 'sealer' });
  return {
    ...{ as, sandbox, KeyId },
    describe: () => refusal(as.kms.send(new Kms.DescribeKeyCommand({ KeyId }))),
    seal: () => refusal(as.logs.send(new Logs.AssociateKmsKeyCommand({ logGroupName: '/a', kmsKeyId: KeyId }))),
  };
}

describe('a role', () => {
  it('calls by its name as access key id', async () => {
    const { as, sandbox } = await aCaller([], [], {
      roles: { sealer: { policies: [] }, other: { account: '444455556666', policies: [] } },
    });
    const { Account, Arn, UserId } = await as.sts.send(new GetCallerIdentityCommand({}));
    expect({ Account, Arn }).toEqual({ Account: '111122223333', Arn: SESSION });
    expect(UserId).toMatch(/^AROA[0-9A-F]{17}:sandbox$/);
    const other = clients(sandbox, { account: 'other' });
    expect(await other.sts.send(new GetCallerIdentityCommand({}))).toMatchObject({
      Account: '444455556666',
      Arn: 'arn:aws:sts::444455556666:assumed-role/other/sandbox',
    });
  });

  it('may do what its policies allow, and nothing that they deny', async () => {
    const arn = 'arn:{partition}:logs:{region}:{account}:log-group:*';
    const own = [{ ...allow('logs:*'), Resource: arn }, deny('logs:DeleteLogGroup')];
    const { as } = await aCaller(own, []);
    expect(await refusal(as.logs.send(new Logs.CreateLogGroupCommand({ logGroupName: '/b' })))).toBe('no error');
    const resource = 'arn:aws:logs:eu-west-1:111122223333:log-group:/b:log-stream:';
    const denied = `AccessDeniedException: User: ${SESSION} is not authorized to perform: logs:DeleteLogGroup on resource: ${resource}`;
    expect(await refusal(as.logs.send(new Logs.DeleteLogGroupCommand({ logGroupName: '/b' })))).toBe(
      `${denied} with an explicit deny in an identity-based policy`,
    );
    expect(await refusal(as.kms.send(new Kms.ListKeysCommand({})))).toContain(
      'because no identity-based policy allows the kms:ListKeys action',
    );
  });

  it('is refused with an account id for a name, a bad path or a bad policy', async () => {
    const roles = {
      '123412341234': { policies: [] },
      a: { path: 'x', policies: [{}] },
      b: { policies: [{ Statement: { Effect: 'Maybe' } }], color: 'red' },
    };
    const mistakes = (await refusal(aSandbox({ world: { roles } }))).replace('UsageError: ', '').split('\n');
    const places = mistakes.map((line) => line.split(': ')[0]);
    expect(places.sort()).toEqual(
      ['roles.123412341234', 'roles.a.path', 'roles.a.policies.0', 'roles.b.policies.0', 'roles.b.color'].sort(),
    );
  });
});

describe('a key policy', () => {
  const account = '111122223333';
  const root = `arn:aws:iam::${account}:root`;
  const noIdentityPolicy = 'because no identity-based policy allows the kms:DescribeKey action';
  const noKeyPolicy = 'because no resource-based policy allows the kms:DescribeKey action';
  const byRole = 'with an explicit deny in an identity-based policy';
  const byKey = 'with an explicit deny in a resource-based policy';
  const kms = allow('kms:*');
  const otherRole = 'arn:aws:iam::111122223333:role/sealer';

  it.each<[title: string, own: object[], ofKey: object[], expected: string]>([
    ['that names the role allows it without identity policies', [], [to(ROLE, kms)], 'no error'],
    ['that names the session allows it', [], [to(SESSION, kms)], 'no error'],
    ['that names the role without its path does not', [kms], [to(otherRole, kms)], noKeyPolicy],
    ['that names the role does not override its own Deny', [deny('kms:*')], [to(ROLE, kms)], byRole],
    ['that names the account leaves it to the role, which has the right', [kms], [to(account, kms)], 'no error'],
    ['that names the account leaves it to the role, which lacks it', [], [to(account, kms)], noIdentityPolicy],
    ['that names the root leaves it to the role, which has the right', [kms], [to(root, kms)], 'no error'],
    ['that names the root leaves it to the role, which lacks it', [], [to(root, kms)], noIdentityPolicy],
    ['that names everybody allows it without identity policies', [], [anyone(kms)], 'no error'],
    ['that names everybody by AWS allows it too', [], [to('*', kms)], 'no error'],
    ['that names everybody does not override its own Deny', [deny('kms:*')], [anyone(kms)], byRole],
    ['that names nobody allows nobody', [kms], [], noKeyPolicy],
    ['for other actions allows nobody', [kms], [to(ROLE, allow('kms:Encrypt'))], noKeyPolicy],
    ['with a Deny for the role', [kms], [to(root, kms), to(ROLE, deny('kms:Describe*'))], byKey],
    ['with a Deny for the account', [kms], [to(ROLE, kms), to(account, deny('kms:*'))], byKey],
    ['with a Deny for everybody', [kms], [to(ROLE, kms), anyone(deny('kms:*'))], byKey],
    ['with a Deny for another role', [kms], [to(root, kms), to(otherRole, deny('kms:*'))], 'no error'],
    [
      'with a Deny whose condition holds',
      [kms],
      [to(root, kms), anyone(deny('kms:*', { StringEquals: { 'kms:CallerAccount': account } }))],
      byKey,
    ],
    [
      'with a Deny whose condition does not hold',
      [kms],
      [to(root, kms), anyone(deny('kms:*', { StringNotLike: { 'aws:PrincipalArn': ROLE } }))],
      'no error',
    ],
    [
      'with an Allow whose condition does not hold',
      [kms],
      [to(root, allow('kms:*', { StringLike: { 'kms:ViaService': 'logs.*' } }))],
      noKeyPolicy,
    ],
  ])('%s', async (_title, own, ofKey, expected) => {
    const { describe: ask, KeyId } = await aCaller(own, ofKey);
    const denied = `AccessDeniedException: User: ${SESSION} is not authorized to perform: kms:DescribeKey on resource: ${KeyId}`;
    expect(await ask()).toBe(expected === 'no error' ? expected : `${denied} ${expected}`);
  });

  it('of another account and the role’s own policies must both allow', async () => {
    const other = { keys: { key: { account: '444455556666', policy: policyOf(to(ROLE, kms)) } } };
    expect(await (await aCaller([kms], [], other)).describe()).toBe('no error');
    expect(await (await aCaller([], [], other)).describe()).toContain(noIdentityPolicy);
  });

  it('of another account that names everybody leaves it to the role', async () => {
    const other = { keys: { key: { account: '444455556666', policy: policyOf(anyone(kms)) } } };
    expect(await (await aCaller([kms], [], other)).describe()).toBe('no error');
    expect(await (await aCaller([], [], other)).describe()).toContain(noIdentityPolicy);
  });

  it('that names the role lets it seal, through CloudWatch Logs only', async () => {
    const viaLogs = allow('kms:*', { StringEquals: { 'kms:ViaService': 'logs.eu-west-1.amazonaws.com' } });
    const { seal, describe: ask } = await aCaller([allow('logs:*')], [to(ROLE, viaLogs)]);
    expect(await seal()).toBe('no error');
    expect(await ask()).toContain(noIdentityPolicy);
  });

  it('may name only the role that writes it', async () => {
    const { as, KeyId } = await aCaller([], [to(ROLE, kms)]);
    const put = (AWS: string) => {
      const Policy = JSON.stringify(policyOf(to(AWS, kms)));
      return refusal(as.kms.send(new Kms.PutKeyPolicyCommand({ KeyId, Policy })));
    };
    expect(await put('arn:aws:iam::444455556666:root')).toContain('will not allow you to update the key policy');
    expect(await put(ROLE)).toBe('no error');
  });
});

describe('an opaque world', () => {
  const denied =
    "AccessDeniedException: The specified KMS key does not exist or is not allowed to be used with Arn 'arn:aws:logs:eu-west-1:111122223333:log-group:/a'";

  it.each<[title: string, key: object]>([
    ['missing', { exists: false }],
    ['disabled', { state: 'Disabled' }],
    ['of another Region', { region: 'us-east-1' }],
    ['of the wrong kind', { spec: 'RSA_2048' }],
    ['not open to the service', { policy: policyOf(to('111122223333', allow('kms:*'))) }],
  ])('refuses a key that is %s with the same message', async (_title, key) => {
    const keys = { key: { policy: logsPolicy(), ...key } };
    const more = { keys, opaque: true };
    const { seal, sandbox, KeyId } = await aCaller([allow('*')], [], more);
    expect(await seal()).toBe(denied);
    const { logs } = clients(sandbox);
    const create = new Logs.CreateLogGroupCommand({ logGroupName: '/b', kmsKeyId: KeyId });
    expect(await refusal(logs.send(create))).toBe(denied.replace('/a', '/b'));
    const other = new Logs.AssociateKmsKeyCommand({ logGroupName: '/none', kmsKeyId: KeyId });
    expect(await refusal(logs.send(other))).toContain('ResourceNotFoundException');
  });

  it('hides missing rights on the key, but not on the log group', async () => {
    const key = [to('111122223333', allow('kms:*'))];
    expect(await (await aCaller([allow('logs:*')], key)).seal()).toContain(
      'not authorized to perform: kms:DescribeKey',
    );
    expect(await (await aCaller([allow('logs:*')], key, { opaque: true })).seal()).toBe(denied);
    expect(await (await aCaller([], key, { opaque: true })).seal()).toContain('logs:AssociateKmsKey');
    expect(await (await aCaller([allow('*')], key, { opaque: true })).seal()).toBe('no error');
  });
});
