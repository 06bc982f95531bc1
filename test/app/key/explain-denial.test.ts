import { describe, expect, it } from 'vitest';
import { denialExplainer } from '../../../lib/app/key/explain-denial.ts';
import type { IdentityDecision, IdentityPolicies } from '../../../lib/domain/caller-rights.ts';
import type { ChangeStep } from '../../../lib/domain/plan-step.ts';
import { OWN_PART } from '../../../lib/domain/reasons.ts';
import { rulesAt } from '../../../lib/domain/rules.ts';
import { CloudError, type MissingRight } from '../../../lib/errors.ts';
import { aChange } from '../../support/apply-steps.ts';
import { aDenyingPolicy, aKey, aKeyArn, aLogsPolicy, NOW, OTHER_ACCOUNT, REGION } from '../../support/builders.ts';
import { aCloudError, aDenial, CALLER, type FakeWorld, fakeCloud } from '../../support/fake-cloud.ts';

const KEY = aKeyArn();
const RUN = { rules: rulesAt(NOW), clock: () => NOW };
/** What AWS answers to almost everything that can be wrong with a key. */
const WORDS = 'The specified KMS key does not exist or is not allowed to be used with log group /app/a';
const OPAQUE = aCloudError('ACCESS_DENIED', WORDS);

async function explain(world: FakeWorld = {}, step: ChangeStep = aChange(), error: CloudError = OPAQUE) {
  const { cloud, log } = fakeCloud({ keys: { [KEY]: aKey() }, ...world });
  const refusal = await denialExplainer(cloud, RUN)(step, error);
  return { refusal, log };
}

/** IAM's decisions for the needs on the key: DescribeKey, Encrypt, and the other four actions. */
function identity(...decisions: IdentityDecision[]): IdentityPolicies {
  return { principalArn: CALLER.arn, decisions, because: null };
}

const UNSIMULATED: IdentityPolicies = { principalArn: CALLER.arn, decisions: null, because: 'IAM is not available' };
/** Denies CloudWatch Logs by a tag of the key, which is not known. */
const MAY_DENY = aDenyingPolicy().replace(
  '"Principal":"*","Action":"kms:Encrypt","Resource":"*"}',
  `"Principal":{"Service":"logs.${REGION}.amazonaws.com"},"Action":"kms:Encrypt","Resource":"*","Condition":{"StringEquals":{"aws:ResourceTag/Environment":"prod"}}}`,
);

describe('an AccessDenied without a reason is explained by', () => {
  it.each<[string, string, FakeWorld, RegExp, RegExp]>([
    [
      'a key that was disabled meanwhile',
      'KEY_DISABLED',
      { keys: { [KEY]: aKey({ state: 'Disabled' }) } },
      /is disabled/,
      /aws kms enable-key --key-id/,
    ],
    [
      'a key that is being deleted',
      'KEY_PENDING_DELETION',
      { keys: { [KEY]: aKey({ state: 'PendingDeletion' }) } },
      /^arn:\S+ is scheduled for deletion, so nothing can be encrypted with it\. AWS: /,
      /cancel-key-deletion/,
    ],
    [
      'a key that does not exist',
      'KEY_NOT_FOUND',
      { keys: {} },
      /^arn:\S+ does not exist in eu-west-1, so nothing can be encrypted with it\. AWS: /,
      /attach a key that exists/,
    ],
    [
      'a key that AWS manages',
      'KEY_AWS_MANAGED',
      { keys: { [KEY]: aKey({ manager: 'AWS' }) } },
      /is an AWS-managed key/,
      /^use a customer managed key/,
    ],
    [
      'a policy that does not allow the log group',
      'KEY_POLICY_MISSING_ACTIONS',
      { policies: { [KEY]: aLogsPolicy('/other') } },
      /^kms:Encrypt: /,
      /add this statement to the key policy .*LogsealLogGroups/,
    ],
    [
      'a policy that denies',
      'KEY_POLICY_DENIES',
      { policies: { [KEY]: aDenyingPolicy() } },
      /^kms:Encrypt: .*NoLogs/,
      /exclude CloudWatch Logs from the statement "\w+" \(Deny, Principal/,
    ],
    [
      'a malformed policy',
      'KEY_POLICY_UNREADABLE',
      { policies: { [KEY]: '{' } },
      /AWS would refuse this policy/,
      /replace the key policy/,
    ],
    [
      'a caller without kms:Encrypt',
      'CALLER_MISSING_RIGHTS',
      { identity: identity('ALLOWED', 'IMPLICIT_DENY', 'ALLOWED', 'ALLOWED', 'ALLOWED', 'ALLOWED') },
      /^kms:Encrypt: .*do not allow kms:Encrypt/,
      /add this statement to a policy of the caller: .*"kms:Encrypt"/,
    ],
    [
      'a Deny for the caller',
      'CALLER_MISSING_RIGHTS',
      { identity: identity('ALLOWED', 'EXPLICIT_DENY', 'ALLOWED', 'ALLOWED', 'ALLOWED', 'ALLOWED') },
      /^kms:Encrypt: a Deny in the caller's policies forbids kms:Encrypt/,
      /no Allow overrides a Deny/,
    ],
  ])('%s: %s', async (_, code, world, message, fix) => {
    const { refusal } = await explain(world);

    expect(refusal.code).toBe(code);
    expect(refusal.message).toMatch(message);
    expect(refusal.message.endsWith(`. AWS: ${WORDS}`)).toBe(true);
    expect(refusal.fix).toMatch(fix);
  });

  it('the first of several causes', async () => {
    const { refusal } = await explain({
      keys: { [KEY]: aKey({ state: 'Disabled' }) },
      policies: { [KEY]: aDenyingPolicy() },
      identity: identity('IMPLICIT_DENY', 'IMPLICIT_DENY'),
    });

    expect(refusal.code).toBe('KEY_DISABLED');
  });

  it('a key in another Region, without a call to KMS', async () => {
    const toKeyArn = aKeyArn('there', { region: 'us-east-1' });

    const { refusal, log } = await explain({}, aChange({ toKeyArn }));

    expect(refusal.code).toBe('KEY_WRONG_REGION');
    expect(refusal.message).toContain(WORDS);
    expect(log.filter((line) => line.startsWith('kms:'))).toEqual([]);
  });
});

describe('a possible cause that is not certain is reported after the words of AWS', () => {
  const theirs = aKeyArn('theirs', { account: OTHER_ACCOUNT });
  it.each<[string, FakeWorld, RegExp, RegExp, string?]>([
    [
      'a policy with a result that AWS does not document',
      { policies: { [KEY]: MAY_DENY } },
      /kms:Encrypt: /,
      /change the statement "NoLogs" \(Deny, .*clearly excludes/,
    ],
    [
      'a key of another account',
      { keys: { [theirs]: aKey({ arn: theirs, account: OTHER_ACCOUNT }) } },
      /belongs to account 444455556666/,
      /ask its owner to make sure/,
      theirs,
    ],
    [
      'a key that the caller may not describe',
      { failures: { 'kms:DescribeKey': aCloudError('ACCESS_DENIED', 'no DescribeKey') } },
      /could not be read: no DescribeKey/,
      /allow the caller kms:DescribeKey/,
    ],
    [
      'a policy that the caller may not read',
      { failures: { 'kms:GetKeyPolicy': aCloudError('ACCESS_DENIED', 'no GetKeyPolicy') } },
      /could not be read: no GetKeyPolicy/,
      /allow the caller kms:GetKeyPolicy/,
    ],
    [
      'rights that are not known',
      { identity: UNSIMULATED },
      /allow kms:Encrypt, .*: IAM is not available$/,
      /kms:Encrypt/,
    ],
  ])('%s', async (_, world, cause, fix, toKeyArn = KEY) => {
    const { refusal } = await explain(world, aChange({ toKeyArn }));

    expect(refusal.code).toBe('ACCESS_DENIED');
    expect(refusal.message.startsWith(`${WORDS}. A possible cause: `)).toBe(true);
    expect(refusal.message).toMatch(cause);
    expect(refusal.fix).toMatch(fix);
  });

  it('a grant that CloudWatch Logs may use', async () => {
    const operations = ['Encrypt', 'Decrypt', 'ReEncryptFrom', 'ReEncryptTo', 'GenerateDataKey'];
    const grants = { [KEY]: [{ grantee: `logs.${REGION}.amazonaws.com`, operations }] };

    const { refusal } = await explain({ policies: { [KEY]: aLogsPolicy('/other') }, grants });

    expect(refusal.code).toBe('ACCESS_DENIED');
    expect(refusal.message).toMatch(/A possible cause: kms:Encrypt/);
  });

  it('unless another cause is certain', async () => {
    const { refusal } = await explain({
      policies: { [KEY]: MAY_DENY },
      identity: identity('ALLOWED', 'IMPLICIT_DENY', 'ALLOWED', 'ALLOWED', 'ALLOWED', 'ALLOWED'),
    });

    expect(refusal.code).toBe('CALLER_MISSING_RIGHTS');
  });
});

describe('if no cause is found', () => {
  it('the refusal quotes AWS', async () => {
    const { refusal } = await explain();

    expect(refusal).toEqual({
      code: 'ACCESS_DENIED',
      severity: 'HIGH',
      message: WORDS,
      fix: expect.stringContaining('service control policy'),
    });
  });

  it('the fix names every kind of policy that cannot be read', async () => {
    const { refusal } = await explain();

    expect(refusal.fix).toBe(
      'check whether a service control policy, a resource control policy or a VPC endpoint policy denies it, or whether the key policy was changed in the last few minutes',
    );
  });

  it.each([
    ['MESSAGE', 'aws sts decode-authorization-message --encoded-message abc-DEF'],
    ['ID', 'aws iam-toolbox get-request-authorization-details --region eu-west-1 --authorization-id abc-DEF'],
  ] as const)(
    'the fix has the command that asks AWS for the details, if it gave an authorization %s',
    async (kind, command) => {
      const error = new CloudError('ACCESS_DENIED', 'a:Call', WORDS, { authorization: { kind, text: 'abc-DEF' } });

      const { refusal } = await explain({}, aChange(), error);

      expect(refusal).toMatchObject({ code: 'ACCESS_DENIED', message: WORDS });
      expect(refusal.fix).toMatch(/^check whether a service control policy, /);
      expect(refusal.fix.endsWith(`; AWS says which policy it was: ${command}`)).toBe(true);
      expect(refusal[OWN_PART]).toBe('abc-DEF');
      expect(Object.keys(JSON.parse(JSON.stringify(refusal)))).toEqual(['code', 'severity', 'message', 'fix']);
    },
  );

  it('the fix for an invalid request is to plan again', async () => {
    const { refusal } = await explain({}, aChange(), aCloudError('INVALID_REQUEST', 'key is odd'));

    expect(refusal).toEqual({
      code: 'ACCESS_DENIED',
      severity: 'HIGH',
      message: 'key is odd',
      fix: expect.stringContaining('plan again'),
    });
  });

  it('an invalid request is explained in the same way as a denial', async () => {
    const error = aCloudError('INVALID_REQUEST', 'key is odd');

    const { refusal } = await explain({ keys: { [KEY]: aKey({ spec: 'RSA_2048' }) } }, aChange(), error);

    expect(refusal.code).toBe('KEY_NOT_SYMMETRIC');
    expect(refusal.message).toContain('AWS: key is odd');
  });

  it('no call is made if no key was to be attached', async () => {
    const { refusal, log } = await explain(
      { keys: {} },
      aChange({ action: 'UNSEAL', fromKeyArn: KEY, toKeyArn: null }),
    );

    expect(refusal).toMatchObject({ code: 'ACCESS_DENIED', message: WORDS });
    expect(log).toEqual([]);
  });
});

describe('a denial that names the right', () => {
  const lacksEncrypt = (right: Partial<MissingRight> = {}) =>
    aDenial({ action: 'kms:Encrypt', resource: KEY, isExplicitDeny: false, ...right });

  it('is explained by it, without any call', async () => {
    const { refusal, log } = await explain({ keys: {} }, aChange(), lacksEncrypt());

    expect(refusal).toEqual({
      code: 'CALLER_MISSING_RIGHTS',
      severity: 'HIGH',
      message: 'ACCESS_DENIED, in the words of AWS',
      fix: `allow the caller kms:Encrypt: add this statement to a policy of the caller: {"Effect":"Allow","Action":"kms:Encrypt","Resource":"${KEY}"}`,
      missingRight: { action: 'kms:Encrypt', resource: KEY },
    });
    expect(log).toEqual([]);
  });

  it('but no resource is fixed by a statement for any', async () => {
    const { refusal } = await explain({ keys: {} }, aChange(), lacksEncrypt({ resource: null }));

    expect(refusal.fix).toContain('"Resource":"*"');
    expect(refusal).not.toHaveProperty('missingRight');
  });

  it('because of a Deny is not fixed by an Allow', async () => {
    const { refusal } = await explain({}, aChange(), lacksEncrypt({ isExplicitDeny: true }));

    expect(refusal).toMatchObject({
      code: 'CALLER_MISSING_RIGHTS',
      severity: 'HIGH',
      message: 'ACCESS_DENIED, in the words of AWS',
      fix: 'change the Deny that AWS names so that it does not cover the caller: no Allow overrides a Deny',
    });
  });

  it('only in its message names none here: the adapter alone reads the words of AWS', async () => {
    const words = 'User: arn:aws:iam::1:user/x is not authorized to perform: kms:Encrypt on resource: y because no …';

    const { refusal } = await explain({}, aChange(), aCloudError('ACCESS_DENIED', words));

    expect(refusal).toMatchObject({ code: 'ACCESS_DENIED', message: words });
  });

  it('is not looked for if the request itself was invalid', async () => {
    const lacking = identity('ALLOWED', 'EXPLICIT_DENY');

    const { refusal, log } = await explain(
      { identity: lacking },
      aChange(),
      aCloudError('INVALID_REQUEST', 'no class'),
    );

    expect(refusal).toMatchObject({ code: 'ACCESS_DENIED', message: 'no class' });
    expect(log.filter((line) => line.startsWith('iam:'))).toEqual([]);
  });

  it('is not DescribeKey if the key was just described', async () => {
    const { refusal } = await explain({
      identity: identity('EXPLICIT_DENY', ...Array.from({ length: 5 }, () => 'ALLOWED' as const)),
    });

    expect(refusal).toMatchObject({ code: 'ACCESS_DENIED', message: WORDS });
  });
});

describe('many denials', () => {
  const steps = (count: number, toKeyArn = KEY) =>
    Array.from({ length: count }, (_, index) => aChange({ name: `/many/${index}`, toKeyArn }));

  it('check the rights of the caller once for each key, and describe the key each time', async () => {
    const other = aKeyArn('other');
    const { cloud, log } = fakeCloud({ keys: { [KEY]: aKey(), [other]: aKey({ arn: other }) } });
    const explainer = denialExplainer(cloud, RUN);

    await Promise.all(steps(10).map((step) => explainer(step, OPAQUE)));
    for (const step of [...steps(5), ...steps(5, other)]) await explainer(step, OPAQUE);

    const times = (call: string) => log.filter((line) => line.startsWith(call)).length;
    expect(times('iam:SimulatePrincipalPolicy')).toBe(2);
    expect(times(`kms:DescribeKey ${KEY}`)).toBe(15);
    expect(times(`kms:DescribeKey ${other}`)).toBe(5);
  });

  it('see the state of the key at the time of each denial', async () => {
    const { cloud, keys } = fakeCloud({ keys: { [KEY]: aKey() } });
    const explainer = denialExplainer(cloud, RUN);

    const before = await explainer(aChange(), OPAQUE);
    keys.set(KEY, aKey({ state: 'Disabled' }));
    const after = await explainer(aChange(), OPAQUE);

    expect([before.code, after.code]).toEqual(['ACCESS_DENIED', 'KEY_DISABLED']);
  });

  it('are explained for the log group of each', async () => {
    const { cloud } = fakeCloud({ keys: { [KEY]: aKey() }, policies: { [KEY]: aLogsPolicy('/a*') } });
    const explainer = denialExplainer(cloud, RUN);

    expect((await explainer(aChange({ name: '/a1' }), OPAQUE)).code).toBe('ACCESS_DENIED');
    expect((await explainer(aChange({ name: '/b1' }), OPAQUE)).code).toBe('KEY_POLICY_MISSING_ACTIONS');
  });
});

describe('a denial is explained under the rules of the run', () => {
  it('so that a condition on its organization is not named as the reason', async () => {
    const policy = JSON.parse(aLogsPolicy()) as { Statement: [object, object] };
    policy.Statement[1] = {
      ...policy.Statement[1],
      Condition: { StringEquals: { 'aws:SourceOrgID': 'o-a1b2c3d4e5' } },
    };
    const { cloud } = fakeCloud({ keys: { [KEY]: aKey() }, policies: { [KEY]: JSON.stringify(policy) } });
    const rules = rulesAt(NOW, { orgId: 'o-a1b2c3d4e5' });

    const known = await denialExplainer(cloud, { ...RUN, rules })(aChange(), OPAQUE);
    const unknown = await denialExplainer(cloud, RUN)(aChange(), OPAQUE);

    expect(known).toMatchObject({ code: 'ACCESS_DENIED', message: WORDS });
    expect(unknown.message).toContain('--org-id');
  });

  it('at the time of the denial', async () => {
    const policy = JSON.parse(aLogsPolicy()) as { Statement: [object, object] };
    const until = { DateLessThan: { 'aws:CurrentTime': '2026-11-21T12:00:00Z' } };
    policy.Statement[1] = { ...policy.Statement[1], Condition: until };
    const { cloud } = fakeCloud({ keys: { [KEY]: aKey() }, policies: { [KEY]: JSON.stringify(policy) } });
    const run = { ...RUN, clock: () => new Date('2026-11-21T13:00:00Z') };

    expect((await denialExplainer(cloud, RUN)(aChange(), OPAQUE)).code).toBe('ACCESS_DENIED');
    expect((await denialExplainer(cloud, run)(aChange(), OPAQUE)).code).toBe('KEY_POLICY_MISSING_ACTIONS');
  });
});

it('a defect of the program is not swallowed', async () => {
  await expect(explain({ failures: { 'kms:DescribeKey': new TypeError('a defect') } })).rejects.toThrow('a defect');
});
