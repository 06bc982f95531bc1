import { describe, expect, it } from 'vitest';
import { prepare } from '../../../lib/domain/configuration.ts';
import { rulesAt } from '../../../lib/domain/rules.ts';
import { templateFindings } from '../../../lib/domain/template/findings.ts';
import type { KeyReference } from '../../../lib/domain/template/model.ts';
import { textOf } from '../../../lib/domain/template/unknown.ts';
import { aGroup, aKey, declared, findingUnder, keyWith, logsStatement, NOW, onArn, REGION } from './declarations.ts';

const GOOD = keyWith(logsStatement(REGION));
const rules = rulesAt(NOW);

function findingBy(key: KeyReference) {
  return templateFindings(declared({ groups: [aGroup(key)], keys: [GOOD] }), rules)[0];
}

describe('a log group', () => {
  it('without a key gets the attribute to add, with the key of the files', () => {
    expect(findingBy({ kind: 'NONE' })).toEqual({
      ...{ file: 'a.yaml', line: 12, id: 'Logs', type: 'log-group', name: '/app/a', key: null },
      ...{ status: 'NON_COMPLIANT', severity: 'MEDIUM', warnings: [], verdict: null, exemption: null },
      reasons: [
        {
          code: 'NO_KEY',
          severity: 'MEDIUM',
          message: 'the log group has no KMS key: its logs are encrypted with a key that AWS owns',
          fix: 'write in the log group: key = Key',
        },
      ],
    });
  });

  it.each([
    ['without a policy', aKey()],
    ['that is disabled', { ...GOOD, enabled: false }],
    ['of other log groups', keyWith(logsStatement(REGION, onArn(`arn:aws:logs:*:*:log-group:/other`)))],
  ])('is not told to take a key %s', (_, key) => {
    const [finding] = templateFindings(declared({ groups: [aGroup({ kind: 'NONE' })], keys: [key] }), rules);

    expect(finding?.reasons[0]?.fix).toMatch(
      /^declare a key whose policy lets CloudWatch Logs use it, .* and write in the log group: key = NEW$/,
    );
  });

  it.each([
    [{ kind: 'OUTSIDE', arn: null, from: 'the parameter KeyArn' }, 'COMPLIANT', null, { id: null, arn: null }],
    [
      { kind: 'UNDETERMINED', because: 'it hangs on HasKey', settledBy: ['--parameter K=VALUE'] },
      'UNKNOWN',
      'KEY_UNDETERMINED',
      null,
    ],
    [
      { kind: 'NOT_AN_ARN', what: 'the id of Key', key: GOOD },
      'NON_COMPLIANT',
      'KEY_NOT_AN_ARN',
      { id: 'Key', arn: null },
    ],
  ] as const)('by the reference %o', (reference, status, code, key) => {
    const finding = findingBy(reference);

    expect(finding).toMatchObject({ status, key, verdict: code === 'KEY_NOT_AN_ARN' ? 'ALLOWED' : null });
    expect(finding?.reasons.map((reason) => reason.code)).toEqual(code === null ? [] : [code]);
  });

  it('with a key that lies outside the files has the warning that nothing is known of its policy', () => {
    const [finding] = [findingBy({ kind: 'OUTSIDE', arn: 'arn:aws:kms:eu-west-1:111122223333:key/a', from: 'an ARN' })];

    expect(finding?.warnings).toMatchObject([
      {
        code: 'KEY_POLICY_UNREADABLE',
        severity: 'LOW',
        fix: expect.stringContaining('--key arn:aws:kms:eu-west-1:111122223333:key/a'),
      },
    ]);
    expect(finding?.key).toEqual({ id: null, arn: 'arn:aws:kms:eu-west-1:111122223333:key/a' });
  });

  it('with a key that AWS manages is flagged', () => {
    const arn = 'arn:aws:kms:eu-west-1:111122223333:alias/aws/lambda';

    expect(findingBy({ kind: 'OUTSIDE', arn, from: arn })).toMatchObject({
      ...{ status: 'NON_COMPLIANT', warnings: [], key: { id: null, arn } },
      reasons: [
        { code: 'KEY_AWS_MANAGED', message: expect.stringContaining('alias/aws/lambda is an AWS-managed key') },
      ],
    });
  });

  it('with a key of another Region than its own is flagged', () => {
    const key = { kind: 'OUTSIDE', arn: 'arn:aws:kms:us-east-1:111122223333:key/a', from: 'an ARN' } as const;
    const [finding] = templateFindings(declared({ region: 'eu-west-1', groups: [aGroup(key)] }), rules);

    expect(finding).toMatchObject({ status: 'NON_COMPLIANT', reasons: [{ code: 'KEY_WRONG_REGION' }] });
  });

  it.each([
    ['disabled', { enabled: false }, 'KEY_DISABLED'],
    ['without key material', { lacksMaterial: true }, 'KEY_PENDING_IMPORT'],
    ['to be deleted', { isDeleted: true, enabled: false }, 'KEY_PENDING_DELETION'],
    ['not symmetric', { spec: 'RSA_2048' }, 'KEY_NOT_SYMMETRIC'],
    ['for signatures', { usage: 'SIGN_VERIFY' }, 'KEY_WRONG_USAGE'],
  ])('with a key that is %s', (_, more, code) => {
    expect(findingUnder({ ...GOOD, ...more }).reasons.map((reason) => reason.code)).toEqual([code]);
  });

  it('whose policy is not known and whose key is disabled is certainly not compliant', () => {
    const key = aKey({ enabled: false, policy: { kind: 'UNKNOWN', because: 'it is a parameter', settledBy: ['x'] } });

    expect(findingUnder(key)).toMatchObject({ status: 'NON_COMPLIANT', severity: 'HIGH' });
  });
});

describe('what makes CloudWatch Logs create a log group', () => {
  const name = `/aws/lambda/${textOf({ written: 'Api', settledBy: 'the deployment' })}`;
  const creator = { file: 'a.yaml', line: 5, id: 'Api', what: 'the Lambda function Api', name };

  it('is flagged where the files do not declare it', () => {
    expect(templateFindings(declared({ creators: [creator], keys: [GOOD] }), rules)).toMatchObject([
      {
        ...{ id: 'Api', line: 5, name: null, status: 'NON_COMPLIANT', severity: 'MEDIUM' },
        reasons: [
          {
            code: 'IMPLICIT_LOG_GROUP',
            message: expect.stringContaining('create the log group /aws/lambda/$'),
            fix: expect.stringMatching(/^declare the log group:\ngroup .* Key$/),
          },
        ],
      },
    ]);
  });
});

describe('exemptions', () => {
  const match = { names: ['/app/*'] };
  const configuration = prepare({
    keys: [],
    exemptions: [{ id: 'vendor', reason: 'r', owner: 'o', expires: '2027-01-01', match }],
  });

  it('count by name, and keep the reasons', () => {
    expect(findingUnder(aKey(), {}, {}, rulesAt(NOW, { configuration }))).toMatchObject({
      status: 'EXEMPT',
      exemption: { id: 'vendor', expires: '2027-01-01' },
      reasons: [{ code: 'KEY_POLICY_MISSING_ACTIONS' }],
    });
  });

  it('do not count where the name is not known', () => {
    expect(findingUnder(aKey(), {}, { name: null }, rulesAt(NOW, { configuration }))).toMatchObject({
      status: 'NON_COMPLIANT',
    });
  });

  it('of names that AWS reserves count without a configuration', () => {
    expect(findingUnder(aKey(), {}, { name: 'aws/reserved' })).toMatchObject({ exemption: { id: 'aws-reserved' } });
  });
});
