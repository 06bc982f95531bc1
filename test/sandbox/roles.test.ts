import { resolve } from 'node:path';
import * as Logs from '@aws-sdk/client-cloudwatch-logs';
import * as Kms from '@aws-sdk/client-kms';
import { GetCallerIdentityCommand } from '@aws-sdk/client-sts';
import { describe, expect, it } from 'vitest';
import type { World } from '../../sandbox/world.ts';
import { aSandbox, clients, FIXTURE, logsPolicy, putEvents, refusal } from './support.ts';

const PRODUCT = resolve(import.meta.dirname, '../../template.yaml');
const ROLES = 'arn:aws:sts::111122223333:assumed-role';
const keys = {
  mine: { alias: 'alias/mine', policy: logsPolicy() },
  other: { alias: 'alias/other', policy: logsPolicy() },
};

async function asFunction(id: string, parameters: Record<string, string> = {}, world: World = {}, template = PRODUCT) {
  const stack = { template, parameters, run: false };
  const { sandbox, kms } = await aSandbox({ world: { keys, groups: { '/a': null }, ...world }, stack });
  const as = clients(sandbox, { path: `/_as/${id}`, account: 'ASIA64FAKE' });
  const arnOf = async (KeyId: string) => (await kms.send(new Kms.DescribeKeyCommand({ KeyId }))).KeyMetadata?.Arn ?? '';
  const seal = async (kmsKeyId: string) =>
    refusal(as.logs.send(new Logs.AssociateKmsKeyCommand({ logGroupName: '/a', kmsKeyId })));
  return { sandbox, as, arnOf, seal };
}

describe('the scan function', () => {
  it('has its own identity', async () => {
    const { as } = await asFunction('ScanFunction');
    expect(await as.sts.send(new GetCallerIdentityCommand({}))).toMatchObject({
      Account: '111122223333',
      Arn: `${ROLES}/logseal-ScanRole/logseal-ScanFunction`,
    });
  });

  it('reads log groups, keys and policies, and sends events to its own bus only', async () => {
    const { as, arnOf, sandbox } = await asFunction('ScanFunction');
    const KeyId = await arnOf('alias/mine');
    expect(await refusal(as.logs.send(new Logs.DescribeLogGroupsCommand({})))).toBe('no error');
    expect(await refusal(as.kms.send(new Kms.DescribeKeyCommand({ KeyId: 'alias/mine' })))).toBe('no error');
    expect(await refusal(as.kms.send(new Kms.GetKeyPolicyCommand({ KeyId })))).toBe('no error');
    const entry = { Source: 'logseal', DetailType: 'X', Detail: '{}' };
    const send = (EventBusName: string) =>
      refusal(putEvents(sandbox, [{ ...entry, EventBusName }], '/_as/ScanFunction'));
    expect(await send('logseal')).toBe('no error');
    expect(await send('default')).toBe(
      `AccessDeniedException: User: ${ROLES}/logseal-ScanRole/logseal-ScanFunction is not authorized to perform: events:PutEvents on resource: arn:aws:events:eu-west-1:111122223333:event-bus/default because no identity-based policy allows the events:PutEvents action`,
    );
  });

  it('lists aliases, a right that IAM gives for no single key', async () => {
    const { as, arnOf, sandbox } = await asFunction('ScanFunction');
    const KeyId = await arnOf('alias/mine');

    const { Aliases } = await as.kms.send(new Kms.ListAliasesCommand({ KeyId }));

    expect(Aliases).toMatchObject([{ AliasName: 'alias/mine' }]);
    expect(sandbox.rightsUsed()['ScanFunction']).toContainEqual(
      expect.objectContaining({ action: 'kms:ListAliases', resource: '*' }),
    );
  });

  it('changes nothing', async () => {
    const { as, arnOf, seal, sandbox } = await asFunction('ScanFunction');
    const KeyId = await arnOf('alias/mine');
    expect(await seal(KeyId)).toBe(
      `AccessDeniedException: User: ${ROLES}/logseal-ScanRole/logseal-ScanFunction is not authorized to perform: logs:AssociateKmsKey on resource: arn:aws:logs:eu-west-1:111122223333:log-group:/a:log-stream: because no identity-based policy allows the logs:AssociateKmsKey action`,
    );
    const denied = [
      as.logs.send(new Logs.DeleteLogGroupCommand({ logGroupName: '/a' })),
      as.kms.send(new Kms.DisableKeyCommand({ KeyId })),
      as.kms.send(new Kms.PutKeyPolicyCommand({ KeyId, Policy: '{}' })),
      as.kms.send(new Kms.ListKeysCommand({})),
    ];
    for (const call of denied) expect(await refusal(call)).toContain('AccessDeniedException');
    expect(sandbox.rightsUsed()['ScanFunction']).toContainEqual({
      action: 'kms:DisableKey',
      resource: KeyId,
      allowed: false,
    });
  });
});

describe('the remediate function', () => {
  it('seals with the key of the template, through CloudWatch Logs only', async () => {
    const { as, arnOf, seal, sandbox } = await asFunction('RemediateFunction');
    expect(await seal(await arnOf('alias/logseal'))).toBe('no error');
    expect(await seal(await arnOf('alias/mine'))).toContain('is not authorized to perform: kms:Encrypt on resource');
    const { logGroups } = await as.logs.send(new Logs.DescribeLogGroupsCommand({}));
    expect(logGroups?.[0]?.kmsKeyId).toBe(await arnOf('alias/logseal'));
    const used = sandbox.rightsUsed()['RemediateFunction']?.filter(({ allowed }) => allowed);
    expect(used?.map(({ action }) => action)).toEqual(expect.arrayContaining(['logs:AssociateKmsKey', 'kms:Encrypt']));
    for (const call of [
      as.logs.send(new Logs.DisassociateKmsKeyCommand({ logGroupName: '/a' })),
      as.logs.send(new Logs.DeleteLogGroupCommand({ logGroupName: '/a' })),
    ]) {
      expect(await refusal(call)).toContain('AccessDeniedException');
    }
  });

  it.each(['alias/mine', 'arn:aws:kms:eu-west-1:111122223333:alias/mine'])('may use the key %s', async (KeyId) => {
    const { arnOf, seal } = await asFunction('RemediateFunction', { KeyId });
    expect(await seal(await arnOf('alias/mine'))).toBe('no error');
    expect(await seal(await arnOf('alias/other'))).toContain('not authorized to perform: kms:Encrypt');
  });

  it('needs its role and the key policy to allow a key of another account', async () => {
    const AWS = ['arn:aws:iam::{home}:root'];
    const rights = { Effect: 'Allow', Principal: { AWS }, Action: 'kms:*', Resource: '*' };
    const open = { ...logsPolicy(), Statement: [...logsPolicy().Statement, rights] };
    const partner = { account: '444455556666', alias: 'alias/mine' };
    const world = { keys: { open: { ...partner, policy: open } } };
    const KeyId = 'arn:aws:kms:eu-west-1:444455556666:alias/mine';
    const admitted = await asFunction('RemediateFunction', { KeyId }, world);
    expect(await admitted.seal(await admitted.arnOf(KeyId))).toBe('no error');
    const describeOnly = { ...rights, Action: 'kms:DescribeKey' };
    const narrow = { ...logsPolicy(), Statement: [...logsPolicy().Statement, describeOnly] };
    const refused = await asFunction(
      'RemediateFunction',
      { KeyId },
      { keys: { narrow: { ...partner, policy: narrow } } },
    );
    expect(await refused.seal(await refused.arnOf(KeyId))).toContain(
      'because no resource-based policy allows the kms:Encrypt action',
    );
  });

  it('needs a key policy that leaves the key to the IAM policies of its account', async () => {
    const own = { ...logsPolicy(), Statement: logsPolicy().Statement.slice(1) };
    const { sandbox, seal } = await asFunction(
      'RemediateFunction',
      { KeyId: 'alias/mine' },
      {
        keys: { mine: { alias: 'alias/mine', policy: own } },
      },
    );
    const { kms } = clients(sandbox);
    const arn = (await kms.send(new Kms.ListKeysCommand({}))).Keys?.[0]?.KeyArn ?? '';
    expect(await seal(arn)).toContain('because no resource-based policy allows the kms:DescribeKey action');
  });
});

describe('a role', () => {
  it('obeys a Deny', async () => {
    const { as } = await asFunction('Work', {}, {}, FIXTURE);
    expect(await refusal(as.logs.send(new Logs.CreateLogGroupCommand({ logGroupName: '/b' })))).toBe('no error');
    expect(await refusal(as.logs.send(new Logs.DeleteLogGroupCommand({ logGroupName: '/b' })))).toContain(
      'AccessDeniedException',
    );
  });

  it('is refused for a function that is not in the template', async () => {
    const { as } = await asFunction('Nobody');
    expect(await refusal(as.sts.send(new GetCallerIdentityCommand({})))).toContain(
      'InvalidClientTokenId: The template has no function Nobody',
    );
  });
});
