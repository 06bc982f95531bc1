import { describe, expect, it } from 'vitest';
import { aKey, CHECK, checkOn, nameOf } from '../support/key-checks.ts';
import { aDesk, aWorld } from '../support/logseal.ts';
import { accountMay, admitting, LOG_GROUPS, policyOf, READERS_AND_WRITERS } from '../support/policies.ts';

describe('the caller', () => {
  const roleWith = (...Action: string[]) => ({
    roles: { sealer: { policies: [policyOf({ Effect: 'Allow', Action, Resource: '*' })] } },
  });
  const READ = ['kms:DescribeKey', 'kms:GetKeyPolicy'];
  const USE = ['kms:Encrypt', 'kms:Decrypt', 'kms:ReEncrypt*', 'kms:GenerateDataKey*', 'logs:AssociateKmsKey'];
  const IAM = ['iam:GetRole', 'iam:SimulatePrincipalPolicy'];

  it.each<[string, string[], number, string[]]>([
    ['with every right passes', [...READ, ...USE, ...IAM], 0, []],
    [
      'without kms:Encrypt fails',
      [...READ, ...USE.slice(1), ...IAM],
      3,
      ['CALLER_RIGHTS kms:Encrypt FAIL CALLER_MISSING_RIGHTS'],
    ],
    [
      'without logs:AssociateKmsKey fails',
      [...READ, ...USE.slice(0, -1), ...IAM],
      3,
      ['CALLER_RIGHTS logs:AssociateKmsKey FAIL CALLER_MISSING_RIGHTS'],
    ],
    [
      // AWS is not known to check it: a warning, which changes no status.
      'without kms:Decrypt is warned',
      [...READ, ...USE.filter((right) => right !== 'kms:Decrypt'), ...IAM],
      0,
      ['CALLER_RIGHTS kms:Decrypt UNKNOWN CALLER_MISSING_RIGHTS'],
    ],
  ])('%s', async (_, rights, expected, lines) => {
    const desk = await aDesk(aWorld({ ...aKey(admitting(LOG_GROUPS)), ...roleWith(...rights) }));

    const { status, open } = await checkOn(desk, CHECK, { AWS_ACCESS_KEY_ID: 'sealer' });

    expect({ status, open }).toEqual({ status: expected, open: lines });
  });

  it('that the key policy alone lets in, through CloudWatch Logs, passes and seals', async () => {
    const rights = [...READ, ...IAM, 'logs:*'];
    const policy = admitting(LOG_GROUPS, READERS_AND_WRITERS);
    const desk = await aDesk(aWorld({ ...aKey(policy), ...roleWith(...rights), groups: { '/a': null } }));
    const env = { AWS_ACCESS_KEY_ID: 'sealer' };

    expect(await checkOn(desk, CHECK, env)).toMatchObject({ status: 0, open: [] });
    expect((await desk.run('apply --key alias/logseal --yes', { env })).status).toBe(0);
  });

  it.each(['iam:GetRole', 'iam:SimulatePrincipalPolicy'])(
    'without %s is not known, and told why once',
    async (right) => {
      const rights = [...READ, ...USE, ...IAM].filter((each) => each !== right);
      const desk = await aDesk(aWorld({ ...aKey(admitting(LOG_GROUPS)), ...roleWith(...rights) }));

      const { status, checks } = await checkOn(desk, CHECK, { AWS_ACCESS_KEY_ID: 'sealer' });

      expect(status).toBe(3);
      expect(checks.filter(({ result }) => result !== 'PASS')).toMatchObject([
        {
          check: 'CALLER_RIGHTS',
          action: null,
          result: 'UNKNOWN',
          message: expect.stringContaining(`needs ${right})`),
        },
      ]);
      const { stdout } = await desk.run(CHECK, { env: { AWS_ACCESS_KEY_ID: 'sealer' } });
      expect(stdout.match(/^UNKNOWN /gm)).toHaveLength(1);
      expect(stdout.match(/^Not known$/gm)).toHaveLength(1);
      expect(stdout.match(/^ {2}to settle it: /gm)).toHaveLength(1);
    },
  );

  it('without kms:GetKeyPolicy does not know the policy', async () => {
    const desk = await aDesk(
      aWorld({ ...aKey(admitting(LOG_GROUPS)), ...roleWith('kms:DescribeKey', ...USE, ...IAM) }),
    );

    const { status, open } = await checkOn(desk, CHECK, { AWS_ACCESS_KEY_ID: 'sealer' });

    expect(status).toBe(3);
    expect(open[0]).toBe('KEY_POLICY UNKNOWN KEY_POLICY_UNREADABLE');
    expect(open.filter((line) => line.includes('FAIL'))).toEqual([]);
  });

  it('whom the policy shuts out is told by the statement', async () => {
    const desk = await aDesk(
      aWorld({
        ...aKey(policyOf(accountMay(['kms:DescribeKey', 'kms:GetKeyPolicy', 'kms:Put*']), LOG_GROUPS)),
        ...roleWith('kms:*', 'logs:*', 'iam:*'),
      }),
    );

    const { status, open, checks } = await checkOn(desk, CHECK, { AWS_ACCESS_KEY_ID: 'sealer' });

    expect(status).toBe(3);
    expect(open).toContain('CALLER_RIGHTS kms:Encrypt FAIL CALLER_MISSING_RIGHTS');
    expect(checks.find((check) => nameOf(check) === 'CALLER_RIGHTS kms:Encrypt')?.fix).toContain('to the key policy');
  });
});
