import { describe, expect, it } from 'vitest';
import { textOf } from '../../../lib/domain/template/unknown.ts';
import { ACCOUNT, aKey, findingUnder, keyWith, logsStatement, onArn, REGION } from './declarations.ts';

const ARN = `arn:aws:logs:${REGION}:${ACCOUNT}:log-group:`;
const STACK = textOf({ written: 'AWS::StackName', settledBy: 'the deployment' });
const PARAMETER = textOf({ written: 'Name', settledBy: '--parameter Name=VALUE' });

describe('the policy of a declared key', () => {
  it('that CloudWatch Logs is in, wherever it is deployed, makes the log group compliant', () => {
    const finding = findingUnder(keyWith(logsStatement(REGION, onArn(`${ARN}*`))));

    expect(finding).toMatchObject({
      status: 'COMPLIANT',
      verdict: 'ALLOWED',
      reasons: [],
      warnings: [],
      key: { id: 'Key', arn: null },
    });
  });

  it('that is not given is the default one of KMS, and the fix is a whole policy', () => {
    const finding = findingUnder(aKey());

    expect(finding).toMatchObject({ status: 'NON_COMPLIANT', severity: 'HIGH', verdict: 'MISSING_ACTIONS' });
    expect(finding.reasons).toMatchObject([
      {
        code: 'KEY_POLICY_MISSING_ACTIONS',
        message: 'Key has no policy of its own, so KMS gives it the default one, which admits no service',
        fix: expect.stringMatching(/^add a key policy to Key:\npolicy kms:Encrypt /),
      },
    ]);
  });

  it('that lacks the statement names neither a Region nor an account that nobody has named', () => {
    const [reason] = findingUnder(keyWith()).reasons;

    expect(reason?.fix).toMatch(/^add this statement to the key policy of Key:\nstatement kms:Encrypt/);
    expect(JSON.stringify(reason)).not.toMatch(/unknown|0{12}/);
  });

  it('that refuses it everywhere says what is wrong in the Region that it names, if no other is known', () => {
    const narrow = logsStatement('eu-west-1', onArn('arn:aws:logs:*:*:log-group:/nobody/*'));
    const [reason] = findingUnder(keyWith(narrow), { region: null }).reasons;

    expect(reason?.message).toContain('requires ArnLike kms:EncryptionContext:aws:logs:arn');
    expect(reason?.message).not.toContain('REGION');
  });

  const denyIn = (region: string) => ({
    ...{ Effect: 'Deny', Principal: '*', Action: 'kms:*', Resource: `arn:aws:kms:${region}:*:key/*` },
  });
  const allowRoleIn = (regions: readonly string[]) => ({
    ...{ Effect: 'Allow', Principal: { AWS: `arn:aws:iam::${ACCOUNT}:role/a` }, Action: 'kms:Sign' },
    Resource: regions.map((region) => `arn:aws:kms:${region}:*:key/*`),
  });

  it.each([
    ['has none in the file', null, 'MISSING_ACTIONS'],
    [
      'begins with the name of the stack',
      `${textOf({ written: 'AWS::StackName', settledBy: '', isPlain: true })}-logs`,
      'MISSING_ACTIONS',
    ],
    ['begins with a parameter', `${PARAMETER}-logs`, 'UNCERTAIN'],
  ])('that admits names with a slash is evaluated for a name that %s', (_, name, verdict) => {
    const policy = logsStatement(REGION, onArn('arn:aws:logs:*:*:log-group:/aws/lambda/*'));

    expect(findingUnder(keyWith(policy), {}, { name }).verdict).toBe(verdict);
  });

  it('that denies it in one of the Regions that it names is not certain', () => {
    const named = allowRoleIn(['eu-west-1', 'eu-west-2', 'eu-west-3']);
    const finding = findingUnder(keyWith(named, logsStatement(REGION), denyIn('eu-north-1')));

    expect(finding).toMatchObject({ status: 'UNKNOWN', reasons: [{ code: 'KEY_POLICY_UNCERTAIN' }] });
    expect(finding.reasons[0]?.message).toContain('depends on the Region');
  });

  it('that names more Regions than are evaluated is not certain to allow it', () => {
    const named = allowRoleIn(Array.from({ length: 25 }, (_, index) => `eu-${String.fromCharCode(97 + index)}-1`));
    const finding = findingUnder(keyWith(named, logsStatement(REGION)));

    expect(finding).toMatchObject({ status: 'UNKNOWN', reasons: [{ code: 'KEY_POLICY_UNCERTAIN' }] });
    expect(finding.reasons[0]?.message).toContain('it names more Regions and accounts than are evaluated');
  });

  it('that denies CloudWatch Logs the use of the key says which statement does', () => {
    const finding = findingUnder(
      keyWith(logsStatement(REGION), {
        Sid: 'Never',
        Effect: 'Deny',
        Principal: '*',
        Action: 'kms:Decrypt',
        Resource: '*',
      }),
    );

    expect(finding).toMatchObject({
      verdict: 'DENIED',
      reasons: [{ code: 'KEY_POLICY_DENIES', fix: expect.stringContaining('Never') }],
    });
  });

  it('that is no policy is one that AWS would refuse', () => {
    const finding = findingUnder(aKey({ policy: { kind: 'DOCUMENT', text: '{"Statement":[{"Effect":"Perhaps"}]}' } }));

    expect(finding).toMatchObject({
      status: 'NON_COMPLIANT',
      verdict: 'MALFORMED',
      reasons: [{ code: 'MALFORMED_POLICY' }],
    });
  });

  it.each([
    [
      'an Allow of an unknown action for another service',
      { Principal: { Service: 's3.amazonaws.com' }, Action: PARAMETER },
    ],
    [
      'an Allow of an unknown action for a role',
      { Principal: { AWS: `arn:aws:iam::${ACCOUNT}:role/a` }, Action: PARAMETER },
    ],
  ])('does not hang on %s', (_, more) => {
    expect(findingUnder(keyWith(logsStatement(REGION, more)))).toMatchObject({ verdict: 'MISSING_ACTIONS' });
  });

  it('denies whoever an unknown identity is not', () => {
    const deny = { Effect: 'Deny', NotPrincipal: { AWS: PARAMETER }, Action: 'kms:*', Resource: '*' };

    expect(findingUnder(keyWith(logsStatement(REGION), deny))).toMatchObject({
      status: 'NON_COMPLIANT',
      verdict: 'DENIED',
    });
  });

  it('that has an unknown Sid names the statement by its place', () => {
    const deny = { Sid: PARAMETER, Effect: 'Deny', Principal: '*', Action: 'kms:*', Resource: '*' };

    expect(findingUnder(keyWith(logsStatement(REGION), deny)).reasons[0]?.fix).toContain('the 3rd statement');
  });

  it('that is not known says what would settle it', () => {
    const finding = findingUnder(
      aKey({ policy: { kind: 'UNKNOWN', because: 'it is a parameter', settledBy: ['--parameter P=VALUE'] } }),
    );

    expect(finding).toMatchObject({
      status: 'UNKNOWN',
      verdict: 'UNCERTAIN',
      reasons: [{ code: 'KEY_POLICY_UNCERTAIN', severity: 'MEDIUM', fix: 'to settle it: --parameter P=VALUE' }],
    });
  });
});

describe('where the Region and the account are not known', () => {
  const named = keyWith(logsStatement('us-east-1'));
  const ofAccount = keyWith(logsStatement(REGION, onArn('arn:aws:logs:*:111122223333:*')));

  it.each([
    ['a Region that the policy names', named, '--region R'],
    ['an account that the policy names', ofAccount, '--account ID'],
    [
      'both',
      keyWith(logsStatement('us-east-1', onArn('arn:aws:logs:us-east-1:111122223333:*'))),
      '--region R --account ID',
    ],
  ])('what hangs on %s is UNKNOWN, and the options that would settle it are named', (_, key, options) => {
    const finding = findingUnder(key);

    expect(finding).toMatchObject({ status: 'UNKNOWN', verdict: 'UNCERTAIN' });
    expect(finding.reasons).toMatchObject([{ code: 'KEY_POLICY_UNCERTAIN', fix: `to settle it: ${options}` }]);
  });

  it.each([
    ['us-east-1', 'COMPLIANT', 'ALLOWED'],
    ['eu-west-1', 'NON_COMPLIANT', 'MISSING_ACTIONS'],
  ])('--region %s settles it: %s', (region, status, verdict) => {
    expect(findingUnder(named, { region })).toMatchObject({ status, verdict });
  });

  it.each([
    ['111122223333', 'COMPLIANT'],
    ['444455556666', 'NON_COMPLIANT'],
  ])('--account %s settles it: %s', (account, status) => {
    expect(findingUnder(ofAccount, { account })).toMatchObject({ status });
  });

  it.each([
    ['aws-us-gov', 'COMPLIANT'],
    ['aws-cn', 'NON_COMPLIANT'],
  ])('a policy of the partition %s alone can be deployed nowhere else, so that it is %s', (partition, status) => {
    const root = {
      Effect: 'Allow',
      Principal: { AWS: `arn:${partition}:iam::${ACCOUNT}:root` },
      Action: 'kms:*',
      Resource: '*',
    };
    const logs = logsStatement(REGION, onArn(`arn:${partition}:logs:${REGION}:${ACCOUNT}:*`));
    const key = aKey({ policy: { kind: 'DOCUMENT', text: JSON.stringify({ Statement: [root, logs] }) } });

    expect(findingUnder(key)).toMatchObject({ status });
    expect(JSON.stringify(findingUnder(key))).not.toContain('unknown');
  });

  it('a policy that admits CloudWatch Logs nowhere is wrong, whatever the Region', () => {
    const key = keyWith({
      Effect: 'Deny',
      Principal: '*',
      Action: 'kms:*',
      Resource: '*',
      Condition: { StringEquals: { 'aws:RequestedRegion': 'us-east-1' } },
    });

    expect(findingUnder(key)).toMatchObject({ status: 'NON_COMPLIANT', verdict: 'MISSING_ACTIONS' });
  });

  it.each([
    [[{ Effect: 'Allow', Principal: { AWS: 'arn:aws:iam::111122223333:root' }, Action: 'kms:*', Resource: '*' }], []],
    [[], ['LOCKS_OUT']],
  ])('what KMS would not accept anywhere is a warning: beside %j, %j', (others, codes) => {
    const text = JSON.stringify({ Statement: [...others, logsStatement(REGION)] });

    expect(findingUnder(aKey({ policy: { kind: 'DOCUMENT', text } })).warnings.map(({ code }) => code)).toEqual(codes);
  });

  it('an account that only the root statement names changes nothing', () => {
    const key = keyWith(
      { Effect: 'Allow', Principal: { AWS: 'arn:aws:iam::111122223333:root' }, Action: 'kms:*', Resource: '*' },
      logsStatement(REGION),
    );

    expect(findingUnder(key)).toMatchObject({ status: 'COMPLIANT' });
  });
});

describe('where the name of the log group is not known', () => {
  it.each([
    ['the policy takes any', `${ARN}*`, 'COMPLIANT'],
    ['the policy has the same unknown value', `${ARN}/app/${STACK}/*`, 'COMPLIANT'],
    ['the policy has a name that it may be', `${ARN}/app/prod/x`, 'UNKNOWN'],
    ['the policy has a name that it cannot be', `${ARN}/other`, 'NON_COMPLIANT'],
  ])('and %s', (_, pattern, status) => {
    const key = keyWith(logsStatement(REGION, onArn(pattern)));

    expect(findingUnder(key, {}, { name: `/app/${STACK}/x` })).toMatchObject({ status, name: null });
  });
});

describe('where the beginning of the name is not known', () => {
  const name = `${PARAMETER}-logs`;
  const deny = { Effect: 'Deny', Principal: '*', Action: 'kms:*', Resource: '*' };

  it.each([
    ['a Deny may be for it', [logsStatement(REGION), { ...deny, ...onArn(`${ARN}/secret/*`) }], 'UNKNOWN'],
    ['a Deny cannot be for it', [logsStatement(REGION), { ...deny, ...onArn(`${ARN}/secret/x`) }], 'COMPLIANT'],
    ['an Allow may be for it', [logsStatement(REGION, onArn(`${ARN}/app/*`))], 'UNKNOWN'],
    ['an Allow names it by the same value', [logsStatement(REGION, onArn(`${ARN}${PARAMETER}*`))], 'COMPLIANT'],
    ['an Allow requires some characters', [logsStatement(REGION, onArn(`${ARN}?*-logs`))], 'UNKNOWN'],
    [
      'many patterns come first',
      [
        ...['a', 'b', 'c', 'd'].map((each) => logsStatement(REGION, onArn(`${ARN}${each}-x`))),
        logsStatement(REGION, onArn(`${ARN}*-logs`)),
      ],
      'COMPLIANT',
    ],
  ])('and %s', (_, statements, status) => {
    const finding = findingUnder(keyWith(...statements), {}, { name });

    expect(finding.status).toBe(status);
    if (status === 'UNKNOWN') {
      expect(finding.reasons).toMatchObject([
        { code: 'KEY_POLICY_UNCERTAIN', fix: 'to settle it: --parameter Name=VALUE' },
      ]);
    }
  });

  it('the reason shows the value as the file writes it', () => {
    const [reason] = findingUnder(keyWith(logsStatement(REGION, onArn(`${ARN}/app/x`))), {}, { name }).reasons;

    expect(reason?.message).toMatch(/the value is .*:log-group:\$\{Name\}-logs$/);
  });
});

describe('where other values of the policy are not known', () => {
  it.each([
    [
      'one of its AWS principals',
      { Effect: 'Allow', Principal: { AWS: PARAMETER }, Action: 'kms:*', Resource: '*' },
      'ALLOWED',
    ],
    [
      'a Deny to one of them',
      { Effect: 'Deny', Principal: { AWS: PARAMETER }, Action: 'kms:*', Resource: '*' },
      'ALLOWED',
    ],
    [
      'the account of one of them',
      { Effect: 'Allow', Principal: { AWS: `arn:aws:iam::${PARAMETER}:root` }, Action: 'kms:*', Resource: '*' },
      'ALLOWED',
    ],
    [
      'the value of a condition on a Deny to everybody',
      {
        Effect: 'Deny',
        Principal: '*',
        Action: 'kms:*',
        Resource: '*',
        Condition: { StringEquals: { 'aws:PrincipalOrgID': PARAMETER } },
      },
      'ALLOWED',
    ],
    [
      'the value of such a condition on the Region',
      {
        Effect: 'Deny',
        Principal: '*',
        Action: 'kms:*',
        Resource: '*',
        Condition: { StringEquals: { 'aws:RequestedRegion': PARAMETER } },
      },
      'UNCERTAIN',
    ],
    [
      'the actions of a Deny to everybody',
      { Effect: 'Deny', Principal: '*', Action: PARAMETER, Resource: '*' },
      'UNCERTAIN',
    ],
    [
      'the effect of a statement on everybody',
      { Effect: PARAMETER, Principal: '*', Action: 'kms:*', Resource: '*' },
      'UNCERTAIN',
    ],
    [
      'the whole condition of a Deny to everybody',
      { Effect: 'Deny', Principal: '*', Action: 'kms:*', Resource: '*', Condition: PARAMETER },
      'UNCERTAIN',
    ],
    ['a whole statement', PARAMETER as never, 'UNCERTAIN'],
  ])('%s', (_, statement, verdict) => {
    expect(findingUnder(keyWith(logsStatement(REGION), statement))).toMatchObject({ verdict });
  });

  it('and roles are unknown, too: only what decides is named', () => {
    const role = textOf({ written: 'Role.Arn', settledBy: 'the deployment' });
    const key = keyWith(
      { Effect: 'Allow', Principal: { AWS: role }, Action: 'kms:*', Resource: '*' },
      logsStatement(REGION, { Action: PARAMETER }),
    );

    expect(findingUnder(key).reasons).toMatchObject([{ fix: 'to settle it: --parameter Name=VALUE' }]);
  });

  it.each([
    ['the actions', { Action: PARAMETER }],
    ['the service', { Principal: { Service: PARAMETER } }],
    ['the name in its condition', onArn(`${ARN}${PARAMETER}`)],
  ])('of the only statement for CloudWatch Logs, %s: UNKNOWN, and what would settle it', (_, more) => {
    expect(findingUnder(keyWith(logsStatement(REGION, more)))).toMatchObject({
      status: 'UNKNOWN',
      verdict: 'UNCERTAIN',
      reasons: [{ code: 'KEY_POLICY_UNCERTAIN', fix: 'to settle it: --parameter Name=VALUE' }],
    });
  });
});

it('a fix says once how the Region and the account in it are filled in', () => {
  const deny = {
    Effect: 'Deny',
    NotPrincipal: { AWS: `arn:aws:iam::${ACCOUNT}:root` },
    Action: 'kms:*',
    Resource: '*',
  };
  const fixOf = (more: object) => findingUnder(keyWith(logsStatement(REGION), deny), more).reasons[0]?.fix;

  expect(fixOf({})).toMatch(/arn:aws:iam::ACCOUNT:root.* \(--account ID fills in ACCOUNT\)$/);
  expect(fixOf({ account: '111122223333' })).toMatch(/arn:aws:iam::111122223333:root.*a Deny$/);
});

describe('an account in a policy that is not known to be the own one', () => {
  const SOME = '000000000000';
  const key = keyWith(logsStatement(REGION, onArn(`arn:aws:logs:*:${SOME}:log-group:*`)));

  it('is none but itself, even if it has nothing but zeros', () => {
    expect(findingUnder(key)).toMatchObject({
      ...{ status: 'UNKNOWN', verdict: 'UNCERTAIN' },
      reasons: [{ code: 'KEY_POLICY_UNCERTAIN', fix: 'to settle it: --account ID' }],
    });
  });

  it.each([
    [SOME, 'COMPLIANT'],
    ['111122223333', 'NON_COMPLIANT'],
  ])('is settled by the account %s', (account, status) => {
    expect(findingUnder(key, { account })).toMatchObject({ status });
  });

  it('is named as it is where it is the own one', () => {
    const { reasons } = findingUnder(aKey(), { account: SOME, region: 'eu-west-1' });

    expect(JSON.stringify(reasons)).not.toContain('ACCOUNT');
  });
});
