import { describe, expect, it } from 'vitest';
import { aGroup, checked, KEY, statuses } from './desk.ts';

describe('a key by a reference to nothing', () => {
  it.each([
    ['!GetAtt Kk.Arn', 'Kk'],
    ['!GetAtt 5', '5'],
    ['!Ref Kk', 'Kk'],
    ["!Sub 'arn:aws:kms:eu-west-1:111122223333:key/${Kk}'", 'Kk'],
  ])('%s is a mistake in the template', async (key, name) => {
    const { document, status, stderr } = await checked(
      `Resources:${KEY}${aGroup(key)}${aGroup('!GetAtt Key.Arn', 'Good')}`,
    );

    expect(status).toBe(2);
    expect(stderr).toMatch(new RegExp(`t.yaml:\\d+: Resources.Logs.*: there is no parameter or resource ${name}\n`));
    expect(document.findings).toMatchObject([{ id: 'Good', status: 'COMPLIANT' }]);
  });

  it('is not known where a macro may add the resource', async () => {
    const { document, status } = await checked(`Transform: Mine\nResources:${aGroup('!GetAtt Kk.Arn')}`);

    expect(status).not.toBe(2);
    expect(document.findings).toMatchObject([
      {
        status: 'UNKNOWN',
        reasons: [
          {
            code: 'KEY_UNDETERMINED',
            message: 'whether the log group gets a KMS key is not known: what Kk.Arn is cannot be seen in these files',
          },
        ],
      },
    ]);
  });
});

describe('a key by what is no key', () => {
  it('is refused where the resource is another one', async () => {
    const { document } = await checked(
      `Resources:${KEY}${aGroup('!GetAtt Key.Arn', 'Other')}${aGroup('!GetAtt Other.Arn')}`,
    );

    expect(document.findings[1]).toMatchObject({
      status: 'NON_COMPLIANT',
      reasons: [
        {
          code: 'KEY_NOT_AN_ARN',
          message: 'the log group names its key by Other.Arn, which is no KMS key, where AWS takes an ARN',
        },
      ],
    });
  });

  it.each(['!Bogus x', '{ Fn::Transform: { Name: Mine } }'])('is not known where it is %s', async (key) => {
    expect(await statuses(`Resources:${aGroup(key)}`)).toEqual({ Logs: 'UNKNOWN KEY_UNDETERMINED' });
  });

  it.each([
    ['Custom::Key', '!GetAtt Made.Arn'],
    ['AWS::SSM::Parameter', '!GetAtt Made.Value'],
    ['AWS::CloudFormation::CustomResource', '!Ref Made'],
  ])('a key from %s lies outside', async (type, key) => {
    const made = `\n  Made: { Type: '${type}', Properties: {} }\n`;

    expect(await statuses(`Resources:${made}${aGroup(key)}`)).toEqual({ Logs: 'COMPLIANT' });
  });
});

it('the property that gives a name settles what depends on it', async () => {
  const key = KEY.replace("${AWS::AccountId}:*'", "${AWS::AccountId}:log-group:/app/*'");
  const group = '\n  Logs: { Type: AWS::Logs::LogGroup, Properties: { KmsKeyId: !GetAtt Key.Arn } }\n';
  const { document } = await checked(`Resources:${key}${group}`);

  expect(document.findings[0]?.reasons).toMatchObject([
    { code: 'KEY_POLICY_UNCERTAIN', fix: expect.stringContaining('LogGroupName of Logs in the template') },
  ]);
});

it('an empty file is said to be one', async () => {
  expect((await checked(' \n')).stderr).toContain('got an empty file');
});
